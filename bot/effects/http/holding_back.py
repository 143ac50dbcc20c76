"""When a request of a fetch must not be sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.release.cache_headers import Headers, values_of
from bot.release.cache_indicator import came_from_cache
from bot.release.header_changes import is_mixed
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
    if request.only_where_mixed and not is_mixed(_hits(answers, request.path)):
        return "not sent, because one cache gave all answers"
    if request.revalidates is not None and not conditional(request, answers):
        return "not sent, because there is no ETag to send"
    return None


def conditional(request: Request, answers: Sequence[Response]) -> Headers:
    """Return If-None-Match with the ETag of the answer that a request names (RFC 9110, 13.1.2); empty without one."""
    earlier = next((one for one in answers if one.request.label == request.revalidates), None)
    tags = () if earlier is None else values_of(earlier.headers, "etag")
    return tuple(("If-None-Match", tag) for tag in tags[:1])


def _hits(answers: Sequence[Response], path: str) -> list[bool | None]:
    mine = (one for one in answers if one.request.path == path and one.error is None)
    return [came_from_cache(one.headers, one.request.indicator) for one in mine]


def _was(answers: Sequence[Response], label: str, *, hit: bool) -> bool:
    """Return whether the earlier request came, and its answer says it was a hit, or a miss."""
    earlier = next((answer for answer in answers if answer.request.label == label), None)
    if earlier is None or earlier.error is not None:
        return False
    return came_from_cache(earlier.headers, earlier.request.indicator) is hit
