from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.release.refusal import Code, Refusal
from bot.release.scope import (
    check_pattern,
    common_prefix,
    literal_prefix,
    matches,
    neighbours,
    show_key,
    to_redis_glob,
)


@pytest.mark.parametrize(
    "pattern",
    [
        "anp:page:/products*",
        "anp:fragment:products:*",
        "anp:*",
        "anp:index",
        "anp:page:/products?page=2&sort=a,b~c+d@e%20f",
        "shop:{user1}:*",
        "a.b-*:?:*",
    ],
)
def test_a_pattern_with_a_fixed_prefix_is_allowed(pattern: str) -> None:
    check_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("", "has 0 characters"),
        ("anp:" + "x" * 197, "has 201 characters"),
        ("*", "does not begin with a fixed prefix"),
        ("?*", "does not begin with a fixed prefix"),
        ("anp*", "does not begin with a fixed prefix"),
        ("an:*", "does not begin with a fixed prefix"),
        ("*:products", "does not begin with a fixed prefix"),
        ("anp:**", "holds 2 stars"),
        ("anp:*a*b*c*d*", "holds 5 stars"),
        ("anp:[ab]*", "holds '['"),
        ("anp:\\*", "holds '\\\\'"),
        ("anp: *", "holds ' '"),
        ("anp:\n*", "holds '%0A'"),
        ("anp:é*", "holds 'é'"),
        ("anp:{a*", "has a brace without its partner"),
        ("anp:}a{*", "has a brace without its partner"),
        ("~q:r1:*", "starts with ~q:"),
    ],
)
def test_a_pattern_outside_the_grammar_is_refused_with_what_was_found(
    pattern: str, found: str
) -> None:
    with pytest.raises(Refusal) as refused:
        check_pattern(pattern)
    assert refused.value.code is Code.SCOPE_INVALID
    assert refused.value.failed.endswith(f" {found}.")


def test_the_sentence_says_what_was_expected() -> None:
    with pytest.raises(Refusal) as refused:
        check_pattern("*")
    assert str(refused.value) == (
        "The key pattern '*' does not begin with a fixed prefix. Expected: at least 4 fixed characters that end in "
        "one of `: / . _ -`, such as anp:*. Retry is safe."
    )


@pytest.mark.parametrize(
    ("pattern", "key", "expected"),
    [
        ("anp:page:/products*", b"anp:page:/products", True),
        ("anp:page:/products*", b"anp:page:/products/1\n\xff", True),
        ("anp:page:/products*", b"xanp:page:/products", False),
        ("anp:page:/product?", b"anp:page:/product", False),
        ("anp:page:/product?", b"anp:page:/product\n", True),
        ("anp:page:/product?", b"anp:page:/product\xc3\xa9", False),
        ("anp:a.c", b"anp:abc", False),
        ("anp:*:b", b"anp::b", True),
        ("anp:*:b", b"anp:a:b:b", True),
        ("anp:*:b", b"anp:a:b\n", False),
    ],
)
def test_a_star_is_any_bytes_and_a_question_mark_is_one_byte(
    pattern: str, key: bytes, expected: bool
) -> None:
    assert matches(pattern, key) is expected


def test_neighbours_are_the_routes_that_the_star_takes_as_well() -> None:
    keys = [
        b"anp:/route1",
        b"anp:/route1/a",
        b"anp:/route1?page=2",
        b"anp:/route1.json",
        b"anp:/route10:a",
        b"anp:/route10/b",
        b"anp:/route1-old",
        b"anp:/other1",
    ]
    assert neighbours("anp:/route1*", keys) == ("anp:/route1-old", "anp:/route10")


def test_a_pattern_that_ends_at_a_boundary_has_no_neighbours() -> None:
    assert neighbours("anp:/route1/*", [b"anp:/route1/0", b"anp:/route10/0"]) == ()
    assert neighbours("anp:/route1", [b"anp:/route1"]) == ()


def test_at_most_twenty_neighbours_are_named() -> None:
    assert len(neighbours("anp:r*", [b"anp:r%d" % number for number in range(50)])) == 20


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        (b"anp:a b", "anp:a b"),
        (b"anp:\x00\n", "anp:%00%0A"),
        (b"anp:\xff\x01", "anp:%FF%01"),
        ("anp:é".encode(), "anp:é"),
        ("anp:\u202e".encode(), "anp:%E2%80%AE"),
        (b"anp:%20", "anp:%20"),
    ],
)
def test_a_key_is_shown_with_its_unprintable_bytes_escaped(key: bytes, shown: str) -> None:
    assert show_key(key) == shown


@given(st.binary())
def test_any_key_can_be_shown(key: bytes) -> None:
    assert show_key(key).isprintable()


def test_what_redis_would_read_as_special_is_escaped() -> None:
    assert to_redis_glob("a-b[c]^\\*?") == b"a\\-b\\[c\\]\\^\\\\*?"


def test_prefixes_are_what_stands_before_the_first_wildcard() -> None:
    assert literal_prefix("anp:page:/p*:x?") == "anp:page:/p"
    assert common_prefix(["anp:page:/products*", "anp:fragment:*"]) == "anp:"
    assert common_prefix(["anp:a", "anp:a"]) == "anp:a"
    assert common_prefix(["anp:a", "anp:ab*"]) == "anp:a"
    assert common_prefix([]) == ""
