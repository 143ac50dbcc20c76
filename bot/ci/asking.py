"""What a call asks for, in the words of the commands, and what they answer."""

from __future__ import annotations

from datetime import datetime

from bot.ci.answers import nothing_done
from bot.ci.calls import Call, EvidenceCall, StartCall
from bot.commands import Ask, FormErrors, Reply, Said
from bot.release.catalog import App
from bot.release.finding import default_environment
from bot.release.people import Person
from bot.release.refusal import Code


def said_of(reply: Reply) -> Said:
    """Return what was said; refuse where a person would be shown a form with its mistakes."""
    match reply:
        case Said():
            return reply
        case FormErrors():
            wrong = " ".join(f"{name}: {what}" for name, what in reply.errors.items())
            raise nothing_done(Code.BAD_REQUEST, "The release cannot be started.", wrong)
        case _:
            raise nothing_done(Code.BAD_REQUEST, "The call says too little.", "all of its fields.")


def ask_of(name: str, app: App, call: Call, now: datetime) -> Ask:
    """Return the ask of the app's machine, or of the person that it counts as."""
    assert app.ci is not None
    who = Person(id=app.ci.person or f"ci:{name}")
    match call:
        case StartCall():
            fields = {
                "app": name,
                "title": call.title,
                "environment": call.environment or default_environment(app),
                "previous": call.previous or "",
                "owner": call.owner or app.ci.person or app.owner,
                "routes": ",".join(f"{name}/{route}" for route in call.routes),
            }
            return Ask(verb="start", who=who, at=now, door="ci", fields=fields)
        case EvidenceCall():
            fields = {"app": name, "outcome": call.outcome, "text": call.text}
            if call.link is not None:
                fields["link"] = call.link
            number = int(call.release.removeprefix("R-"))
            return Ask(
                verb="evidence",
                who=who,
                at=now,
                door="ci",
                fields=fields,
                release=number,
                step=call.step,
            )
