"""Let a release start without a rehearsal, with a reason that stays on the card."""

from __future__ import annotations

from bot.commands import Ask, Command, Form, FormErrors, FormField, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.checklist import require_open
from bot.release.people import Person, may_approve
from bot.release.records import Change, Story, Waiver
from bot.release.refusal import Code, Refusal
from bot.release.rehearsing import rehearsal_of

SHORTEST_REASON = 5


class Waive:
    """`waive R-42 <why>`, or the button, which asks why."""

    verb = "waive"
    usage = "waive R-42 <why>"
    summary = "Let a release start without a rehearsal, with a reason."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Only approvers of some app, and the terminal."""
        named = {name for app in catalog.apps.values() for name in app.approvers}
        return who.terminal or who.id in named or bool(named & who.groups)

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Ask for the reason where it is missing, else record it."""
        story = tools.find_story(ask)
        app = tools.catalog.apps[story.release.app]
        require_open(story)
        may_approve(ask.who, app, starter=story.release.starter)
        _refuse_needless(story, rehearsal_of(app, story.release.environment))
        reason = (" ".join(ask.words) or ask.fields.get("reason", "")).strip()
        if not reason and "reason" not in ask.fields:
            return _form(story.release.id)
        if len(reason) < SHORTEST_REASON:
            return FormErrors(errors={"reason": "Say why, in a few words."})
        number = story.release.id
        tools.keep(
            Change(
                act="rehearsal waived",
                by=ask.who.id,
                at=ask.at,
                release_id=number,
                body={"reason": reason},
                waiver=Waiver(release_id=number, by=ask.who.id, at=ask.at, reason=reason),
                cards=(f"root:{number}", f"rehearsal:{number}"),
            ),
            otherwise="Not waived",
        )
        return Said(text=f"{story.release.name} may start without a rehearsal: {reason}")


def _refuse_needless(story: Story, on: str | None) -> None:
    name, waiver = story.release.name, story.waiver
    if on is not None and waiver is None:
        return
    failed = f"Not waived: {name} has no environment to rehearse on, so it needs no rehearsal."
    if waiver is not None:
        failed = f"Not waived: <@{waiver.by}> did so at {waiver.at:%H:%M} UTC: {waiver.reason}"
    raise Refusal(
        code=Code.NOT_NOW,
        failed=failed,
        expected=f"nothing more: run the first step of {name}.",
        retry_is_safe=True,
    )


def _form(release: int) -> Form:
    return Form(
        verb="waive",
        title="Waive rehearsal",
        submit="Waive rehearsal",
        fields=(
            FormField(
                name="reason",
                label=f"Why may R-{release} start without a rehearsal?",
                kind="long_text",
                hint="The reason stays on the card and in the audit.",
                max_length=300,
            ),
        ),
        carry={"release": str(release)},
    )


COMMAND: Command = Waive()
