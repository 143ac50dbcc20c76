"""What the lines of the log are about: the work and the release that this thread is busy with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ABOUT: ContextVar[tuple[str | None, int | None]] = ContextVar("about", default=(None, None))


@contextmanager
def about(*, action: str | None = None, release: int | None = None) -> Iterator[None]:
    """Let every line that is logged meanwhile name the action's key and the release; what is None stays as it was."""
    before = _ABOUT.get()
    mark = _ABOUT.set((action or before[0], before[1] if release is None else release))
    try:
        yield
    finally:
        _ABOUT.reset(mark)


def logged_about() -> dict[str, str]:
    """Return what a line of the log says of its subject: `action` and `release` where they are known."""
    action, release = _ABOUT.get()
    named = {"action": action, "release": None if release is None else f"R-{release}"}
    return {name: value for name, value in named.items() if value is not None}
