"""Which keys go first: a wave is a share of the keys, and always the same share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.release.waves import PARTS, WHOLE, Wave, part_of, waves_of


@given(st.binary(max_size=40), st.lists(st.integers(1, 99), max_size=4, unique=True))
def test_every_key_goes_in_exactly_one_wave(key: bytes, percents: list[int]) -> None:
    waves = waves_of([*sorted(percents), 100])
    assert [wave.holds(key) for wave in waves].count(True) == 1
    assert WHOLE.holds(key)


def test_waves_reach_their_shares() -> None:
    assert waves_of((1, 10, 100)) == (
        Wave(first=0, last=100),
        Wave(first=100, last=1_000),
        Wave(first=1_000, last=PARTS),
    )
    assert waves_of((100,)) == (WHOLE,)


@pytest.mark.parametrize(("key", "part"), [(b"", 0), (b"anp:page:/products/1", 4616)])
def test_a_keys_part_never_changes(key: bytes, part: int) -> None:
    assert part_of(key) == part
