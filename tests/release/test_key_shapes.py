"""A key's name gives away its part of the app, and whether it is no cache."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.release.key_shapes import alike, may_overlap, parts_of
from bot.release.scope import matches

UUID = b"0aa4c2de-11c2-4cde-8eef-0123456789ab"


@pytest.mark.parametrize(
    ("key", "part"),
    [
        (b"anp:page:/products/12?a=1", b"page"),
        (b"anp:user-12:cart", b"user-#"),
        (b"anp:" + UUID + b":x", b"#"),
        (b"anp:v2:x", b"v2"),
        (b"anp:deadbeef01", b"#"),
        (b"anp::x", b":x"),
        (b"anp:", b""),
        (b"anp:\x00x", b""),
        (b"anp:" + b"w" * 100, b"w" * 60),
    ],
)
def test_keys_that_differ_in_an_id_have_one_part(key: bytes, part: bytes) -> None:
    assert parts_of(4, [key, b"anp:other"]) == [part, b"other"]


@given(tails=st.lists(st.binary(max_size=30)))
def test_each_key_has_one_part(tails: list[bytes]) -> None:
    assert len(parts_of(4, [b"anp:" + tail for tail in tails])) == len(tails)


@pytest.mark.parametrize(
    ("key", "prefix"),
    [
        (b"anp:session:a1", b"anp:session"),
        (b"anp:Sess:a1", b"anp:Sess"),
        (b"anp:user:12:lock", b"anp:user:#:lock"),
        (b"lock_anp", b"lock"),
        (b"anp:rate-limit:1.2.3.4", b"anp:rate-limit"),
        (b"anp:rate_limiter:x", b"anp:rate_limiter"),
        (b"bull:mail:12", b"bull"),
        (b"celery", b"celery"),
        (b"anp:{queues}:a", b"anp:{queues"),
        (b"anp:redlock:x", b"anp:redlock"),
    ],
)
def test_a_key_that_is_no_cache_is_known_by_its_prefix(key: bytes, prefix: bytes) -> None:
    assert alike([b"anp:page:/x", key]) == [prefix]


@pytest.mark.parametrize(
    "key",
    [b"anp:page:/blockquote", b"anp:possession:1", b"anp:jobless", b"anp:page:/lock-and-key", b""],
)
def test_a_word_inside_another_word_says_nothing(key: bytes) -> None:
    assert alike([key]) == []


@given(
    one=st.text("ab*?", max_size=5).map("anp:".__add__),
    other=st.text("ab*?", max_size=5).map("anp:".__add__),
    tail=st.text("ab", max_size=6),
)
def test_patterns_that_share_a_key_may_overlap(one: str, other: str, tail: str) -> None:
    key = f"anp:{tail}".encode()
    if matches(one, key) and matches(other, key):
        assert may_overlap(one, other)


def test_patterns_that_begin_otherwise_do_not_overlap() -> None:
    assert not may_overlap("anp:page:/cart*", "anp:page:/products*")
    assert may_overlap("anp:page:*", "anp:page:/products*")
