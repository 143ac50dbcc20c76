"""Which messages are due, as a table: without a database."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.effects.ledger.due import Place, Waiting, choose_due, place_of
from tests.ledger_values import NOON, later


def waiting(
    card: str,
    *,
    asked: float = 0,
    free: datetime | None = None,
    dead: bool = False,
    posted: bool = False,
) -> Waiting:
    place = place_of(card)
    return Waiting(
        card=card,
        release_id=place.release_id,
        position=place.position,
        asked_at=later(asked),
        free_at=free,
        dead=dead,
        posted=posted,
    )


@pytest.mark.parametrize(
    ("card", "release_id", "position"),
    [
        ("root:42", 42, 0),
        ("step:42:3", 42, 3),
        ("rollback:42", 42, 1000),
        ("end:42", 42, 1001),
        ("action:purge:42:3", None, 0),
        ("home:U01OWNER", None, 0),
        ("step:42", None, 0),
        ("root:x", None, 0),
    ],
)
def test_a_card_says_where_it_stands(card: str, release_id: int | None, position: int) -> None:
    assert place_of(card) == Place(release_id=release_id, position=position)


def test_the_oldest_thread_goes_first_and_the_limit_cuts_the_rest() -> None:
    rows = [waiting("step:2:1", asked=1), waiting("step:1:1", asked=5), waiting("root:1", asked=0)]
    both = frozenset({1, 2})
    assert choose_due(rows, both, NOON, 9) == ("root:1", "step:1:1", "step:2:1")
    assert choose_due(rows, both, NOON, 2) == ("root:1", "step:1:1")
    assert choose_due(rows, frozenset({2}), NOON, 9) == ("root:1", "step:2:1")


def test_a_card_that_was_given_up_holds_nothing_back() -> None:
    rows = [waiting("step:1:1", dead=True), waiting("step:1:2")]
    assert choose_due(rows, frozenset({1}), NOON, 9) == ("step:1:2",)


def test_an_unposted_card_waits_for_an_unposted_one_but_a_posted_card_does_not() -> None:
    rows = [
        waiting("step:1:1", free=later(1)),
        waiting("step:1:2"),
        waiting("step:1:3", posted=True),
    ]
    assert choose_due(rows, frozenset({1}), NOON, 9) == ("step:1:3",)
    assert choose_due(rows, frozenset({1}), later(1), 9) == ("step:1:1", "step:1:2", "step:1:3")


def test_nothing_waits_for_nothing() -> None:
    assert choose_due([], frozenset(), NOON, 9) == ()
