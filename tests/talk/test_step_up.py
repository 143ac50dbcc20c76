"""A second factor before a purge in production, as people meet it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from bot.commands import Form, FormErrors, Reply
from bot.effects.totp import TotpCodes
from bot.release.proving import StepUp
from bot.release.refusal import Code, Refusal
from bot.release.states import StepState
from tests.talk.conftest import Talk, text
from tests.talk.telling import told

OLGA, ARI, SECOND, ADMIN, NICO = "U01OWNER", "U02APPROVER", "U06SECOND", "U01ADMIN", "U03ONCALL"
CODES = TotpCodes(b"k" * 32)


def guarded(talk: Talk, grace_min: int = 15, codes: TotpCodes = CODES) -> None:
    guard = StepUp(codes=codes, grace=timedelta(minutes=grace_min))
    talk.tools = replace(talk.tools, step_up=guard)


@pytest.fixture
def planned(talk: Talk) -> Talk:
    """A purge that waits for its approval, and a bot that asks for a second factor."""
    guarded(talk)
    talk.say('start shop products "New price table" --previous v1')
    for number in (1, 2):
        talk.say(f"run R-1 {number}")
        talk.say(f"approve R-1 {number}", ARI)
    talk.say("run R-1 3")
    return talk


def question(reply: Reply) -> Form:
    assert isinstance(reply, Form), reply
    return reply


def wrong(reply: Reply) -> str:
    assert isinstance(reply, FormErrors), reply
    assert list(reply.errors) == ["code"]
    return reply.errors["code"]


def key_of(talk: Talk, who: str = ARI) -> pyotp.TOTP:
    row = talk.ledger.enrolment(who)
    assert row is not None
    return pyotp.TOTP(CODES.shown(who, row.sealed))


def enrols(talk: Talk, who: str = ARI) -> pyotp.TOTP:
    shown = question(talk.say("step-up", who)).fields[0].value
    totp = pyotp.TOTP(shown)
    told = text(talk.say("step-up", who, code=totp.at(talk.clock.at)))
    assert told == "Enrolled: purges in production ask you for a code from now on."
    return totp


def later(talk: Talk, minutes: int) -> None:
    talk.clock.at += timedelta(minutes=minutes)


def step(talk: Talk) -> StepState:
    return talk.story().steps[2].state


def refused(talk: Talk, line: str, who: str, **fields: Any) -> Refusal:
    with pytest.raises(Refusal) as raised:
        talk.say(line, who, **fields)
    return raised.value


def test_an_approver_enrols_and_approves_with_a_code(planned: Talk) -> None:
    totp = enrols(planned)
    later(planned, 20)
    asked = question(planned.say("approve R-1 3", ARI))
    assert (asked.title, asked.submit) == ("Second factor", "Approve purge")
    assert step(planned) is StepState.JUDGED
    seen = int(asked.carry["seen"])
    said = planned.say(
        "approve", ARI, release=1, seen=seen, work=False, code=totp.at(planned.clock.at)
    )
    assert text(said) == "Approved: step 3 purges now."
    acts = [row.act for row in planned.ledger.audit() if row.by == ARI][:2]
    assert acts == ["approve", "proved"]


def test_without_a_second_factor_nobody_approves_a_purge_in_production(planned: Talk) -> None:
    refusal = refused(planned, "approve R-1 3", ARI)
    assert refusal.code is Code.NOT_ALLOWED
    assert refusal.expected == "`/cache-release step-up` once, then this approval again."
    assert step(planned) is StepState.JUDGED


def test_a_code_that_was_proved_counts_for_a_while_and_then_no_more(planned: Talk) -> None:
    enrols(planned)
    later(planned, 14)
    assert text(planned.say("approve R-1 3", ARI)) == "Approved: step 3 purges now."
    planned.say("rollback R-1", NICO)
    planned.say("unlock shop", OLGA)
    planned.say("purge shop products")
    planned.say("run R-2")
    later(planned, 1)
    question(planned.say("approve R-2", ARI))


def test_without_grace_every_purge_asks(planned: Talk) -> None:
    guarded(planned, grace_min=0)
    totp = enrols(planned)
    question(planned.say("approve R-1 3", ARI))
    later(planned, 1)
    said = planned.say("approve R-1 3", ARI, code=totp.at(planned.clock.at))
    assert text(said) == "Approved: step 3 purges now."


def test_a_code_is_taken_once_and_never_an_older_one(planned: Talk) -> None:
    guarded(planned, grace_min=0)
    totp = enrols(planned)
    used = totp.at(planned.clock.at)
    older = totp.at(planned.clock.at - timedelta(seconds=30))
    for code in (used, older):
        said = wrong(planned.say("approve R-1 3", ARI, code=code))
        assert said.startswith("Wrong, or used before: wait for the next code.")
    assert step(planned) is StepState.JUDGED


def test_five_wrong_codes_close_the_door_for_a_quarter_of_an_hour(planned: Talk) -> None:
    totp = enrols(planned)
    later(planned, 20)
    left = [wrong(planned.say("approve R-1 3", ARI, code="000000")) for _ in range(5)]
    assert [line.rpartition("You have ")[2] for line in left] == [
        "4 more tries.",
        "3 more tries.",
        "2 more tries.",
        "1 more try.",
        "no more tries for a while.",
    ]
    refusal = refused(planned, "approve R-1 3", ARI, code=totp.at(planned.clock.at))
    assert refusal.failed.startswith("Not approved: 5 wrong codes one after the other.")
    later(planned, 15)
    said = planned.say("approve R-1 3", ARI, code=totp.at(planned.clock.at))
    assert text(said) == "Approved: step 3 purges now."
    acts = [row.act for row in planned.ledger.audit() if row.act == "wrong code"]
    assert len(acts) == 5


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦"])
def test_what_is_no_code_is_said_and_counts_as_no_try(planned: Talk, typed: str) -> None:
    enrols(planned)
    later(planned, 20)
    said = wrong(planned.say("approve R-1 3", ARI, code=typed))
    assert said == "Six digits, as your app shows them now."
    row = planned.ledger.enrolment(ARI)
    assert row is not None
    assert row.wrong == 0


def test_the_key_is_shown_until_it_counts_and_never_again(talk: Talk) -> None:
    guarded(talk)
    first = question(talk.say("step-up", ARI)).fields[0].value
    assert question(talk.say("step-up", ARI)).fields[0].value == first
    assert wrong(talk.say("step-up", ARI, code="000000")).startswith("Wrong")
    enrols(talk)
    assert text(talk.say("step-up", ARI)).startswith("You have a second factor since 2026-03-01")
    assert first not in str(talk.ledger.audit())


def test_an_admin_resets_somebody_else_who_is_told(talk: Talk) -> None:
    guarded(talk)
    before = enrols(talk).secret
    said = text(talk.say(f"step-up reset <@{ARI}>", ADMIN))
    assert said == f"The second factor of <@{ARI}> is reset; they were told."
    assert [row.text for row in told(talk, ARI)] == [f"Your second factor was reset by <@{ADMIN}>."]
    assert enrols(talk).secret != before


@pytest.mark.parametrize(("who", "whom"), [(OLGA, ARI), (ARI, ARI), (ADMIN, ADMIN)])
def test_nobody_resets_themselves_and_only_admins_others(talk: Talk, who: str, whom: str) -> None:
    guarded(talk)
    enrols(talk, whom)
    assert refused(talk, f"step-up reset <@{whom}>", who).code is Code.NOT_ALLOWED
    row = talk.ledger.enrolment(whom)
    assert row is not None
    assert row.enrolled_at is not None


def test_staging_a_rollback_and_other_steps_ask_for_nothing(planned: Talk) -> None:
    assert text(planned.say("rollback R-1", NICO)) == "Rolling back R-1."
    planned.say("purge shop cart --environment staging")
    planned.say("run R-2")
    assert text(planned.say("approve R-2", ARI)) == "Approved: step 1 purges now."


def test_with_another_key_people_are_told_who_helps(planned: Talk) -> None:
    totp = enrols(planned)
    later(planned, 20)
    guarded(planned, codes=TotpCodes(b"x" * 32))
    refusal = refused(planned, "approve R-1 3", ARI, code=totp.at(planned.clock.at))
    assert refusal.failed.startswith("Not approved: your second factor was sealed with another key")


def test_where_it_is_off_nothing_asks_and_the_verb_says_so(talk: Talk) -> None:
    assert refused(talk, "step-up", ARI).expected == "a bot whose STEP_UP_KEY is set."
