"""A step card: owner, expected, measured and rollback note in one place, and what can be done now."""

from __future__ import annotations

from bot.release.catalog import Catalog
from bot.release.checklist import approvals_of
from bot.release.plan import plan_from_json
from bot.release.records import Action, Outcome, StepLine, Story, Verdict
from bot.release.states import ReleaseState, StepState
from bot.slack.views.blocks import (
    Block,
    Card,
    Part,
    Press,
    actions,
    button,
    card,
    context,
    labelled,
    preformatted,
    rich,
    section,
)
from bot.slack.views.plan import plan_block, short_hash
from bot.slack.views.progress import running_line
from bot.slack.views.release import waits_for
from bot.slack.views.wording import (
    Names,
    clamp,
    clamp_lines,
    escape,
    mention,
    moment,
    named,
    sentence,
)

SIGNS = {Outcome.PASS: "✅ Pass", Outcome.FAIL: "❌ Fail", Outcome.UNSURE: "⚠ Unsure"}
STATE_SIGNS = {
    StepState.WAITING: "○",
    StepState.READY: "▶",
    StepState.RUNNING: "⏳",
    StepState.JUDGED: "◆",
    StepState.ACTING: "⏳",
    StepState.STOPPED: "❌",
    StepState.DONE: "✅",
    StepState.SKIPPED: "⤼",
}
STATE_WORDS = {
    StepState.WAITING: "waits for the steps before",
    StepState.READY: "ready to run",
    StepState.RUNNING: "being looked at",
    StepState.JUDGED: "waits for a decision",
    StepState.ACTING: "purging",
    StepState.STOPPED: "stopped",
    StepState.DONE: "done",
    StepState.SKIPPED: "skipped",
}
BUSY = frozenset({StepState.RUNNING, StepState.ACTING})


def step_card(story: Story, step: StepLine, catalog: Catalog, names: Names) -> Card:
    """Return the card of one step."""
    open_now = story.release.state is ReleaseState.OPEN
    state = STATE_WORDS[step.state] if open_now or step.state in BUSY else step.state.value
    planned = step.state is StepState.JUDGED and step.plan is not None
    drawn = [
        section(
            f"{STATE_SIGNS[step.state]} *{step.number}. {escape(step.title)}*\n"
            f"*Owner*: {named(names, step.owner)} · {state}"
        ),
        _line(step, show_actual=not planned),
        plan_block(plan_from_json(step.plan)) if planned and step.plan else None,
        _progress(story, step, names),
        context(_approvals(story, step, catalog, names)),
        *(_buttons(step) if open_now else ()),
        context(_reason(step)),
    ]
    return card(_sentence(story, step, names), drawn)


def _sentence(story: Story, step: StepLine, names: Names) -> str:
    start = f"{story.release.name} step {step.number} of {len(story.steps)}"
    verdict = step.verdict
    if verdict is None or step.state in BUSY:
        return sentence(f"{start} {waits_for(step, names)}: {escape(step.title)}")
    return escape(sentence(f"{start} {verdict.outcome}, {verdict.evidence}"))


def _line(step: StepLine, *, show_actual: bool) -> Block:
    """Show expected and measured in one block, so that they stand beside each other."""
    verdict = step.verdict
    return rich(
        labelled("Expected", clamp(step.expected, 600)),
        *_measured(verdict, show_actual=show_actual),
        labelled("Rollback note", clamp(step.rollback_note, 600)),
    )


def _measured(verdict: Verdict | None, *, show_actual: bool) -> list[Part]:
    if verdict is None:
        return [labelled("Measured", "nothing yet")]
    drawn: list[Part] = []
    if show_actual and verdict.actual.strip():
        lines = clamp_lines(verdict.actual.splitlines(), 2000)
        drawn += [labelled("Measured", ""), preformatted(lines)]
    return [*drawn, labelled(SIGNS[verdict.outcome], clamp(verdict.evidence, 600))]


def _progress(story: Story, step: StepLine, names: Names) -> Block | None:
    action = _newest(story, step)
    if step.state not in BUSY or action is None:
        return None
    return section(running_line(action, named(names, action.asked_by)))


def _newest(story: Story, step: StepLine) -> Action | None:
    mine = [row for row in story.actions if row.step == step.number]
    return max(mine, key=lambda row: row.asked_at, default=None)


def _approvals(story: Story, step: StepLine, catalog: Catalog, names: Names) -> str:
    given = " · ".join(
        f"Approved by {named(names, row.by)} {moment(row.at)}" for row in approvals_of(story, step)
    )
    app = catalog.apps.get(story.release.app)
    if step.state is not StepState.JUDGED or app is None:
        return given if step.state in {StepState.DONE, StepState.ACTING} else ""
    may = ", ".join(mention(who) for who in app.approvers if who != story.release.starter)
    count = len({row.by for row in approvals_of(story, step)})
    lines = [f"{count} of {app.approvals} approved. May approve: {may or 'nobody else'}"]
    if step.plan_hash and step.plan is not None:
        lines.append(f"An approval binds to plan {short_hash(step.plan_hash)}")
    return "\n".join([*lines, given] if given else lines)


def _reason(step: StepLine) -> str:
    if step.state is not StepState.SKIPPED:
        return ""
    return f"Skipped: {escape(clamp(step.reason or 'no reason was recorded', 400))}"


def _buttons(step: StepLine) -> list[Block | None]:
    skip, hand_over = _press(step, "skip", "Skip"), _press(step, "owner", "Hand over")
    if step.state is StepState.READY:
        return [actions("do", [_press(step, "run", "Run", primary=True), skip, hand_over])]
    again = _press(step, "run", "Run again", primary=_must_run_again(step))
    if _must_run_again(step):
        return [actions("do", [again, skip, hand_over])]
    if step.state is StepState.JUDGED:
        label = "Approve" if step.plan is None else "Approve purge"
        approve = _press(step, "approve", label, primary=True)
        return [actions("do", [approve, again]), actions("else", [skip, hand_over])]
    return []


def _must_run_again(step: StepLine) -> bool:
    failed = step.verdict is None or step.verdict.outcome is Outcome.FAIL
    return step.state is StepState.STOPPED or (step.state is StepState.JUDGED and failed)


def _press(step: StepLine, verb: str, label: str, *, primary: bool = False) -> Block:
    press = Press(verb=verb, release=step.release_id, step=step.number, seen=step.version)
    hint = f"{label} step {step.number}: {step.title}"
    return button(label, press, style="primary" if primary else None, hint=hint)
