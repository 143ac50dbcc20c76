"""Say what the last releases say together: how many were rolled back, how fast, how long approvals waited."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.finding import find_app, find_routes
from bot.release.past import ROLLBACK_BUDGET_S, Statistics, statistics, took
from bot.release.people import Person

COUNTED = 100


class Stats:
    """`stats shop products`: the last hundred releases, so that the answer is as quick in ten years."""

    verb = "stats"
    usage = "stats [app] [route]"
    summary = "Say how many of the last 100 releases were rolled back, how fast, and how long approvals waited."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may look."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Read the last releases and count."""
        app = ask.words[0] if ask.words else ask.fields.get("app") or None
        route = ask.words[1] if len(ask.words) > 1 else ask.fields.get("route") or None
        if app is not None:
            found = find_app(tools.catalog, app)
            if route is not None:
                find_routes(found, [route])
        page = tools.ledger.past(app=app, route=route, limit=COUNTED)
        if not page.rows:
            return Said(text="Nothing was released yet.")
        told = statistics(page.rows)
        what = " ".join(filter(None, (app, route))) or "all apps"
        oldest = page.rows[-1].release
        return Said(
            text=f"{told.releases} {'release' if told.releases == 1 else 'releases'} of {what}, "
            f"since {oldest.started_at:%Y-%m-%d}.",
            lines=(_undone(told), _rollback(told), _approvals(told)),
        )


def _undone(told: Statistics) -> str:
    share = 100 * told.rolled_back / told.releases
    return f"Rolled back: {told.rolled_back} of {told.releases}, {share:.0f} %."


def _rollback(told: Statistics) -> str:
    if told.rollback_p50 is None or told.rollback_p95 is None:
        return "Time to roll back: no rollback was timed."
    word = "within" if told.in_budget else "OVER"
    return (
        f"Time to roll back: p50 {took(told.rollback_p50)}, p95 {took(told.rollback_p95)}, "
        f"{word} the budget of {ROLLBACK_BUDGET_S / 60:.0f} min ({told.rollbacks_timed} timed)."
    )


def _approvals(told: Statistics) -> str:
    if told.waiting_p50 is None or told.waiting_p95 is None:
        return "Approvals: none was given."
    return (
        f"Approvals waited: p50 {took(told.waiting_p50)}, p95 {took(told.waiting_p95)} "
        f"({told.approvals} given)."
    )


COMMAND: Command = Stats()
