"""Reject what a step shows: one approver's no, with a reason, stops it until it is run again."""

from __future__ import annotations

from bot.commands import Ask, Command, Form, FormErrors, FormField, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.checklist import approvals_of, find_step, require_open, require_seen
from bot.release.people import Person, is_approver, may_approve
from bot.release.records import Change, StepLine, StepMove, Story
from bot.release.rejecting import rejected
from bot.release.states import STEP, Move, after

SHORTEST_REASON = 5


class Reject:
    """`reject <why>` in a thread: the approvals given so far are void, and a new run needs new ones."""

    verb = "reject"
    usage = "reject [R-42] [step] <why>"
    summary = "Reject a step's verdict or plan, with a reason: it stops until it is run again."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Only approvers of some app, and the terminal."""
        return who.terminal or any(is_approver(who, app) for app in catalog.apps.values())

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Ask for the reason where it is missing, else stop the step."""
        story = tools.find_story(ask)
        app = tools.catalog.apps[story.release.app]
        require_open(story)
        step = find_step(story, ask.step)
        may_approve(ask.who, app, starter=story.release.starter, what="Not rejected")
        require_seen(story, step, ask.seen_version)
        after(STEP, step.state, Move.REJECT)
        reason = (" ".join(ask.words) or ask.fields.get("reason", "")).strip()
        if not reason and "reason" not in ask.fields:
            return _form(story, step)
        if len(reason) < SHORTEST_REASON:
            return FormErrors(errors={"reason": "Say why, in a few words."})
        tools.keep(_change(ask, story, step, reason), otherwise="Not rejected")
        void = len(approvals_of(story, step))
        voided = f". {void} approval{'s are' if void > 1 else ' is'} void." if void else ""
        return Said(text=f"Rejected step {step.number}: {reason}{voided}", on_card=True)


def _change(ask: Ask, story: Story, step: StepLine, reason: str) -> Change:
    release = story.release
    given = approvals_of(story, step)
    moved = StepMove(
        release_id=release.id,
        number=step.number,
        seen_version=step.version,
        to=after(STEP, step.state, Move.REJECT),
        verdict=rejected(step, by=ask.who.id, reason=reason, void=len(given)),
    )
    return Change(
        act="reject",
        by=ask.who.id,
        at=ask.at,
        release_id=release.id,
        body={"step": step.number, "reason": reason, "void": [row.by for row in given]},
        steps=(moved,),
        cards=(f"step:{release.id}:{step.number}", f"root:{release.id}"),
    )


def _form(story: Story, step: StepLine) -> Form:
    return Form(
        verb="reject",
        title=f"Reject step {step.number}",
        submit="Reject",
        fields=(
            FormField(
                name="reason",
                label="What must change before a yes?",
                kind="long_text",
                hint="Stands on the card and in the audit. The step stops until it is run again.",
                max_length=300,
            ),
        ),
        carry={
            "release": str(story.release.id),
            "step": str(step.number),
            "seen": str(step.version),
        },
    )


COMMAND: Command = Reject()
