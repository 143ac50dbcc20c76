"""What a pace may ask of a server, and the ceiling above every pace."""

from __future__ import annotations

import pytest

from bot.release.pace import TEMPO, UNLIMITED, Pace, Tempo


@pytest.mark.parametrize("pace", list(Pace))
def test_without_a_ceiling_a_pace_stays_as_it_is(pace: Pace) -> None:
    assert TEMPO[pace].within(UNLIMITED) == TEMPO[pace]


@pytest.mark.parametrize(
    ("most", "found"),
    [
        (Tempo(budget_us=100, duty=1.0), Tempo(budget_us=100, duty=0.5, keys_per_s=10_000)),
        (Tempo(budget_us=900, duty=0.2), Tempo(budget_us=300, duty=0.2, keys_per_s=10_000)),
        (
            Tempo(budget_us=900, duty=1.0, keys_per_s=500),
            Tempo(budget_us=300, duty=0.5, keys_per_s=500),
        ),
    ],
)
def test_the_gentler_of_pace_and_ceiling_counts(most: Tempo, found: Tempo) -> None:
    assert TEMPO[Pace.GENTLE].within(most) == found


def test_a_ceiling_of_keys_holds_where_the_pace_has_none() -> None:
    most = Tempo(budget_us=900, duty=1.0, keys_per_s=500)
    assert TEMPO[Pace.FAST].within(most).keys_per_s == 500
