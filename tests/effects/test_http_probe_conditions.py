from __future__ import annotations

from typing import Any

from bot.effects.http.holding_back import conditional, why_not
from bot.steps import Request, Response

HIT, MISS = (("X-Cache", "HIT"),), (("X-Cache", "MISS"),)


def answer(label: str, headers: tuple[tuple[str, str], ...], path: str = "/a") -> Response:
    plain: dict[str, Any] = {"status": 200, "body": "", "at": 0.0, "seconds": 0.0}
    request = Request(path=path, label=label)
    return Response(request=request, headers=headers, first_byte=0.0, **plain)


def test_a_page_is_asked_for_more_often_only_where_a_miss_followed_a_hit() -> None:
    more = Request(path="/a", label="6", only_where_mixed=True)
    filled = [answer("1", MISS), answer("2", HIT), answer("3", HIT)]
    elsewhere = answer("4", MISS, path="/b")
    told = "not sent, because one cache gave all answers"
    assert why_not(more, filled, {}) == told
    assert why_not(more, [*filled, elsewhere], {}) == told
    assert why_not(more, [*filled, answer("4", MISS)], {}) is None


def test_a_page_is_revalidated_with_the_etag_that_was_seen_and_not_without_one() -> None:
    same = Request(path="/a", label="same", revalidates="2")
    tagged = [answer("1", HIT), answer("2", (*HIT, ("ETag", 'W/"7"')))]
    assert conditional(same, tagged) == (("If-None-Match", 'W/"7"'),)
    assert why_not(same, tagged, {}) is None
    assert conditional(same, tagged[:1]) == ()
    assert why_not(same, tagged[:1], {}) == "not sent, because there is no ETag to send"
    assert conditional(Request(path="/a"), tagged) == ()
