"""Each value has exactly one JSON text."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta, timezone
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.effects.ledger.canonical import canonical, entry_hash, moment
from bot.release.records import Outcome
from tests.ledger_values import NOON

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(VALUES)
def test_reading_the_text_and_writing_it_again_gives_the_same_text(value: object) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


@given(VALUES)
def test_the_text_is_ascii_without_a_blank_outside_of_words(value: object) -> None:
    text = canonical(value)
    assert text.isascii()
    assert text == json.dumps(json.loads(text), separators=(",", ":"), sort_keys=True)


@given(st.dictionaries(st.text(), LEAVES))
def test_the_order_in_which_keys_were_written_does_not_matter(value: dict[str, object]) -> None:
    backwards = dict(reversed(value.items()))
    assert canonical(backwards) == canonical(value) == canonical(MappingProxyType(value))


@given(VALUES, VALUES)
def test_two_texts_are_equal_only_for_equal_values(one: object, other: object) -> None:
    if canonical(one) == canonical(other):
        assert one == other


def test_values_of_the_program_are_written_as_what_they_mean() -> None:
    two_hours_east = timezone(timedelta(hours=2))
    value = {
        "outcome": Outcome.PASS,
        "rows": (1, 2),
        "at": datetime(2026, 5, 4, 14, 0, tzinfo=two_hours_east),
        "names": frozenset({"b", "a"}),
    }
    assert canonical(value) == (
        '{"at":"2026-05-04T12:00:00.000000+00:00","names":["a","b"],"outcome":"pass","rows":[1,2]}'
    )


@pytest.mark.parametrize("value", [math.nan, math.inf, [-math.inf], {"a": {"b": math.nan}}])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical(value)


@pytest.mark.parametrize("value", [{1: "a"}, {None: "a"}, b"bytes", {"a": object()}])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match=r"^(a JSON key is text|JSON cannot hold)"):
        canonical(value)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="a time needs its zone"):
        moment(datetime(2026, 5, 4))  # noqa: DTZ001 - the mistake this test is about


def test_the_hash_of_an_entry_is_what_it_was_when_the_chain_began() -> None:
    assert (
        entry_hash(seq=1, at=NOON, actor="U1", act="start", release_id=1, body="{}", prev="0" * 64)
        == "f357c4af3a725829bf2b17caa082f912049c754a981b219cc322fcdf71812fa9"
    )


def test_the_hash_of_an_entry_depends_on_each_of_its_parts() -> None:
    entry = {
        "seq": 1,
        "at": NOON,
        "actor": "U1",
        "act": "start",
        "release_id": 1,
        "body": "{}",
        "prev": "0" * 64,
    }
    other = {
        "seq": 2,
        "at": NOON + timedelta(microseconds=1),
        "actor": "U2",
        "act": "stop",
        "release_id": None,
        "body": "{ }",
        "prev": "1" * 64,
    }
    hashes = {entry_hash(**(entry | {name: other[name]})) for name in entry}  # type: ignore[arg-type]
    hashes.add(entry_hash(**entry))  # type: ignore[arg-type]
    assert len(hashes) == 8
