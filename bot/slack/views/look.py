"""The answer to a look outside a release: a check, the headers, or a purge that is only counted."""

from __future__ import annotations

from bot.release.plan import plan_from_json
from bot.release.records import ENDED_ACTION, Action, ActionKind, ActionState, Outcome
from bot.slack.views.blocks import Card, card, context, labelled, preformatted, rich, section
from bot.slack.views.chart import chart_blocks
from bot.slack.views.plan import plan_parts
from bot.slack.views.progress import far_line
from bot.slack.views.standing import VERDICTS
from bot.slack.views.undo import what_failed, what_next
from bot.slack.views.wording import Names, clamp, clamp_lines, escape, moment, named, sentence

TITLES = {
    ActionKind.CHECK: "Response time",
    ActionKind.HEADERS: "Cache headers",
    ActionKind.PREVIEW: "Dry run of a purge",
    ActionKind.VERIFY_SNAPSHOT: "Snapshot check",
    ActionKind.DRILL: "Drill of the rollback",
    ActionKind.REHEARSE: "Rehearsal",
}


def look_card(action: Action, names: Names) -> Card:
    """Return the card of one look."""
    title = TITLES.get(action.kind, "Look")
    where = _where(action)
    headline = f"*{escape(title)}* · {escape(where)}"
    asked = context(f"Asked by {named(names, action.asked_by)} {moment(action.asked_at)}")
    if action.state not in ENDED_ACTION:
        text = escape(sentence(f"{title} of {where}"))
        return card(text, [section(f"⏳ {headline}\n{escape(far_line(action))}"), asked])
    if action.state is not ActionState.DONE:
        failed = str(action.result.get("failed", "No reason was recorded."))
        text = escape(sentence(f"{title} of {where} failed: {failed}"))
        told = f"❌ {headline}\n*Failed*: {what_failed(action, names)}\n{what_next(action)}"
        return card(text, [section(told), asked])
    return _done(action, f"{title} of {where}", headline, names)


def _where(action: Action) -> str:
    args = action.args
    routes = ", ".join(str(route) for route in args.get("routes", ()))
    place = f"{args.get('app', '?')} {args.get('environment', '')}".strip()
    return f"{routes or 'nothing'} of {place}"


def _done(action: Action, what: str, headline: str, names: Names) -> Card:
    result = action.result
    evidence = str(result.get("evidence", ""))
    plan = dict(result.get("numbers") or {}).get("plan")
    outcome = Outcome(result["outcome"]) if "outcome" in result else None
    sign = "Seen" if outcome is None else VERDICTS[outcome]
    lines = clamp_lines(str(result.get("actual", "")).splitlines(), 2000)
    measured = [preformatted(lines)] if lines else []
    shown = measured if plan is None else plan_parts(plan_from_json(plan))
    charts = chart_blocks(dict(result.get("numbers") or {}))
    judged = labelled(sign, clamp(evidence, 600), loud=outcome is Outcome.FAIL)
    asked = context(f"Asked by {named(names, action.asked_by)} {moment(action.asked_at)}")
    return card(
        f"{escape(sentence(f'{sign}: {evidence}'))} {escape(what)}.",
        [section(headline), rich(judged, *shown), *charts, asked],
    )
