from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.release.cache_headers import Headers, shared_seconds
from bot.release.cache_indicator import came_from_cache
from bot.release.header_changes import changed_since
from bot.release.header_finding import Severity
from bot.release.header_rules import Answer, findings
from bot.release.sight import sight_of
from tests.steps.answers import AT, PRIVATE

HOUR = "Sun, 01 Mar 2026 15:00:00 GMT"
NAMES = (
    "Cache-Control", "CDN-Cache-Control", "Surrogate-Control", "Vary", "Age", "ETag", "Expires", "Date",
    "Set-Cookie", "Cache-Status", "X-Cache", "Server-Timing", "X-Varnish",
)  # fmt: skip
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


@pytest.mark.parametrize(
    ("headers", "told", "rules"),
    [
        (cc("public, max-age=60"), {"personalised": True}, ["H3"]),
        (cc("public, max-age=60", ("Vary", "Cookie")), {"personalised": True}, []),
        (cc("public, max-age=60"), {"personalised": True, "bypassed": True}, []),
        (cc("private"), {"personalised": True}, []),
        (cc("no-store", ("CDN-Cache-Control", "max-age=600")), {}, ["H5"]),
        (cc("private", ("Surrogate-Control", "max-age=600")), {}, ["H5"]),
        (cc("no-store", ("Cloudflare-CDN-Cache-Control", "max-age=600")), {}, ["H5"]),
        (cc("no-store", ("CDN-Cache-Control", "no-store")), {}, []),
        (cc("no-store", ("CDN-Cache-Control", "max-age=600 2")), {}, ["H4"]),
        ((), {"expected": True}, ["H7"]),
        ((), {"expected": True, "status": 404}, ["H7"]),
        ((), {"expected": True, "status": 302}, []),
        ((), {}, []),
        (cc("public"), {"expected": True}, ["H7"]),
        (cc("no-cache"), {"expected": True}, []),
        (cc("max-age=0"), {"expected": True}, []),
        ((("Expires", LATER),), {"expected": True}, []),
    ],
)
def test_what_an_anonymous_answer_says_is_judged(
    headers: Headers, told: dict[str, Any], rules: list[str]
) -> None:
    answer = Answer(headers=headers, at=AT, personal=False, from_cache=False, **told)
    assert [(one.rule, one.severity) for one in findings(answer)] == [
        (rule, Severity.WARN) for rule in rules
    ]


def test_what_only_caches_may_keep_stops_the_release_when_it_is_personal() -> None:
    headers = cc("no-store", ("CDN-Cache-Control", "max-age=600"))
    answer = Answer(headers=headers, at=AT, personal=True, from_cache=False)
    assert {(one.rule, one.severity) for one in findings(answer)} == {
        ("H1", Severity.STOP),
        ("H5", Severity.STOP),
    }


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (cc("max-age=60, s-maxage=600", ("CDN-Cache-Control", "max-age=6")), 6),
        (cc("max-age=60, s-maxage=600"), 600),
        (cc("max-age=60", ("Expires", LATER), ("Date", HOUR)), 60),
        (cc("public", ("Expires", LATER), ("Date", HOUR)), 60),
        (cc("max-age=60", ("CDN-Cache-Control", "max-age=1 2")), 60),
        (
            cc("", ("Surrogate-Control", "max-age=9"), ("Vercel-CDN-Cache-Control", "max-age=7")),
            7,
        ),
        (cc("public"), None),
    ],
)
def test_the_time_to_keep_a_page_is_that_of_the_narrowest_field(
    headers: Headers, seconds: int | None
) -> None:
    assert shared_seconds(headers, AT) == seconds


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.text(max_size=60)), max_size=6))
def test_no_headers_are_too_strange_to_be_judged(headers: list[tuple[str, str]]) -> None:
    told = {"personalised": True, "expected": True}
    for personal in (True, False):
        answer = Answer(headers=tuple(headers), at=AT, personal=personal, from_cache=True, **told)
        assert all(one.text and one.rule.startswith("H") for one in findings(answer))
    sight_of(200, tuple(headers), at=AT)


@given(st.permutations([60, 600, 5, 3600]))
def test_the_smallest_of_a_directives_values_counts_in_any_order(values: list[int]) -> None:
    split = tuple(("Cache-Control", f"max-age={value}") for value in values)
    assert shared_seconds(split, AT) == 5
    assert found(split) == ["H4"]


KEPT = sight_of(200, cc("public, s-maxage=60", ("ETag", '"1"'), ("X-Cache", "HIT")), at=AT)


@pytest.mark.parametrize(
    ("after", "found_so"),
    [
        (cc("public, s-maxage=60", ("ETag", '"2"'), ("X-Cache", "MISS")), []),
        (
            cc("public, s-maxage=60", ("ETag", 'W/"2"'), ("X-Cache", "MISS")),
            ["warn the kind of ETag changed: strong -> weak"],
        ),
        (
            cc("public, s-maxage=9", ("ETag", '"1"'), ("X-Cache", "HIT")),
            ["warn s-maxage changed: 60 -> 9"],
        ),
        (
            cc("public, s-maxage=60, stale-while-revalidate=5, stale-if-error=7", ("ETag", '"1"'), ("X-Cache", "HIT")),
            ["warn stale-while-revalidate changed: none -> 5", "warn stale-if-error changed: none -> 7"],
        ),
        (
            (
                *cc("public, s-maxage=60", ("ETag", '"1"'), ("X-Redis-Cache", "HIT")),
                *(("Vary", "Cookie"), ("Content-Encoding", "gzip")),
            ),
            [
                "warn Vary changed: none -> cookie",
                "warn Content-Encoding changed: none -> gzip",
                "warn the header that tells hit from miss changed: X-Cache -> X-Redis-Cache",
            ],
        ),
        (
            cc("no-store", ("ETag", '"1"'), ("X-Cache", "HIT")),
            [
                "stop a shared cache may keep it no more (public, s-maxage=60 -> no-store)",
                "warn s-maxage changed: 60 -> none",
            ],
        ),
    ],
)  # fmt: skip
def test_h6_names_each_change_with_both_values(after: Headers, found_so: list[str]) -> None:
    changes = changed_since(KEPT, sight_of(200, after, at=AT))
    assert [f"{one.severity} {one.text}" for one in changes] == found_so
