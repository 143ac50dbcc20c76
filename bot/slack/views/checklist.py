"""A step card: owner, expected, measured and rollback note in one place, and what can be done now."""

from __future__ import annotations

from collections.abc import Sequence

from bot.release.catalog import Catalog
from bot.release.checklist import approvals_of
from bot.release.plan import plan_from_json
from bot.release.quorum import approvers_left, quorum_of
from bot.release.records import Action, StepLine, Story
from bot.release.states import ReleaseState, StepState
from bot.release.stopping import DECIDED, why_stopped
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
from bot.slack.views.chart import chart_blocks
from bot.slack.views.plan import plan_parts, short_hash
from bot.slack.views.reported import reported
from bot.slack.views.standing import (
    BUSY,
    VERDICTS,
    failed,
    sign_now,
    step_words,
    waits_for,
    waits_paused,
)
from bot.slack.views.steering import far_parts, steering_buttons, told_line
from bot.slack.views.undo import roll_back_button
from bot.slack.views.wording import (
    Names,
    clamp,
    clamp_lines,
    clamp_words,
    escape,
    mention,
    moment,
    named,
    sentence,
    spelled,
    unstyled,
)

NEEDED = "Expected: "
ONE_LINE = 90
GIST = 60
SHORT = frozenset({StepState.WAITING, StepState.SKIPPED})
OVER = frozenset({StepState.DONE, StepState.ACTING, StepState.SKIPPED})


def step_card(story: Story, step: StepLine, catalog: Catalog, names: Names) -> Card:
    """Return the card of one step; one that was never looked at and is not up now stays short."""
    open_now = story.release.state is ReleaseState.OPEN
    title = f"{sign_now(story, step)} *{step.number}. {escape(step.title)}*"
    owner, said = named(names, step.owner), step_words(story, step)
    over = not open_now and step.state is StepState.READY
    if step.verdict is None and (step.state in SHORT or over) and not reported(story, step, names):
        gist = _reason(step) or f"expected: {unstyled(clamp_words(step.expected, GIST))}"
        short = [section(title), context(f"{said.capitalize()} · {owner} · {gist}")]
        return card(_sentence(story, step, names), short)
    drawn = [
        section(" · ".join(filter(None, (f"{title}\n*Owner*: {owner}", said, _reason(step))))),
        _judged(step, names),
        section(f"*Release stopped.* {DECIDED}") if why_stopped(step) and open_now else None,
        rich(*_lines(story, step)),
        rich(*told) if (told := reported(story, step, names)) else None,
        *_charts(step),
        context(_approvals(story, step, catalog, names)),
        context(_started(story, step, names)),
        context(told_line(story, names) if step.state is StepState.ACTING else ""),
        *(_buttons(story, step, catalog) if open_now else ()),
    ]
    return card(_sentence(story, step, names), drawn)


def _sentence(story: Story, step: StepLine, names: Names) -> str:
    """Return the notification: which step, what became of it, and the evidence."""
    start, verdict = f"{story.release.name} step {step.number}", step.verdict
    if step.state is StepState.SKIPPED:
        return escape(sentence(f"{start} skipped: {step.reason or step.title}"))
    if verdict is None or step.state in BUSY:
        stands = waits_for(step, names)
        if step.state is StepState.ACTING and waits_paused(story):
            stands = "is PAUSED, resume or stop it"
        return sentence(f"{start} {stands}: {escape(step.title)}")
    word = {"pass": "passed", "fail": "FAILED", "unsure": "is unsure"}[verdict.outcome]
    word = "STOPPED" if step.state is StepState.STOPPED else word
    return escape(sentence(f"{start} {word}: {spelled(verdict.evidence, names)}"))


def _judged(step: StepLine, names: Names) -> Block | None:
    """Return the news: the verdict and its evidence; nothing in it is parsed."""
    verdict = step.verdict
    if verdict is None or step.state in BUSY:
        return None
    evidence = clamp(spelled(verdict.evidence, names), 600)
    return rich(labelled(VERDICTS[verdict.outcome], evidence, loud=failed(step)))


