"""A web that answers from memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.effects.http.holding_back import why_not
from bot.steps import Fetch, Fetched, Request, Response
from tests.steps.answers import AT, Answer, carried_out, held_back

FIRST_LOOKS = frozenset({"1", "identity 1"})


class FakeProbe:
    """Answers every GET as a cache that hits, unless the test says otherwise: by a status, or by an `answer`.

    A purge empties it: the first look at a page after the look before it is a miss, unless the page is `kept`.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.releases: set[str | None] = set()
        self.status = 200
        self.answer: Answer | None = None
        self.kept: set[str] = set()
        self._now = AT
        self._made: dict[str, float] = {}
        self._seen_before: set[str] = set()

    def fetch(
        self,
        wish: Fetch,
        *,
        base_url: str,
        allow_private: bool,
        cookies: Mapping[str, str],
        on_progress: Callable[[int, int], None] | None = None,
        release: str | None = None,
    ) -> Fetched:
        """Answer each request with a shared, cached page in 10 ms, each a second after the last or on schedule."""
        self.releases.add(release)
        if self.answer is not None:
            self.asked += [request.path for request in wish.requests]
            return carried_out((wish,), self.answer)[0]
        responses: list[Response] = []
        for number, request in enumerate(wish.requests):
            problem = why_not(request, responses, dict.fromkeys(cookies, "session=x"))
            responses.append(self._answered(wish, request, problem))
            if on_progress is not None:
                on_progress(number + 1, len(wish.requests))
        return Fetched(responses=tuple(responses))

    def _answered(self, wish: Fetch, request: Request, problem: str | None) -> Response:
        at = self._now
        self._now += wish.every or 1.0
        said: dict[str, Any] = {
            "status": self.status,
            "body": "a page" if wish.keep_body else "",
            "sent": True,
        }
        if problem is not None:
            said = held_back(problem)
        else:
            self.asked.append(request.path)
            said["headers"] = self._headers(request, at)
        plain: dict[str, Any] = {"at": at, "seconds": 0.010, "first_byte": 0.008}
        return Response(request=request, **(plain | said))

    def _headers(self, request: Request, at: float) -> tuple[tuple[str, str], ...]:
        hit = True
        if request.label.startswith("before"):
            self._seen_before.add(request.path)
        elif request.label in FIRST_LOOKS and request.path in self._seen_before - self.kept:
            self._seen_before.discard(request.path)
            hit, self._made[request.path] = False, at
        made = self._made.setdefault(request.path, at - 100)
        return (
            ("Cache-Control", "public, max-age=600"),
            ("X-Cache", "HIT" if hit else "MISS"),
            ("Age", str(int(at - made))),
        )
