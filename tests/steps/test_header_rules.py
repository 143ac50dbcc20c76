from __future__ import annotations

import pytest

from bot.release.cache_headers import Headers, shared_seconds
from bot.release.cache_indicator import came_from_cache
from bot.release.header_rules import Answer, findings
from tests.steps.answers import AT, PRIVATE

HOUR = "Sun, 01 Mar 2026 15:00:00 GMT"
LATER = "Sun, 01 Mar 2026 15:01:00 GMT"


def cc(value: str, *more: tuple[str, str]) -> Headers:
    return (("Cache-Control", value), *more)


def found(
    headers: Headers, *, personal: bool = False, from_cache: bool | None = False
) -> list[str]:
    answer = Answer(headers=headers, at=AT, personal=personal, from_cache=from_cache)
    return [finding.rule for finding in findings(answer)]


@pytest.mark.parametrize(
    ("headers", "rules"),
    [
        (cc("public, max-age=60"), ["H1"]),
        (cc("s-maxage=60, max-age=0"), ["H1"]),
        (cc("s-maxage=0, max-age=60"), []),
        (cc("public"), []),
        (cc("private, max-age=60"), []),
        (cc('private="X-User", max-age=60'), ["H1"]),
        (cc("no-store"), []),
        (cc("max-age=60", ("Vary", "Accept-Encoding, Cookie")), []),
        (cc("max-age=60", ("Vary", "Authorization")), []),
        (cc("max-age=60", ("Vary", "Accept-Encoding")), ["H1"]),
        (cc("no-store", ("CDN-Cache-Control", "max-age=600")), ["H1", "H5"]),
        (cc("max-age=60", ("CDN-Cache-Control", "no-store")), []),
        ((("Expires", LATER), ("Date", HOUR)), ["H1"]),
        ((("Expires", HOUR), ("Date", LATER)), []),
        ((("Expires", "0"),), []),
        ((), []),
    ],
)
def test_h1_finds_a_signed_in_answer_that_is_kept_for_everybody(
    headers: Headers, rules: list[str]
) -> None:
    assert found(headers, personal=True) == rules
    assert "H1" not in found(headers, personal=False)


@pytest.mark.parametrize(
    ("headers", "from_cache", "rules"),
    [
        (cc("public, max-age=60", ("Set-Cookie", "s=1")), False, ["H2"]),
        (cc("no-store", ("Set-Cookie", "s=1")), False, []),
        (cc("no-store", ("Set-Cookie", "s=1")), True, ["H2"]),
        (cc("public, max-age=60"), True, []),
    ],
)
def test_h2_finds_a_cookie_that_a_cache_gives_away(
    headers: Headers, from_cache: bool, rules: list[str]
) -> None:
    assert found(headers, from_cache=from_cache) == rules


@pytest.mark.parametrize(
    ("headers", "count"),
    [
        (cc("public, private"), 1),
        (cc("no-store, max-age=60"), 1),
        (cc("no-store, max-age=0"), 0),
        (cc("max-age=60, max-age=600"), 1),
        (cc("max-age=60", ("Cache-Control", "max-age=600")), 1),
        (cc("max-age=60, max-age=60"), 0),
        (cc("maxage=60; public"), 1),
        (cc("max-age=soon"), 1),
        (cc("private", ("CDN-Cache-Control", "max-age=1 2")), 1),
        (cc("private", ("Age", "-5")), 1),
        (cc("private", ("Age", "garbage")), 1),
        (cc("private", ("Age", "5"), ("Age", "9")), 1),
        (cc('Private, No-Store, x="a, b"', ("Age", "5")), 0),
    ],
)
def test_h4_finds_words_that_caches_read_differently(headers: Headers, count: int) -> None:
    assert found(headers) == ["H4"] * count


def test_of_a_doubled_directive_the_smaller_counts() -> None:
    assert shared_seconds(cc("max-age=600, max-age=60"), AT) == 60


@pytest.mark.parametrize(
    ("headers", "hit"),
    [
        ((("Cache-Status", '"origin"; fwd=miss, "edge"; hit; ttl=30'),), True),
        ((("Cache-Status", '"origin"; hit, "edge"; fwd=uri-miss'),), False),
        ((("Cache-Status", "HIT from x"), ("X-Cache", "MISS")), False),
        ((("X-Cache", "MISS, HIT"),), True),
        ((("X-Cache", "HIT"), ("X-Cache", "MISS")), False),
        ((("X-Cache", "Hit from cloudfront"),), True),
        ((("CF-Cache-Status", "DYNAMIC"),), False),
        ((("X-Varnish", "123 45"),), True),
        ((("X-Varnish", "123"),), False),
        ((("X-Cache-Hits", "0, 3"),), True),
        ((("Server-Timing", "cdn-cache; desc=HIT"),), True),
        ((("Server-Timing", "db;dur=3"),), None),
        ((("Age", "3"),), True),
        ((("Age", "0"),), None),
        ((("X-Cache", "whatever"),), None),
        ((), None),
    ],
)
def test_an_indicator_is_read_for_the_cache_nearest_the_visitor(
    headers: Headers, hit: bool | None
) -> None:
    assert came_from_cache(headers) is hit


def test_a_signed_in_answer_that_is_private_is_fine() -> None:
    assert found(PRIVATE, personal=True) == []
