"""Say afterwards why a release was rolled back: one tap, or a few words."""

from __future__ import annotations

from bot.commands import Ask, Command, Form, FormErrors, FormField, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.notices import Notice
from bot.release.people import MAY_ROLL_BACK, Person, require, roles
from bot.release.records import Change, Story
from bot.release.refusal import Code, Refusal
from bot.release.states import ReleaseState

SHORTEST_REASON = 5
UNDONE = frozenset(
    {ReleaseState.ROLLING_BACK, ReleaseState.ROLLED_BACK, ReleaseState.ROLLBACK_FAILED}
)


class Why:
    """`why R-42 <reason>`: a rollback waits for no reason, so it is asked for when all is back."""

    verb = "why"
    usage = "why R-42 <reason>"
    summary = "Say afterwards why a release was rolled back."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Those who may roll back some app."""
        return any(MAY_ROLL_BACK & roles(who, app, catalog) for app in catalog.apps.values())

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Ask for the reason where it is missing, else record it and say it in the thread."""
        story = tools.find_story(ask)
        release = story.release
        app = tools.catalog.apps[release.app]
        held = roles(ask.who, app, tools.catalog, owner=release.owner)
        require(ask.who, MAY_ROLL_BACK, held, what=f"Say why {release.name} was rolled back")
        _require_undone(story)
        reason = (" ".join(ask.words) or ask.fields.get("reason", "")).strip()
        if not reason and "reason" not in ask.fields:
            return _form(story)
        if len(reason) < SHORTEST_REASON:
            return FormErrors(errors={"reason": "Say why, in a few words."})
        text = f"{release.name} was rolled back because: {reason}"
        told = Notice(
            key=f"why:{release.id}:{ask.who.id}:{ask.at.isoformat()}",
            to=None,
            text=text,
            at=ask.at,
            about=release.id,
        )
        change = Change(
            act="rollback explained",
            by=ask.who.id,
            at=ask.at,
            release_id=release.id,
            body={"reason": reason},
            notices=(told,),
        )
        tools.keep(change, otherwise="Not recorded")
        return Said(text=f"Recorded: {text}", on_card=True)


def _require_undone(story: Story) -> None:
    if story.release.state not in UNDONE:
        raise Refusal(
            code=Code.NOT_NOW,
            failed=f"{story.release.name} was not rolled back. Nothing was changed.",
            expected="a release that was rolled back.",
            retry_is_safe=True,
        )


def _form(story: Story) -> Form:
    return Form(
        verb="why",
        title="Why rolled back?",
        submit="Record",
        fields=(
            FormField(
                name="reason",
                label=f"Why was {story.release.name} rolled back?",
                kind="long_text",
                hint="The reason stands in the thread and in the audit.",
                max_length=300,
            ),
        ),
        carry={"release": str(story.release.id)},
    )


COMMAND: Command = Why()
