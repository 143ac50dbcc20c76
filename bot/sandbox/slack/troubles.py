"""What calls meet on a bad day, as a test asks for it or at random."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from starlette.responses import JSONResponse, Response


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What the next `times` calls of a method meet, for tests of a bad day.

    `delay` (seconds) comes first. Then an `error` code, or a bare HTTP `status` with
    `retry_after` seconds if given; with neither the call goes on. `after` lets the call take
    effect before it waits and fails, as when an answer is lost.
    """

    error: str | None = None
    status: int | None = None
    times: int = 1
    delay: float = 0.0
    retry_after: int | None = None
    after: bool = False


@dataclass(eq=False, kw_only=True)
class Troubles:
    """The troubles that wait, by method, first come first served; then what `otherwise` finds."""

    waiting: dict[str, list[Trouble]] = field(default_factory=dict)
    otherwise: Callable[[str], Trouble | None] = lambda _: None

    def add(self, method: str, trouble: Trouble) -> None:
        """Let calls of a method meet this trouble."""
        self.waiting.setdefault(method, []).append(trouble)

    def take(self, method: str) -> Trouble | None:
        """Return the trouble that this call meets, or None."""
        ahead = self.waiting.get(method) or []
        if not ahead:
            return self.otherwise(method)
        first = ahead.pop(0)
        if first.times > 1:
            ahead.insert(0, replace(first, times=first.times - 1))
        return first


def failure(trouble: Trouble) -> Response | None:
    """Return the response with which a trouble answers, None when it only delays."""
    if trouble.error is not None:
        return JSONResponse({"ok": False, "error": trouble.error})
    if trouble.status is None:
        return None
    headers = {} if trouble.retry_after is None else {"Retry-After": str(trouble.retry_after)}
    return Response("sandbox trouble", status_code=trouble.status, headers=headers)
