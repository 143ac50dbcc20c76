"""Enrol for the second factor that a purge in production asks for, or reset somebody's."""

from __future__ import annotations

import re

from bot.commands import Ask, Command, Form, FormField, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.notices import Notice
from bot.release.people import Person, is_admin
from bot.release.proving import StepUp, try_code
from bot.release.records import Change
from bot.release.refusal import Code, Refusal
from bot.release.step_up import Enrolment, UnreadableError, unreadable

PERSON = re.compile(r"<@([UW][A-Z0-9]+)>|([UW][A-Z0-9]+)")
NOT_ENROLLED = "Not enrolled"


class StepUpVerb:
    """`step-up` shows a key once and takes a code of it; `step-up reset @ana` is for admins."""

    verb = "step-up"
    usage = "step-up [reset @person]"
    summary = "Enrol a second factor for purges in production; an admin resets one."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may have a second factor."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Show the key and take its first code; where one counts already, say so."""
        guard = _guard(tools)
        if ask.words[:1] == ("reset",):
            return _reset(ask, tools, guard)
        if ask.who.terminal:
            raise _refused("the terminal needs no second factor.", "a person in Slack.")
        row = tools.ledger.enrolment(ask.who.id)
        if row is None:
            row = _begin(ask, tools, guard)
        if row.enrolled_at is not None:
            since = f"{row.enrolled_at:%Y-%m-%d %H:%M} UTC"
            return Said(text=f"You have a second factor since {since}. Only an admin resets it.")
        if "code" not in ask.fields:
            return _question(row, guard)
        proof = try_code(ask, row, guard.codes, what=NOT_ENROLLED)
        if proof.change is not None:
            tools.keep(proof.change, otherwise=NOT_ENROLLED)
        return proof.reply or Said(
            text="Enrolled: purges in production ask you for a code from now on."
        )


def _guard(tools: Tools) -> StepUp:
    if tools.step_up is None:
        raise _refused("nothing here asks for a second factor.", "a bot whose STEP_UP_KEY is set.")
    return tools.step_up


def _refused(failed: str, expected: str) -> Refusal:
    return Refusal(
        code=Code.NOT_NOW,
        failed=f"{NOT_ENROLLED}: {failed}",
        expected=expected,
        retry_is_safe=True,
    )


def _begin(ask: Ask, tools: Tools, guard: StepUp) -> Enrolment:
    fresh = Enrolment(person=ask.who.id, sealed=guard.codes.new(ask.who.id))
    change = Change(act="enrolment begun", by=ask.who.id, at=ask.at, enrolment=fresh)
    tools.keep(change, otherwise=NOT_ENROLLED)
    return tools.ledger.enrolment(ask.who.id) or fresh


def _question(row: Enrolment, guard: StepUp) -> Form:
    try:
        shown = guard.codes.shown(row.person, row.sealed)
    except UnreadableError as error:
        raise unreadable(what=NOT_ENROLLED) from error
    return Form(
        verb="step-up",
        title="Second factor",
        submit="Enrol",
        fields=(
            FormField(
                name="key",
                label="Key for your authenticator app",
                kind="text",
                value=shown,
                optional=True,
                hint="Copy it into your app: account cache-release, by time, six digits. "
                "It is shown until you have enrolled, and never again.",
            ),
            FormField(
                name="code",
                label="Code that the app shows now",
                kind="text",
                max_length=7,
                hint="Six digits. From then on a purge in production asks you for one.",
            ),
        ),
    )


def _reset(ask: Ask, tools: Tools, guard: StepUp) -> Reply:
    named = PERSON.fullmatch(ask.words[1]) if len(ask.words) == 2 else None
    if named is None:
        raise Refusal(
            code=Code.BAD_REQUEST,
            failed="Not reset: nobody was named.",
            expected="`step-up reset @person`.",
            retry_is_safe=True,
        )
    person = named[1] or named[2]
    # Whoever holds an admin's Slack session must not free it of its second factor.
    if not is_admin(ask.who, tools.catalog) or person == ask.who.id:
        raise Refusal(
            code=Code.NOT_ALLOWED,
            failed="Not reset: not allowed for you. Nothing was changed.",
            expected="an admin, and not for oneself; or the terminal on the bot's machine.",
            retry_is_safe=True,
        )
    row = tools.ledger.enrolment(person)
    if row is None:
        return Said(text=f"<@{person}> has no second factor.")
    fresh = Enrolment(person=person, sealed=guard.codes.new(person), version=row.version)
    told = Notice(
        key=f"step-up-reset:{person}:{row.version}",
        to=person,
        text=f"Your second factor was reset by {_by(ask.who)}.",
        lines=("`/cache-release step-up` makes a new one. If you did not ask for this, say so.",),
        at=ask.at,
    )
    change = Change(
        act="step-up reset",
        by=ask.who.id,
        at=ask.at,
        body={"person": person},
        enrolment=fresh,
        notices=(told,),
    )
    tools.keep(change, otherwise="Not reset")
    return Said(text=f"The second factor of <@{person}> is reset; they were told.")


def _by(who: Person) -> str:
    return who.id if who.terminal else f"<@{who.id}>"


COMMAND: Command = StepUpVerb()
