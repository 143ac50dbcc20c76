"""Locks with an end, taken over and reminded of; freezes, and the way through them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.commands import Said
from bot.effects.ledger.sql_ledger import open_ledger
from bot.release.refusal import Code
from bot.release.reminder_times import ReminderPlan
from bot.release.working_hours import OFFICE
from bot.work.turns import look_after_locks
from tests.talk.conftest import Talk, text
from tests.talk.telling import WEEKEND, catalog_with, press, refused, told

ON_CALL, ARI, SECOND, DANA = "U03ONCALL", "U02APPROVER", "U06SECOND", "U12DANA"
SATURDAY = datetime(2026, 3, 7, 10, 0, tzinfo=UTC)


@pytest.fixture
def frozen(sqlite_url: str, tmp_path: Path) -> Iterator[Talk]:
    """A talk on a Friday afternoon whose production freezes over the weekend."""
    ledger = open_ledger(sqlite_url)
    talk = Talk(ledger, tmp_path, catalog_with(freezes={"weekend": WEEKEND}))
    talk.clock.at = datetime(2026, 3, 6, 14, 0, tzinfo=UTC)
    yield talk
    ledger.close()


def tick(talk: Talk) -> None:
    look_after_locks(talk.ledger, talk.clock.now())


def test_a_locked_app_says_who_until_when_and_why_and_offers_word_of_its_end(talk: Talk) -> None:
    assert text(talk.say('lock shop "checkout is down" --for 2h', ON_CALL)) == (
        "shop production is locked until 2026-03-01 16:00 UTC: checkout is down"
    )
    no = refused(talk, "start shop products", DANA)
    assert no.code is Code.LOCKED
    assert no.failed == (
        "Not started: shop production is locked by <@U03ONCALL> until 2026-03-01 16:00 UTC: "
        "checkout is down."
    )
    assert [offer.label for offer in no.offers] == ["Notify me", "Ask for it"]
    assert text(press(talk, no.offers[0], DANA)) == (
        "You are told when shop production products is free."
    )
    press(talk, no.offers[1], DANA)
    (asked,) = told(talk, ON_CALL)
    assert asked.text == "<@U12DANA> asks for shop production, which you locked."
    assert [offer.label for offer in asked.offers] == ["Unlock"]


def test_a_lock_is_reminded_of_within_working_hours_and_once_for_a_night(talk: Talk) -> None:
    talk.clock.at = datetime(2026, 3, 2, 16, 40, tzinfo=UTC)
    talk.say('lock shop "moving"', ON_CALL)
    plan = ReminderPlan(hours=OFFICE)
    for minute in range(0, 20 * 60, 10):
        at = talk.clock.at + timedelta(minutes=minute)
        look_after_locks(talk.ledger, at, plan.works)
    assert [f"{row.at:%a %H:%M}" for row in told(talk, ON_CALL)] == [
        "Tue 09:00",
        "Tue 09:40",
        "Tue 10:40",
        "Tue 11:40",
    ]


def test_a_lock_goes_when_its_time_is_over_and_its_holder_is_told(talk: Talk) -> None:
    talk.say('lock shop "moving" --until 15:00', ON_CALL)
    talk.clock.at = datetime(2026, 3, 1, 15, 0, tzinfo=UTC)
    assert text(talk.say("start shop products", DANA)).startswith("R-1 is open")
    tick(talk)
    tick(talk)
    assert talk.ledger.locks() == ()
    gone = [row.text for row in told(talk, ON_CALL) if "gone" in row.text]
    assert gone == [
        "Your lock on shop production is gone. Its time is over: releases may start again."
    ]
    assert talk.ledger.audit(limit=1)[0].act == "unlock"


def test_the_holder_is_reminded_once_an_hour_and_can_put_it_off(talk: Talk) -> None:
    talk.say('lock shop "checkout is down"', ON_CALL)
    for minutes in (30, 31, 5, 56, 5):
        talk.clock.at += timedelta(minutes=minutes)
        tick(talk)
        tick(talk)
    first, second = told(talk, ON_CALL)
    assert first.text == ("shop production is still locked by you, for 1 h 1 min: checkout is down")
    assert [offer.label for offer in second.offers] == ["Unlock", "Remind me in 8 h"]
    assert text(press(talk, second.offers[1], ON_CALL)).startswith("The next reminder of the lock")
    talk.clock.at += timedelta(hours=7)
    tick(talk)
    assert len(told(talk, ON_CALL)) == 2
    talk.clock.at += timedelta(hours=1)
    tick(talk)
    assert len(told(talk, ON_CALL)) == 3
    assert text(press(talk, second.offers[0], ARI)) == "shop production is unlocked."
    assert told(talk, ON_CALL)[-1].text == (
        "Your lock on shop production is gone. <@U02APPROVER> unlocked it: releases may start again."
    )


def test_a_lock_is_taken_over_only_where_that_is_said_and_the_holder_is_told(talk: Talk) -> None:
    talk.say('lock shop "checkout is down"', ON_CALL)
    no = refused(talk, 'lock shop "mine now" --for 2h', ARI)
    assert no.failed == (
        "Not locked by you: shop production is locked by <@U03ONCALL>: checkout is down."
    )
    assert [(offer.label, offer.danger) for offer in no.offers] == [
        ("Ask for it", False),
        ("Steal the lock", True),
    ]
    assert text(press(talk, no.offers[1], ARI)).endswith("until 2026-03-01 16:00 UTC: mine now")
    (stolen,) = told(talk, ON_CALL)
    assert stolen.text == (
        "<@U02APPROVER> took over your lock on shop production until 2026-03-01 16:00 UTC: mine now"
    )
    assert stolen.lines == ("Yours said: checkout is down",)
    entry = talk.ledger.audit(limit=1)[0]
    assert (entry.act, entry.by, entry.body["from"]) == ("steal lock", ARI, ON_CALL)


@pytest.mark.parametrize("end", ["--for soon", "--for 91d", "--until 25:00", "--until 2026-02-30"])
def test_an_end_that_nobody_understands_is_refused(talk: Talk, end: str) -> None:
    assert refused(talk, f'lock shop "why" {end}', ON_CALL).code is Code.BAD_REQUEST
    assert talk.ledger.locks() == ()


def test_a_rollback_locks_and_the_one_who_pressed_is_reminded(talk: Talk) -> None:
    talk.until_purged()
    talk.say("rollback R-1", ON_CALL)
    talk.clock.at += timedelta(minutes=61)
    tick(talk)
    (reminded,) = told(talk, ON_CALL)
    assert "R-1 was rolled back; unlock when the cause is understood." in reminded.text


def test_nothing_starts_in_a_freeze_and_the_refusal_says_until_when(frozen: Talk) -> None:
    assert text(frozen.say("start shop cart", DANA)).startswith("R-1 is open")
    frozen.clock.at = SATURDAY
    no = refused(frozen, "start shop products", DANA)
    assert no.code is Code.FROZEN
    assert no.failed == (
        "Not started: shop production is frozen until 2026-03-09 07:00 UTC: Nobody is there to watch."
    )
    assert text(frozen.say("start shop products --environment staging", DANA)) != ""
    where = frozen.say("where", DANA)
    assert isinstance(where, Said)
    assert where.lines[0] == (
        "shop production: FROZEN until 2026-03-09 07:00 UTC: Nobody is there to watch."
    )
    frozen.clock.at = datetime(2026, 3, 9, 7, 0, tzinfo=UTC)
    soon = frozen.say("where", DANA)
    assert isinstance(soon, Said)
    assert soon.lines[:2] == (
        "shop production: free: products; frozen from 2026-03-13 15:00 UTC",
        "• R-1 of <@U12DANA> holds cart",
    )


def test_a_hotfix_goes_through_a_freeze_with_one_approval_more(frozen: Talk) -> None:
    frozen.clock.at = SATURDAY
    frozen.say(
        'start shop products "Wrong prices" --previous v1 --hotfix "customers pay too little"'
    )
    assert frozen.story().release.hotfix == "customers pay too little"
    for number in (1, 2, 3):
        frozen.say(f"run R-1 {number}")
        assert text(frozen.say(f"approve R-1 {number}", ARI)) == (
            f"1 of 2 approvals for step {number}."
        )
        frozen.say(f"approve R-1 {number}", SECOND)
    assert frozen.states()[:3] == ["done", "done", "done"]
    assert frozen.ledger.audit(1)[-1].body["hotfix"] == "customers pay too little"


def test_an_open_release_purges_in_a_freeze_only_once_it_is_a_hotfix(frozen: Talk) -> None:
    frozen.say('start shop products "New prices" --previous v1')
    for number in (1, 2):
        frozen.say(f"run R-1 {number}")
        frozen.say(f"approve R-1 {number}", ARI)
    frozen.clock.at = SATURDAY
    frozen.say("run R-1 3")
    no = refused(frozen, "approve R-1 3", ARI)
    assert (no.code, frozen.states()[2]) == (Code.FROZEN, "judged")
    assert no.expected.endswith('`/cache-release hotfix R-1 "why"`.')
    assert text(frozen.say('hotfix R-1 "wrong prices"')) == (
        "R-1 is a hotfix: it needs 2 approvals and goes through the freeze."
    )
    assert text(frozen.say("approve R-1 3", ARI)) == "1 of 2 approvals for step 3."
    frozen.say("approve R-1 3", SECOND)
    assert frozen.states()[2] == "done"


def test_a_rollback_does_not_ask_about_freezes(frozen: Talk) -> None:
    frozen.until_purged()
    frozen.clock.at = SATURDAY
    frozen.say("rollback R-1", ON_CALL)
    assert str(frozen.story().release.state) == "rolled_back"


def test_hotfix_outside_a_freeze_is_an_ordinary_release(talk: Talk) -> None:
    talk.say('start shop products "x" --hotfix "why not"')
    assert talk.story().release.hotfix is None
