from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.release.drilling import budget_words, drill_result, monthly_key, rollback_s, timed_keys

NUMBERS = {"keys": 200, "seconds": 0.94, "walk_s": 0.5, "restore_s": 0.005, "verify_s": 0.005}


def test_a_rollback_takes_the_walk_once_and_the_rest_for_each_key() -> None:
    assert rollback_s(NUMBERS, 200) == pytest.approx(0.51)
    assert rollback_s(NUMBERS, 81_000) == pytest.approx(4.55)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (1, "a rollback of R-7 (1 key) would take about 1 s; the budget is 20 minutes."),
        (70_000, "a rollback of R-7 (70,000 keys) would take about 4 s; the budget is 20 minutes."),
        (
            36_000_000,
            "a rollback of R-7 (36,000,000 keys) would take about 30 minutes; the budget is 20 minutes.",
        ),
    ],
)
def test_the_estimate_is_said_beside_the_budget(keys: int, said: str) -> None:
    assert budget_words("R-7", NUMBERS, keys) == said


def test_a_drill_is_said_in_keys_and_seconds() -> None:
    assert timed_keys(NUMBERS) == "200 keys in 0.9 s"
    assert timed_keys({**NUMBERS, "keys": 1}) == "1 key in 0.9 s"


def test_a_calendar_month_is_one_drill() -> None:
    first = datetime(2026, 3, 1, tzinfo=UTC)
    last = datetime(2026, 3, 31, 23, 59, tzinfo=UTC)
    assert monthly_key("shop", first) == monthly_key("shop", last) == "drill:monthly:shop:2026-03"
    assert monthly_key("shop", datetime(2026, 4, 1, tzinfo=UTC)) != monthly_key("shop", last)


def test_a_rollback_over_its_budget_is_a_failure() -> None:
    assert drill_result("R-7", NUMBERS, 20_000_000)["outcome"] == "pass"
    assert drill_result("R-7", NUMBERS, 30_000_000)["outcome"] == "fail"


def test_the_card_shows_each_part_of_a_drill() -> None:
    assert drill_result("R-7", {**NUMBERS, "walk_s": 2.25}, 200)["actual"] == (
        "rehearsed: 200 keys in 0.9 s\ntaken out by a walk of 2.2 s\nput back in 5 ms\ncompared in 5 ms"
    )
