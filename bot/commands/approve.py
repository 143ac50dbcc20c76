"""Approve a step: the verdict that is shown, or the purge plan with exactly this hash."""

from __future__ import annotations

from dataclasses import replace

from bot.commands import Ask, Command, Form, FormField, Reply, Said, Tools
from bot.release.approval_life import refuse_closed
from bot.release.catalog import Catalog
from bot.release.checklist import (
    approvals_of,
    find_step,
    planned_by,
    require_open,
    require_seen,
    settle,
)
from bot.release.finding import default_environment
from bot.release.large_purge import approvals_more, refuse_too_few
from bot.release.locking import refuse_locked
from bot.release.opening import refuse_frozen
from bot.release.people import Person, may_approve
from bot.release.proving import prove
from bot.release.quorum import Quorum, approval_of, called, quorum_of
from bot.release.records import (
    Action,
    ActionKind,
    Approval,
    Change,
    Outcome,
    StepLine,
    StepMove,
    Story,
)
from bot.release.refusal import Code, Refusal
from bot.release.states import STEP, Move, after
from bot.release.watch_calls import begun_cards
from bot.release.watch_plan import WatchPlan


class Approve:
    """`approve` in a thread: one approver's yes; the last one needed ends the step or starts the purge."""

    verb = "approve"
    usage = "approve [R-42] [step]"
    summary = "Approve a step; for a purge this exact plan."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Only approvers of some app, and the terminal."""
        named = {name for app in catalog.apps.values() for name in app.approvers}
        return who.terminal or who.id in named or bool(named & who.groups)

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Check who and what, then record one approval and what it completes."""
        story = tools.find_story(ask)
        app = tools.catalog.apps[story.release.app]
        require_open(story)
        step = find_step(story, ask.step)
        acts = tools.steps[step.kind].acts
        editor = planned_by(story, step) if acts else None
        may_approve(ask.who, app, starter=story.release.starter, editor=editor)
        require_seen(story, step, ask.seen_version)
        after(STEP, step.state, Move.ACT if acts else Move.APPROVE)
        _refuse_failed(step)
        refuse_closed(story, step, ask.at, tools.reminders.life)
        if acts:
            refuse_locked(story.lock, ask.at, what="Not purged", routes=story.release.routes)
            _refuse_frozen(ask, story, tools)
            asked = _second_factor(ask, story, step, tools)
            if asked is not None:
                return asked
        approval = approval_of(ask.who, app, step, ask.at)
        given = (*approvals_of(story, step), approval)
        quorum = quorum_of(app, story.release, given, step.plan)
        if approvals_more(step.plan) and not ask.who.terminal:
            refuse_too_few(app, quorum.needed)
        enough = quorum.enough or ask.who.terminal
        change = _change(ask, story, step, approval, acts=acts, enough=enough, watch=tools.watch)
        tools.keep(change, otherwise="Not approved")
        return Said(
            text=_answer(step, quorum, acts=acts, enough=enough),
            action=change.requests[0].key if change.requests else None,
            on_card=True,
        )


def _refuse_failed(step: StepLine) -> None:
    if step.verdict is None or step.verdict.outcome is Outcome.FAIL:
        raise Refusal(
            code=Code.NOT_NOW,
            failed=f"Not approved: step {step.number} failed.",
            expected="run it again, skip it with a reason, or roll back.",
            retry_is_safe=True,
        )


def _refuse_frozen(ask: Ask, story: Story, tools: Tools) -> None:
    release = story.release
    if release.hotfix is None:
        way = f'`/cache-release hotfix {release.name} "why"`.'
        refuse_frozen(
            tools.catalog, release.app, release.environment, ask.at, what="Not purged", way=way
        )


def _second_factor(ask: Ask, story: Story, step: StepLine, tools: Tools) -> Reply | None:
    """Return what the person must prove before their yes to a purge in production; None where nothing."""
    release = story.release
    production = default_environment(tools.catalog.apps[release.app])
    if tools.step_up is None or ask.who.terminal or release.environment != production:
        return None
    code = FormField(
        name="code",
        label="Code of your authenticator app",
        kind="text",
        max_length=7,
        hint="Six digits. With it you approve exactly the plan that the card shows.",
    )
    question = Form(
        verb="approve",
        title="Second factor",
        submit="Approve purge",
        fields=(code,),
        carry={"release": str(release.id), "step": str(step.number), "seen": str(step.version)},
    )
    mine = tools.ledger.enrolment(ask.who.id)
    proof = prove(ask, mine, tools.step_up, question, what="Not approved")
    if proof.change is not None:
        tools.keep(proof.change, otherwise="Not approved")
    return proof.reply


def _change(
    ask: Ask,
    story: Story,
    step: StepLine,
    approval: Approval,
    *,
    acts: bool,
    enough: bool,
    watch: WatchPlan,
) -> Change:
    release = story.release
    required = {"required_from": approval.required_from} if approval.required_from else {}
    change = Change(
        act="approve",
        by=ask.who.id,
        at=ask.at,
        release_id=release.id,
        body={"step": step.number, "binds_to": approval.plan_hash, **required},
        approvals=(approval,),
        cards=(f"step:{release.id}:{step.number}", f"root:{release.id}"),
    )
    if enough and not acts:
        steps, releases = settle(story, step, Move.APPROVE, at=ask.at, watch=watch)
        cards = tuple(
            dict.fromkeys(
                (
                    *change.cards,
                    *(f"step:{release.id}:{m.number}" for m in steps),
                    *begun_cards(releases),
                )
            )
        )
        return replace(change, steps=steps, releases=releases, cards=cards)
    moved = StepMove(
        release_id=release.id,
        number=step.number,
        seen_version=step.version,
        to=after(STEP, step.state, Move.ACT if enough else Move.ENDORSE),
    )
    requests = (_purge(ask, story, step),) if enough else ()
    return replace(change, steps=(moved,), requests=requests)


def _purge(ask: Ask, story: Story, step: StepLine) -> Action:
    release = story.release
    return Action(
        key=f"purge:{release.id}:{step.number}:v{step.version}",
        kind=ActionKind.PURGE,
        partition=f"{release.app}/{release.environment}",
        release_id=release.id,
        step=step.number,
        args={"plan_hash": step.plan_hash},
        channel=release.channel,
        asked_by=ask.who.id,
        asked_at=ask.at,
    )


def _answer(step: StepLine, quorum: Quorum, *, acts: bool, enough: bool) -> str:
    if not enough:
        said = f"{quorum.given} of {quorum.needed} approvals for step {step.number}."
        missing = quorum.missing
        return f"{said} One by {called(missing)} is still missing." if missing else said
    return f"Approved: step {step.number} purges now." if acts else f"Approved: step {step.number}."


COMMAND: Command = Approve()
