"""The answer to a look outside a release: a check, the headers, or a purge that is only counted."""

from __future__ import annotations

from bot.release.plan import plan_from_json
from bot.release.records import ENDED_ACTION, Action, ActionKind, ActionState, Outcome
from bot.slack.views.blocks import Block, Card, card, context, labelled, preformatted, rich, section
from bot.slack.views.checklist import SIGNS
from bot.slack.views.plan import plan_block
from bot.slack.views.progress import running_line
from bot.slack.views.wording import (
    Names,
    clamp,
    clamp_lines,
    escape,
    escape_but_mentions,
    moment,
    named,
    sentence,
)

TITLES = {
    ActionKind.CHECK: "Response time",
    ActionKind.HEADERS: "Cache headers",
    ActionKind.PREVIEW: "Purge, only counted",
}


def look_card(action: Action, names: Names) -> Card:
    """Return the card of one look."""
    what = f"{TITLES.get(action.kind, 'Look')} of {_where(action)}"
    doer = named(names, action.asked_by)
    if action.state not in ENDED_ACTION:
        line = running_line(action, doer)
        return card(escape(sentence(what)), [section(f"*{escape(what)}*\n{line}")])
    asked = context(f"Asked by {doer} {moment(action.asked_at)}")
    if action.state is not ActionState.DONE:
        return _failed(action, what, asked)
    return _done(action, what, asked)


def _where(action: Action) -> str:
    args = action.args
    routes = ", ".join(str(route) for route in args.get("routes", ()))
    return f"{routes or 'nothing'}, {args.get('app', '?')} {args.get('environment', '')}".strip()


def _failed(action: Action, what: str, asked: Block | None) -> Card:
    result = action.result
    failed = str(result.get("failed", "No reason was recorded."))
    retry = "Retry is safe." if result.get("retry_is_safe") else "Do not retry before looking."
    expected = escape_but_mentions(clamp(str(result.get("expected", "")), 800))
    shown = escape_but_mentions(clamp(failed, 800))
    return card(
        escape(sentence(f"{what} failed: {failed}")),
        [section(f"❌ *{escape(what)} failed*\n{shown}\n*Expected*: {expected}\n{retry}"), asked],
    )


def _done(action: Action, what: str, asked: Block | None) -> Card:
    result = action.result
    evidence = str(result.get("evidence", ""))
    plan = dict(result.get("numbers") or {}).get("plan")
    sign = SIGNS[Outcome(result["outcome"])] if "outcome" in result else "Seen"
    lines = clamp_lines(str(result.get("actual", "")).splitlines(), 2000)
    return card(
        escape(sentence(f"{sign}, {what}: {evidence}")),
        [
            section(f"*{escape(what)}*"),
            rich(
                labelled(sign, clamp(evidence, 600)),
                preformatted(lines) if lines and plan is None else None,
            ),
            plan_block(plan_from_json(plan)) if plan is not None else None,
            asked,
        ],
    )
