"""Skip a step, with a reason that stays on the card."""

from __future__ import annotations

from bot.commands import Ask, Command, Form, FormErrors, FormField, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.checklist import find_step, require_open, require_seen, settle
from bot.release.people import MAY_HAND_OVER, Person, require, roles
from bot.release.records import Change
from bot.release.states import STEP, Move, after
from bot.release.stopping import require_may_skip
from bot.release.watch_calls import begun_cards

SHORTEST_REASON = 5


class Skip:
    """`skip <why>` in a thread."""

    verb = "skip"
    usage = "skip [R-42] [step] <why>"
    summary = "Skip a step, with a reason."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Owners are named per release, so anyone may be one."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Ask for the reason where it is missing, else record it."""
        story = tools.find_story(ask)
        app = tools.catalog.apps[story.release.app]
        require_open(story)
        step = find_step(story, ask.step)
        held = roles(ask.who, app, tools.catalog, owner=step.owner)
        require(ask.who, MAY_HAND_OVER, held, what=f"Skip step {step.number}")
        require_seen(story, step, ask.seen_version)
        require_may_skip(ask.who, app, step, starter=story.release.starter)
        after(STEP, step.state, Move.SKIP)
        reason = " ".join(ask.words) or ask.fields.get("reason", "")
        if not reason and "reason" not in ask.fields:
            return _form(story.release.id, step.number, step.version, step.title)
        if len(reason.strip()) < SHORTEST_REASON:
            return FormErrors(errors={"reason": "Say why, in a few words."})
        steps, releases = settle(
            story, step, Move.SKIP, at=ask.at, watch=tools.watch, reason=reason.strip()
        )
        cards = (
            f"root:{story.release.id}",
            *(f"step:{story.release.id}:{m.number}" for m in steps),
            *begun_cards(releases),
        )
        tools.keep(
            Change(
                act="skip",
                by=ask.who.id,
                at=ask.at,
                release_id=story.release.id,
                body={"step": step.number, "reason": reason.strip()},
                steps=steps,
                releases=releases,
                cards=cards,
            ),
            otherwise="Not skipped",
        )
        return Said(text=f"Skipped step {step.number}: {reason.strip()}", on_card=True)


def _form(release: int, step: int, version: int, title: str) -> Form:
    return Form(
        verb="skip",
        title=f"Skip step {step}",
        submit="Skip step",
        fields=(
            FormField(
                name="reason",
                label=f"Why may “{title}” be skipped?",
                kind="long_text",
                hint="The reason stays on the card and in the audit.",
                max_length=300,
            ),
        ),
        carry={"release": str(release), "step": str(step), "seen": str(version)},
    )


COMMAND: Command = Skip()
