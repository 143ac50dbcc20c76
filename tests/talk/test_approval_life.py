"""An approval that nobody gives: reminders, escalation, and the end of the request."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.commands import Said
from bot.release.calling import What, wanted
from bot.release.refusal import Code, Refusal
from bot.release.reminder_times import ReminderPlan
from bot.release.reminders import Answer
from bot.release.working_hours import ALWAYS
from bot.work.reminding import tend_reminders
from tests.talk.conftest import Talk, text
from tests.talk.reminding import AT_ALL_HOURS, MONDAY, in_thread, lines_of, newest, reminded, tick
from tests.talk.telling import refused

OWNER, APPROVER, SECOND, ONCALL = "U01OWNER", "U02APPROVER", "U06SECOND", "U03ONCALL"


def planned(talk: Talk, plan: ReminderPlan = AT_ALL_HOURS) -> datetime:
    """Run a purge's plan; return when it was there to be approved."""
    reminded(talk, plan)
    talk.redis.put("anp:page:/products", "old")
    talk.say("purge shop products")
    talk.say("run R-1")
    (run,) = talk.story().actions
    assert run.ended_at is not None
    return run.ended_at


def test_an_approval_escalates_to_approvers_owner_approvers_and_on_call(talk: Talk) -> None:
    since = planned(talk)
    told = {
        minute: [who for who, _ in tick(talk, since + timedelta(minutes=minute))]
        for minute in (0, 79, 80, 119, 120, 159, 160, 199, 200, 239)
    }
    assert {minute: people for minute, people in told.items() if people} == {
        80: [APPROVER, SECOND],
        120: [OWNER],
        160: [APPROVER, SECOND],
        200: [ONCALL],
    }


def test_each_is_told_what_waits_who_may_and_when_it_is_closed(talk: Talk) -> None:
    since = planned(talk)
    told = dict(tick(talk, since + timedelta(minutes=80)))
    assert told[APPROVER] == ("R-1 still waits for your approval of step 1.")
    tick(talk, since + timedelta(minutes=120))
    assert lines_of(talk, newest(talk, OWNER)) == (
        f"Step 1, Purge only the affected route, waits since {since:%Y-%m-%d %H:%M} UTC, 0 of 1 given."
        f" At {since + timedelta(hours=4):%Y-%m-%d %H:%M} UTC the request is closed.",
        f"May approve: <@{APPROVER}>, <@{SECOND}>. Ask one of them.",
        "Then approvals are void, and the step must be run again.",
    )


def test_at_its_end_the_request_is_closed_and_the_step_is_to_be_run_again(talk: Talk) -> None:
    since = planned(talk)
    tick(talk, since + timedelta(minutes=80))
    tick(talk, since + timedelta(hours=4))
    assert talk.states() == ["stopped"]
    assert in_thread(talk) == ["Step 1 of R-1 was not approved in 4 h. The request is closed."]
    wish = wanted(talk.story(), talk.tools.catalog)
    assert wish is not None
    assert (wish.what, wish.people) == (What.DECIDE, (OWNER,))
    assert [row.answer for row in talk.story().reminders] == [Answer.OVER, Answer.OVER]
    assert talk.redis.keys != {}
    said = talk.say("timeline R-1")
    assert isinstance(said, Said)
    assert said.lines[-1].endswith("cache-release closed the request for approval of step 1")
    talk.say("run R-1")
    assert text(talk.say("approve R-1", APPROVER)) == "Approved: step 1 purges now."


def test_a_closed_request_voids_the_approvals_given_before(strict_talk: Talk) -> None:
    talk = strict_talk
    since = planned(talk)
    talk.say("approve R-1", APPROVER)
    tick(talk, since + timedelta(hours=4))
    step = talk.story().steps[0]
    assert step.verdict is not None
    assert step.verdict.evidence == (
        "Nobody approved it in 4 h: the request is closed. Approvals that are void: 1."
    )
    talk.say("run R-1")
    assert text(talk.say("approve R-1", SECOND)) == "1 of 2 approvals for step 1."


def test_a_plan_that_is_too_old_cannot_be_approved_though_no_clock_ticked(talk: Talk) -> None:
    since = planned(talk)
    talk.clock.at = since + timedelta(hours=4)
    refusal = refused(talk, "approve R-1", APPROVER)
    assert refusal.code is Code.APPROVAL_CLOSED
    assert refusal.failed == (
        "Not approved: step 1 waited longer than 4 h, and its request closed at "
        f"{since + timedelta(hours=4):%Y-%m-%d %H:%M} UTC. Nothing was changed."
    )
    assert talk.states() == ["judged"]


def test_just_before_its_end_it_can_be_approved(talk: Talk) -> None:
    since = planned(talk)
    talk.clock.at = since + timedelta(hours=4, seconds=-2)
    assert text(talk.say("approve R-1", APPROVER)) == "Approved: step 1 purges now."


def test_with_0_a_request_is_never_closed_and_still_reminded_of(talk: Talk) -> None:
    since = planned(talk, ReminderPlan(approval_h=0, hours=ALWAYS))
    assert [who for who, _ in tick(talk, since + timedelta(minutes=80))] == [APPROVER, SECOND]
    tend_reminders(talk.tools, since + timedelta(days=2))
    assert talk.states() == ["judged"]
    assert text(talk.say("approve R-1", APPROVER)) == "Approved: step 1 purges now."


def test_another_run_begins_the_time_anew(talk: Talk) -> None:
    since = planned(talk)
    talk.clock.at = since + timedelta(hours=3)
    talk.say("run R-1")
    tick(talk, since + timedelta(hours=5))
    assert talk.states() == ["judged"]
    tick(talk, since + timedelta(hours=8))
    assert talk.states() == ["stopped"]


def test_an_approver_who_said_yes_is_not_reminded(strict_talk: Talk) -> None:
    talk = strict_talk
    since = planned(talk)
    talk.say("approve R-1", APPROVER)
    assert [who for who, _ in tick(talk, since + timedelta(minutes=80))] == [SECOND]


def test_a_failed_step_waits_for_no_approval(talk: Talk) -> None:
    reminded(talk)
    talk.say('start shop products "New price table" --previous v1')
    talk.web.status = 503
    talk.say("run R-1 1")
    tick(talk, MONDAY + timedelta(hours=5))
    assert talk.states()[0] == "judged"
    assert in_thread(talk) == []


def test_a_press_after_the_end_is_told_so(talk: Talk) -> None:
    since = planned(talk)
    tick(talk, since + timedelta(hours=4))
    with pytest.raises(Refusal) as caught:
        talk.say("approve R-1", APPROVER)
    assert caught.value.code is Code.NOT_NOW
