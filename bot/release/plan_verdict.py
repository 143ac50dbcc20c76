"""The verdict on a plan: what a purge would take, and what of it may not be the route's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from bot.release.plan import PatternCount, Plan
from bot.release.records import Outcome, Verdict
from bot.release.treatment import treatment_words


def judge_plan(plan: Plan) -> Verdict:
    """Say what the purge would take; unsure where it would take nothing or what may not be the route's own."""
    actual = [
        *map(_counted, plan.patterns),
        *(row.words for row in plan.generations),
    ]
    doubted = "; ".join(_doubts(plan))
    broken = [row.words for row in plan.generations if row.number is None]
    if broken:
        evidence = f"Nothing can be purged: {'; '.join(broken)}."
    elif doubted:
        evidence = f"{plan.keys:,} keys match, among them {doubted}."
    elif plan.generations and plan.keys == 0:
        evidence = f"{'; '.join(row.words for row in plan.generations)}."
    elif plan.keys == 0:
        evidence = "No key matches: the purge would take nothing."
    else:
        evidence = f"{plan.keys:,} keys match, {100 * plan.share:.1f} % of the database."
    empty = bool(plan.patterns) and plan.keys == 0
    return Verdict(
        outcome=Outcome.UNSURE if broken or doubted or empty else Outcome.PASS,
        evidence=evidence,
        actual="\n".join(actual),
        numbers={"plan": asdict(plan), "plan_hash": plan.hash},
    )


def _counted(row: PatternCount) -> str:
    words = treatment_words(row.treatment)
    return f"{row.pattern}  {row.keys:,} keys, {row.bytes:,} bytes" + (words and f", {words}")


def _doubts(plan: Plan) -> Iterator[str]:
    neighbours = sorted({name for row in plan.patterns for name in row.neighbours})
    if neighbours:
        yield f"neighbours of the route: {', '.join(neighbours[:5])}"
    for route in plan.groups("overlaps")[:3]:
        yield f"{route.keys:,} of the route {route.name}"
    alike = plan.groups("alike")
    if alike:
        names = ", ".join(group.name for group in alike[:3])
        keys = sum(group.keys for group in alike)
        verb = "looks" if keys == 1 else "look"
        yield f"{keys:,} that {verb} like sessions, locks or queues: {names}"
