"""Who is in a group, as it was known last: the same in memory and on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.effects.ledger.sql_ledger import open_ledger
from bot.release.membership import Membership, Memberships
from tests.fakes.memberships import FakeMemberships
from tests.ledger_values import NOON, later

GROUP = Membership(name="S01CACHE", people=frozenset({"U01A", "U02B"}), at=NOON)
SCHEDULE = Membership(name="pagerduty:PRIMARY", people=frozenset(), strangers=2, at=NOON)


@pytest.fixture(params=["fake", "sqlite_ledger", "postgres_ledger"])
def copies(request: pytest.FixtureRequest) -> Iterator[Memberships]:
    if request.param == "fake":
        yield FakeMemberships()
        return
    yield request.getfixturevalue(request.param)


def test_what_was_kept_is_returned_and_nothing_else(copies: Memberships) -> None:
    copies.keep_membership(GROUP)
    copies.keep_membership(SCHEDULE)
    assert copies.membership("S01CACHE") == GROUP
    assert copies.membership("pagerduty:PRIMARY") == SCHEDULE
    assert copies.membership("S99") is None


def test_the_newer_copy_stays_in_whichever_order_they_come(copies: Memberships) -> None:
    newer = replace(GROUP, people=frozenset({"U03C"}), at=later(5))
    copies.keep_membership(GROUP)
    copies.keep_membership(newer)
    copies.keep_membership(GROUP)
    assert copies.membership("S01CACHE") == newer


def test_a_copy_is_fresh_for_a_minute(copies: Memberships) -> None:
    copies.keep_membership(GROUP)
    kept = copies.membership("S01CACHE")
    assert kept is not None
    assert [kept.is_fresh(later(second)) for second in (0, 60, 60.5)] == [True, True, False]


def test_a_copy_is_not_fresh_after_a_change_until_it_was_asked_for_anew(
    copies: Memberships,
) -> None:
    copies.keep_membership(GROUP)
    copies.doubt_membership("S01CACHE", later(3))
    kept = copies.membership("S01CACHE")
    assert kept == replace(GROUP, doubted_at=later(3))
    assert not kept.is_fresh(later(4))
    copies.keep_membership(replace(GROUP, at=later(2)))  # asked before the change was heard of
    asked_before = copies.membership("S01CACHE")
    assert asked_before is not None
    assert not asked_before.is_fresh(later(4))
    copies.keep_membership(replace(GROUP, at=later(4)))
    asked_after = copies.membership("S01CACHE")
    assert asked_after is not None
    assert asked_after.is_fresh(later(5))


def test_a_change_of_a_group_that_was_never_asked_for_is_no_copy(copies: Memberships) -> None:
    copies.doubt_membership("S01CACHE", NOON)
    assert copies.membership("S01CACHE") is None
    copies.keep_membership(replace(GROUP, at=later(1)))
    assert copies.membership("S01CACHE") == replace(GROUP, at=later(1), doubted_at=NOON)


def test_another_process_sees_it_also_after_a_restart(ledger_url: str) -> None:
    first = open_ledger(ledger_url)
    first.keep_membership(GROUP)
    first.close()
    second = open_ledger(ledger_url)
    assert second.membership("S01CACHE") == GROUP
    second.close()
