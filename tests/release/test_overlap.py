"""Two patterns overlap where some key matches both, as brute force over all short keys says."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.release.overlap import common_key, overlap
from bot.release.scope import MAX_LENGTH, check_pattern, matches

ALPHABET = "abx"
LONGEST = 5


def brute_force(one: str, other: str) -> str | None:
    """Return a shortest key that both match, by trying all of them."""
    for length in range(LONGEST + 1):
        for letters in product(ALPHABET, repeat=length):
            key = "".join(letters)
            if matches(one, key.encode()) and matches(other, key.encode()):
                return key
    return None


PATTERNS = st.text(alphabet="ab*?", max_size=4)


@settings(max_examples=600, deadline=None)
@given(one=PATTERNS, other=PATTERNS)
def test_two_short_patterns_overlap_exactly_where_brute_force_finds_a_key(
    one: str, other: str
) -> None:
    # Where two patterns have a key in common they have one no longer than both together; four and four with
    # stars that stand for nothing fit into five, or brute force finds none at all.
    found, tried = common_key(one, other), brute_force(one, other)
    if found is None:
        assert tried is None
        return
    assert matches(one, found.encode())
    assert matches(other, found.encode())
    assert tried is None or len(found) == len(tried)
    assert len(found) > LONGEST or tried is not None


@settings(max_examples=300, deadline=None)
@given(
    one=st.text(alphabet="anp:/-0*?", max_size=12),
    other=st.text(alphabet="anp:/-0*?", max_size=12),
)
def test_overlap_is_the_same_from_both_sides(one: str, other: str) -> None:
    found, back = common_key(one, other), common_key(other, one)
    assert (found is None) == (back is None)
    if found is not None and back is not None:
        assert len(found) == len(back)
        assert all(matches(pattern, found.encode()) for pattern in (one, other))


@settings(max_examples=300, deadline=None)
@given(key=st.text(alphabet="anp:/", min_size=1, max_size=8), data=st.data())
def test_two_patterns_made_from_one_key_always_overlap(key: str, data: st.DataObject) -> None:
    def blurred() -> str:
        return "".join(data.draw(st.sampled_from([char, "?", "*"])) for char in key)

    assert common_key(blurred(), blurred()) is not None


@pytest.mark.parametrize(
    ("one", "other", "key"),
    [
        ("anp:page:/products*", "anp:page:/products*", "anp:page:/products"),
        ("anp:page:/products*", "anp:page:/prod*", "anp:page:/products"),
        ("anp:page:/route1*", "anp:page:/route10*", "anp:page:/route10"),
        ("anp:page:/route1/*", "anp:page:/route10*", None),
        ("anp:page:*", "anp:fragment:*", None),
        ("anp:*:en", "anp:de:*", "anp:de:en"),
        ("anp:*b", "anp:a*", "anp:ab"),
        ("anp:?", "anp:", None),
        ("anp:?", "anp:*", "anp:x"),
        ("anp:*a", "anp:*b", None),
        ("anp:{user1}*", "anp:{user?}:x", "anp:{user1}:x"),
        ("shop:generation", "shop:generation", "shop:generation"),
    ],
)
def test_whether_two_patterns_share_a_key(one: str, other: str, key: str | None) -> None:
    assert common_key(one, other) == key


def test_the_longest_patterns_of_the_grammar_are_settled_too() -> None:
    tail = "a" * 60
    one = f"anp:{tail}*{tail}*{tail}*"
    other = f"anp:*{tail}*{tail}?*b"
    for pattern in (one, other):
        check_pattern(pattern)
        assert len(pattern) <= MAX_LENGTH
    key = common_key(one, other)
    assert key is not None
    assert matches(one, key.encode())
    assert matches(other, key.encode())


def test_two_scopes_name_the_patterns_and_a_key() -> None:
    ours, theirs = ("anp:cart:*", "anp:page:/p*"), ("anp:tax:*", "anp:page:/products")
    assert overlap(ours, theirs) == ("anp:page:/p*", "anp:page:/products", "anp:page:/products")
    assert overlap(("anp:cart:*",), theirs) is None
    assert overlap((), theirs) is None
