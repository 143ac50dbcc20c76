"""When a request of a fetch must not be sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.release.cache_indicator import came_from_cache
from bot.steps import Request, Response


def why_not(
    request: Request, answers: Sequence[Response], cookies: Mapping[str, str]
) -> str | None:
    """Return why a request must not be sent: its account has no cookie, or what it waits for did not happen."""
    if request.account is not None and not cookies.get(request.account):
        return f"no cookie is configured for account {request.account}"
    for label, hit, word in (
        (request.only_after_miss, False, "plain cache miss"),
        (request.only_after_hit, True, "cache hit"),
    ):
        if label is not None and not _was(answers, label, hit=hit):
            return f"not sent, because the request {label!r} was no {word}"
    return None


def _was(answers: Sequence[Response], label: str, *, hit: bool) -> bool:
    """Return whether the earlier request came, and its answer says it was a hit, or a miss."""
    earlier = next((answer for answer in answers if answer.request.label == label), None)
    return earlier is not None and earlier.error is None and came_from_cache(earlier.headers) is hit