def _lines(story: Story, step: StepLine) -> list[Part]:
    """Return expected beside measured, then how to undo; nothing in it is parsed."""
    expected = labelled("Expected", clamp(step.expected, 600))
    note = labelled("Rollback note", clamp(step.rollback_note, 600))
    verdict = step.verdict
    if verdict is None or step.state in BUSY:
        work = _newest(story, step) if step.state in BUSY else None
        return [expected, *far_parts(story, step, work), note]
    return [expected, *_measured(step, verdict.actual.strip()), note]


def _measured(step: StepLine, actual: str) -> Sequence[Part]:
    if step.state is StepState.JUDGED and step.plan is not None:
        return plan_parts(plan_from_json(step.plan))
    if step.state is StepState.STOPPED and actual.startswith(NEEDED):
        return [
            labelled("Measured", "it did not come to an end"),
            labelled("Needed", clamp(actual.removeprefix(NEEDED), 600)),
        ]
    if len(actual.splitlines()) < 2 and len(actual) <= ONE_LINE:
        return [labelled("Measured", actual or "nothing to show")]
    return [labelled("Measured", ""), preformatted(clamp_lines(actual.splitlines(), 2000))]


def _charts(step: StepLine) -> list[Block]:
    verdict = step.verdict
    return [] if verdict is None or step.state in BUSY else chart_blocks(verdict.numbers)


def _newest(story: Story, step: StepLine) -> Action | None:
    mine = [row for row in story.actions if row.step == step.number]
    return max(mine, key=lambda row: row.asked_at, default=None)


def _started(story: Story, step: StepLine, names: Names) -> str:
    action = _newest(story, step)
    if step.state not in BUSY or action is None:
        return ""
    return f"Started by {named(names, action.asked_by)} {moment(action.asked_at)}"


def _approvals(story: Story, step: StepLine, catalog: Catalog, names: Names) -> str:
    """Return who said yes and, while it is to be decided, who still may."""
    rows = approvals_of(story, step)
    given = "\n".join(f"Approved by {named(names, row.by)} {moment(row.at)}" for row in rows)
    app = catalog.apps.get(story.release.app)
    if step.state is not StepState.JUDGED or failed(step) or app is None:
        return given if step.state in OVER else ""
    if story.release.state is not ReleaseState.OPEN:
        return given
    quorum = quorum_of(app, story.release, rows, step.plan)
    may = [mention(who) for who in approvers_left(story, step, catalog)]
    plan = f" plan {short_hash(step.plan_hash)}" if step.plan_hash and step.plan else ""
    count = f"{quorum.given} of {quorum.needed} approved{plan}."
    if quorum.missing:
        count += f" One by {mention(quorum.missing)} is still missing."
    asked = f"{count} May approve: {', '.join(may) or 'nobody else'}"
    return f"{given}\n{asked}" if given else asked


def _reason(step: StepLine) -> str:
    if step.state is not StepState.SKIPPED:
        return ""
    return f"why: {unstyled(clamp(step.reason or 'no reason was recorded', 400))}"


def _buttons(story: Story, step: StepLine, catalog: Catalog) -> list[Block | None]:
    skip, hand_over = _press(step, "skip", "Skip"), _press(step, "owner", "Hand over")
    if step.state is StepState.ACTING:
        return steering_buttons(story, step, catalog)
    if step.state is StepState.READY:
        return [actions("do", [_press(step, "run", "Run", primary=True), skip, hand_over])]
    again = _press(step, "run", "Run again", primary=failed(step))
    if failed(step):
        undo = actions("undo", roll_back_button(story, catalog))
        rows = [actions("do", [again, skip, hand_over]), undo]
        return rows[::-1] if why_stopped(step) else rows
    if step.state is StepState.JUDGED:
        label = "Approve" if step.plan is None else "Approve purge"
        approve = _press(step, "approve", label, primary=True)
        reject = _press(step, "reject", "Reject")
        return [actions("do", [approve, reject, again]), actions("else", [skip, hand_over])]
    return []


def _press(step: StepLine, verb: str, label: str, *, primary: bool = False) -> Block:
    press = Press(verb=verb, release=step.release_id, step=step.number, seen=step.version)
    hint = f"{label} step {step.number}: {step.title}"
    return button(label, press, style="primary" if primary else None, hint=hint)
