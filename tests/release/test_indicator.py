from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.release.cache_headers import Headers
from bot.release.cache_indicator import READERS, cache_indicator, came_from_cache
from bot.release.catalog import Route
from bot.release.own_indicator import OwnIndicator

HITS = {
    "Cache-Status": ['"edge"; hit', '"o"; fwd=miss, "edge"; hit; ttl=30'],
    "CF-Cache-Status": ["HIT", "STALE", "UPDATING", "REVALIDATED"],
    "X-Cache": ["HIT", "HIT from x", "Hit from cloudfront", "TCP_HIT", "TCP_MEM_HIT", "RefreshHit", "MISS, HIT"],
    "X-Cache-Status": ["HIT", "STALE", "UPDATING", "REVALIDATED"],
    "X-Proxy-Cache": ["HIT", "STALE"],
    "X-Drupal-Cache": ["HIT"],
    "X-Drupal-Dynamic-Cache": ["HIT"],
    "X-Varnish": ["123 45"],
    "X-Cache-Hits": ["1", "0, 3"],
    "X-Redis-Cache": ["hit", "HIT"],
    "X-WP-Cache": ["HIT"],
    "X-Litespeed-Cache": ["hit", "hit,litemage"],
    "X-Rack-Cache": ["fresh", "stale, valid, fresh"],
    "Age": ["1", "3600"],
    "Server-Timing": ["cdn-cache; desc=HIT", 'edge; dur=1, cdn-cache; desc="HIT"'],
}  # fmt: skip
MISSES = {
    "Cache-Status": ['"edge"; fwd=uri-miss', '"o"; hit, "edge"; fwd=stale; fwd-status=304'],
    "CF-Cache-Status": ["MISS", "EXPIRED", "BYPASS", "DYNAMIC", "NONE"],
    "X-Cache": ["MISS", "Miss from cloudfront", "Error from cloudfront", "TCP_MISS", "HIT, MISS"],
    "X-Cache-Status": ["MISS", "EXPIRED", "BYPASS"],
    "X-Proxy-Cache": ["MISS"],
    "X-Drupal-Cache": ["MISS"],
    "X-Drupal-Dynamic-Cache": ["UNCACHEABLE", "MISS"],
    "X-Varnish": ["123"],
    "X-Cache-Hits": ["0", "3, 0"],
    "X-Redis-Cache": ["miss"],
    "X-WP-Cache": ["MISS"],
    "X-Litespeed-Cache": ["miss"],
    "X-Rack-Cache": ["miss", "miss, store"],
    "Age": [],
    "Server-Timing": ["cdn-cache; desc=MISS"],
}


@pytest.mark.parametrize(
    ("header", "value", "hit"),
    [
        (header, value, hit)
        for table, hit in ((HITS, True), (MISSES, False))
        for header, values in table.items()
        for value in values
    ],
)
def test_each_vendors_words_are_read(header: str, value: str, hit: bool) -> None:
    found = cache_indicator(((header, value),))
    assert found is not None
    assert (found.header, found.hit) == (header, hit)


def test_the_table_is_whole_and_in_its_order() -> None:
    assert list(HITS) == list(MISSES) == [name for name, _ in READERS]


@given(st.data())
def test_a_clearer_header_decides_whatever_the_vaguer_ones_say(data: st.DataObject) -> None:
    names = list(HITS)
    places = st.sampled_from(range(len(names)))
    first, second = sorted(data.draw(st.lists(places, min_size=2, max_size=2, unique=True)))
    hit = (data.draw(st.booleans()) and bool(HITS[names[first]])) or not MISSES[names[first]]
    clear = data.draw(st.sampled_from((HITS if hit else MISSES)[names[first]]))
    vague = data.draw(st.sampled_from(HITS[names[second]] + MISSES[names[second]]))
    headers: Headers = ((names[second], vague), (names[first], clear))
    found = cache_indicator(headers)
    assert found is not None
    assert (found.header, found.hit) == (names[first], hit)


@given(st.sampled_from(list(HITS)), st.text(max_size=200))
def test_no_value_is_too_strange_to_be_looked_at(header: str, value: str) -> None:
    assert came_from_cache(((header, value),)) in {True, False, None}


@pytest.mark.parametrize(
    ("header", "value", "stale"),
    [
        ("X-Cache-Status", "STALE", True),
        ("X-Cache-Status", "UPDATING", True),
        ("X-Cache-Status", "HIT", False),
        ("CF-Cache-Status", "STALE", True),
        ("Cache-Status", '"edge"; hit; ttl=-3', True),
        ("Cache-Status", '"edge"; hit; ttl=3', False),
        ("Cache-Status", '"edge"; fwd=stale', False),
    ],
)
def test_a_copy_past_its_time_is_told_apart(header: str, value: str, stale: bool) -> None:
    found = cache_indicator(((header, value),))
    assert found is not None
    assert found.stale is stale


@pytest.mark.parametrize(
    ("value", "hit"), [("HIT", True), ("hit", True), ("MISS", False), ("not a HIT", None)]
)
def test_a_routes_own_header_comes_first_and_a_value_it_cannot_read_leaves_it_to_the_others(
    value: str, hit: bool | None
) -> None:
    own = OwnIndicator(header="X-My-Cache", hit="^HIT", miss="^MISS")
    assert came_from_cache((("X-My-Cache", value),), own) is hit
    others: Headers = (("X-My-Cache", value), ("X-Cache", "MISS"))
    assert came_from_cache(others, own) is (False if hit is None else hit)


@pytest.mark.parametrize(
    "wrong",
    [
        {"header": "X My", "hit": "h", "miss": "m"},
        {"header": "X-My", "hit": "(", "miss": "m"},
        {"header": "X-My", "hit": "", "miss": "m"},
        {"header": "X-My", "hit": "h"},
    ],
)
def test_an_indicator_that_cannot_work_is_refused_with_the_catalog(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="indicator"):
        Route.model_validate({"keys": ("anp:page:/a*",), "paths": ("/a",), "indicator": wrong})
