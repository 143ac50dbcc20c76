"""Snooze, hand over, done: each press acts once, and one that comes too late is told so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.commands import Form, FormErrors
from bot.release.refusal import Code, Refusal
from bot.release.reminder_times import ReminderPlan
from bot.release.reminders import Answer, Kind, Reminder
from bot.release.working_hours import OFFICE
from tests.talk.conftest import Talk, text
from tests.talk.reminding import MONDAY, answer, newest, reminded, sent, tick, ticks

OWNER, APPROVER, SECOND, NEW = "U01OWNER", "U02APPROVER", "U06SECOND", "U07NEW"
AT_12 = MONDAY + timedelta(hours=2, seconds=1)


def waiting(talk: Talk, plan: ReminderPlan | None = None) -> Reminder:
    """Start a release and let its first step wait until its owner is reminded, at 12:00."""
    reminded(talk) if plan is None else reminded(talk, plan)
    talk.say('start shop products "New price table" --previous v1')
    tick(talk, AT_12)
    return newest(talk, OWNER)


def approval(talk: Talk) -> tuple[datetime, Reminder]:
    """Let a plan wait until its approvers are reminded; return since when it waits, and the reminder of one."""
    reminded(talk)
    talk.say("purge shop products")
    talk.say("run R-1")
    since = talk.story().actions[0].ended_at
    assert since is not None
    tick(talk, since + timedelta(minutes=80))
    return since, newest(talk, APPROVER)


def code_of(talk: Talk, verb: str, reminder: Reminder, who: str = "") -> tuple[Code, str]:
    """Press a button that must be refused; return why."""
    with pytest.raises(Refusal) as caught:
        answer(talk, verb, reminder, who)
    return caught.value.code, caught.value.failed


def test_snoozed_for_an_hour_it_comes_again_once(talk: Talk) -> None:
    first = waiting(talk)
    said = answer(talk, "snooze", first, until="1h")
    assert (
        text(said)
        == "Snoozed: you are reminded again at 2026-03-02 13:00 UTC, if it is still true."
    )
    assert ticks(talk, AT_12 + timedelta(minutes=5), 20, every_min=5) == ["Mon 13:05 U01OWNER"]
    assert [row.stage for row in sent(talk)] == [1, 1]


def test_snoozed_until_tomorrow_it_comes_when_work_begins(talk: Talk) -> None:
    first = waiting(talk, ReminderPlan(hours=OFFICE))
    answer(talk, "snooze", first, until="tomorrow")
    assert ticks(talk, AT_12, 30, every_min=30) == ["Tue 09:00 U01OWNER"]


def test_a_snooze_that_ends_after_work_ends_on_the_next_morning(talk: Talk) -> None:
    reminded(talk, ReminderPlan(hours=OFFICE), at=MONDAY + timedelta(hours=5))
    talk.say('start shop products "New price table" --previous v1')
    tick(talk, MONDAY + timedelta(hours=7, seconds=1))
    said = answer(talk, "snooze", newest(talk, OWNER), until="1h")
    assert "reminded again at 2026-03-03 09:00 UTC" in text(said)


def test_snoozed_what_moved_on_does_not_come_again(talk: Talk) -> None:
    first = waiting(talk)
    answer(talk, "snooze", first, until="1h")
    talk.say("run R-1 1")
    assert [row.answer for row in sent(talk)] == [Answer.OVER]
    assert [row for row in ticks(talk, AT_12, 1.5) if OWNER in row] == []


def test_done_ends_the_reminders_of_one_person_and_nothing_else(talk: Talk) -> None:
    since, first = approval(talk)
    assert text(answer(talk, "done", first)) == (
        "Noted: you are not reminded of this again. Nothing else was changed."
    )
    assert talk.states() == ["judged"]
    assert [who for who, _ in tick(talk, since + timedelta(minutes=160))] == [OWNER, SECOND]


def test_handed_over_with_a_step_of_ones_own_the_step_goes_too(talk: Talk) -> None:
    first = waiting(talk)
    assert text(answer(talk, "handover", first, person=NEW)) == "Step 1 is <@U07NEW>'s now."
    assert talk.story().steps[0].owner == NEW
    assert newest(talk, OWNER).answer is Answer.PASSED
    assert ticks(talk, AT_12, 4, every_min=30) == ["Mon 14:30 U07NEW"]


def test_an_approver_hands_the_reminder_over_to_another_approver(talk: Talk) -> None:
    since, first = approval(talk)
    answer(talk, "done", newest(talk, SECOND))
    wrong = answer(talk, "handover", first, person=NEW)
    assert wrong == FormErrors(
        errors={"person": "Only an approver of shop can approve it: name one of them."}
    )
    assert text(answer(talk, "handover", first, person=SECOND)) == (
        "<@U06SECOND> is reminded in your place."
    )
    assert talk.story().steps[0].owner == OWNER
    assert [who for who, _ in tick(talk, since + timedelta(minutes=160))] == [OWNER]


def test_whoever_takes_a_review_over_is_reminded_at_once(talk: Talk) -> None:
    reminded(talk)
    talk.until_purged()
    talk.say("rollback R-1", "U03ONCALL")
    back = talk.story().release.ended_at
    assert back is not None
    tick(talk, back + timedelta(hours=24))
    answer(talk, "handover", newest(talk, OWNER), person=NEW)
    assert [who for who, _ in tick(talk, back + timedelta(hours=25))] == [NEW]
    assert newest(talk, NEW).kind is Kind.REVIEW


def test_a_review_can_be_put_off_for_weeks(talk: Talk) -> None:
    reminded(talk)
    talk.until_purged()
    talk.say("rollback R-1", "U03ONCALL")
    back = talk.story().release.ended_at
    assert back is not None
    tick(talk, back + timedelta(hours=24))
    first = newest(talk, OWNER)
    talk.clock.at = back + timedelta(hours=24)
    talk.say("snooze R-1 14d")
    later = back + timedelta(days=15)
    assert tick(talk, later - timedelta(hours=1)) == []
    assert [who for who, _ in tick(talk, later + timedelta(hours=1))] == [OWNER]
    assert {row.key: row.answer for row in sent(talk) if row.person == OWNER} == {
        first.key: Answer.NEWER,
        newest(talk, OWNER).key: None,
    }
    assert ticks(talk, later + timedelta(hours=2), 48, every_min=60) == []


def test_a_hand_over_without_a_name_asks_for_the_person(talk: Talk) -> None:
    first = waiting(talk)
    form = answer(talk, "handover", first)
    assert isinstance(form, Form)
    assert [(field.name, field.kind) for field in form.fields] == [("person", "person")]
    assert form.carry == {"release": "1", "key": first.key}
    assert answer(talk, "handover", first, person=OWNER) == FormErrors(
        errors={"person": "This reminder is yours already: name somebody else."}
    )


@pytest.mark.parametrize("verb", ["snooze", "done", "handover"])
def test_a_second_press_is_told_what_the_first_one_did(talk: Talk, verb: str) -> None:
    first = waiting(talk)
    answer(talk, "done", first)
    code, failed = code_of(talk, verb, first)
    assert code is Code.MOVED_ON
    assert "Done at 2026-03-02 12:00 UTC: you are not reminded of this again." in failed


def test_a_press_on_an_older_reminder_names_the_newer_one(talk: Talk) -> None:
    first = waiting(talk)
    tick(talk, AT_12 + timedelta(hours=22))
    assert code_of(talk, "done", first) == (
        Code.MOVED_ON,
        "Not noted: A newer reminder of the same was sent at 2026-03-03 10:00 UTC. Nothing was changed.",
    )


def test_a_press_after_the_release_moved_on_is_told_so(talk: Talk) -> None:
    first = waiting(talk)
    talk.say("run R-1 1")
    code, failed = code_of(talk, "snooze", first)
    assert code is Code.MOVED_ON
    assert failed.startswith("Not snoozed: Over since 2026-03-02 12:00 UTC:")


def test_nobody_answers_a_reminder_of_somebody_else(talk: Talk) -> None:
    first = waiting(talk)
    assert code_of(talk, "done", first, APPROVER) == (
        Code.NOT_ALLOWED,
        "Not noted: this reminder was sent to <@U01OWNER>. Nothing was changed.",
    )
    assert newest(talk, OWNER).answer is None


def test_in_a_thread_the_verbs_answer_the_newest_reminder_of_whoever_speaks(talk: Talk) -> None:
    waiting(talk)
    talk.clock.at = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
    assert "again at 2026-03-02 14:30 UTC" in text(talk.say("snooze R-1 2h"))
    with pytest.raises(Refusal) as caught:
        talk.say("done R-1")
    assert caught.value.failed == (
        "Not noted: R-1 has no open reminder for you. Nothing was changed."
    )
