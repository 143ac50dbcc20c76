"""What becomes of a code that somebody types: proved, wrong, or asked for first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.release.ask import Ask
from bot.release.forms import Form, FormErrors
from bot.release.records import Change
from bot.release.step_up import (
    DIGITS,
    MOST_WRONG,
    Codes,
    Enrolment,
    UnreadableError,
    is_proved,
    refuse_locked_out,
    refuse_unknown,
    tried,
    unreadable,
)


@dataclass(frozen=True, kw_only=True)
class StepUp:
    """How production is guarded: `codes` reads them, and one that was proved counts for `grace`."""

    codes: Codes
    grace: timedelta


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What is kept of a try, and what the person is asked or told; neither: go on."""

    change: Change | None = None
    reply: Form | FormErrors | None = None


def prove(ask: Ask, row: Enrolment | None, guard: StepUp, question: Form, *, what: str) -> Proof:
    """Decide whether the person need prove a code, and whether the one in `code` does."""
    if is_proved(row, ask.at, guard.grace):
        return Proof()
    row = refuse_unknown(row, what=what)
    refuse_locked_out(row, ask.at, what=what)
    if "code" not in ask.fields:
        return Proof(reply=question)
    return try_code(ask, row, guard.codes, what=what)


def try_code(ask: Ask, row: Enrolment, codes: Codes, *, what: str) -> Proof:
    """Return what is kept of the code that was typed, and what is wrong with it."""
    refuse_locked_out(row, ask.at, what=what)
    code = ask.fields.get("code", "").replace(" ", "")
    if not DIGITS.fullmatch(code):
        return Proof(reply=FormErrors(errors={"code": "Six digits, as your app shows them now."}))
    try:
        counter = codes.counter(row.person, row.sealed, code, ask.at)
    except UnreadableError as error:
        raise unreadable(what=what) from error
    after = tried(row, counter, ask.at)
    act = _act(row, after)
    body = {"wrong": after.wrong} if after.wrong else {}
    change = Change(
        act=act, by=ask.who.id, at=ask.at, release_id=ask.release, body=body, enrolment=after
    )
    if not after.wrong:
        return Proof(change=change)
    left = MOST_WRONG - after.wrong
    more = f"{left} more {'try' if left == 1 else 'tries'}" if left else "no more tries for a while"
    said = f"Wrong, or used before: wait for the next code. You have {more}."
    return Proof(change=change, reply=FormErrors(errors={"code": said}))


def _act(row: Enrolment, after: Enrolment) -> str:
    if after.wrong:
        return "wrong code"
    return "proved" if row.enrolled_at else "enrolled"
