"""Purge only the affected route: a plan first, then exactly that plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from bot.release.catalog import Route
from bot.release.finding import patterns_of
from bot.release.generation import generation_keys
from bot.release.plan import PatternCount, Plan, treatments_in
from bot.release.records import Json, Outcome, Verdict
from bot.release.treatment import PLAIN, duration, treatment_words, treatments_of
from bot.release.wave_plan import came_back
from bot.steps import Count, Counted, Job, Purge, Purged, Seen, Step, Texts, Wish


class ScopedPurge:
    """Run counts, approval binds to the plan's hash, and only then are keys taken, snapshot first."""

    kind = "purge"
    order = 3
    title = "Purge only the affected route"
    acts = True

    def texts(self, routes: tuple[tuple[str, Route], ...]) -> Texts:
        """Return the text the start form is filled with."""
        if generation_keys(routes):
            return _with_generations(taken=bool(patterns_of(routes)))
        treatments = set(treatments_of(routes).values())
        return Texts(
            expected="Only keys of the chosen routes go, each into a snapshot first; none is left."
            if not any(treatments)
            else "Only keys of the chosen routes are touched, as the plan says of each pattern.",
            rollback_note="Roll back puts the snapshot back: every key with its content and its expiry."
            + (
                " Keys without undo stay gone; the app writes them anew."
                if PLAIN in treatments
                else ""
            ),
        )

    def baseline(self, job: Job) -> tuple[Wish, ...]:
        """Return nothing: the plan itself is the look before."""
        return ()

    def remember(self, job: Job, seen: tuple[Seen, ...]) -> Json:
        """Return nothing: there is no baseline."""
        return {}

    def plan(self, job: Job) -> tuple[Wish, ...]:
        """Count the scope."""
        chosen = {name for name, _ in job.routes}
        others = tuple(
            (name, route.keys)
            for name, route in job.app.routes.items()
            if route.keys and name not in chosen
        )
        return (
            Count(
                patterns=patterns_of(job.routes),
                others=others,
                generations=generation_keys(job.routes),
            ),
        )

    def further(self, job: Job, seen: tuple[Seen, ...]) -> tuple[Wish, ...]:
        """Return nothing: one count is enough."""
        return ()

    def judge(self, job: Job, seen: tuple[Seen, ...]) -> Verdict:
        """Say what the purge would take; unsure where it would take nothing or what may not be the route's own."""
        (counted,) = seen
        assert isinstance(counted, Counted)
        plan = counted.plan
        numbers = {"plan": asdict(plan), "plan_hash": plan.hash}
        actual = "\n".join(
            [
                *map(_counted, plan.patterns),
                *(row.words for row in plan.generations),
            ]
        )
        doubts = "; ".join(_doubts(plan))
        broken = [row.words for row in plan.generations if row.number is None]
        if broken:
            evidence = f"Nothing can be purged: {'; '.join(broken)}."
        elif doubts:
            evidence = f"{plan.keys:,} keys match, among them {doubts}."
        elif plan.generations and plan.keys == 0:
            evidence = f"{'; '.join(row.words for row in plan.generations)}."
        elif plan.keys == 0:
            evidence = "No key matches: the purge would take nothing."
        else:
            evidence = f"{plan.keys:,} keys match, {100 * plan.share:.1f} % of the database."
        empty = bool(plan.patterns) and plan.keys == 0
        outcome = Outcome.UNSURE if broken or doubts or empty else Outcome.PASS
        return Verdict(outcome=outcome, evidence=evidence, actual=actual, numbers=numbers)

    def act(self, job: Job) -> tuple[Purge, ...]:
        """Purge exactly the approved plan."""
        if job.plan is None:
            return ()
        return (
            Purge(
                patterns=patterns_of(job.routes),
                plan_hash=job.plan.hash,
                planned_keys=job.plan.keys,
                treatments=treatments_in(job.plan),
                generations=job.plan.generations,
            ),
        )

    def judge_act(self, job: Job, seen: tuple[Seen, ...]) -> Verdict:
        """Say what was taken and what a last count still found."""
        (purged,) = seen
        assert isinstance(purged, Purged)
        if purged.snapshot_id is None:
            return _only_generations(purged)
        actual = f"{_done(purged)}, {purged.left:,} left, {purged.seconds:.1f} s"
        actual += "".join(f"\n{line}" for line in purged.generations)
        if purged.waves > 1:
            actual += f"\n{purged.waves} waves, a look after each but the last"
        if purged.quarantined:
            actual += f"\n{purged.quarantined:,} large keys set aside on the server"
        if purged.warmed:
            actual += f"\n{purged.warmed:,} pages fetched to warm the cache"
        came = came_back(purged.left, purged.old)
        return Verdict(
            outcome=Outcome.UNSURE if purged.old else Outcome.PASS,
            evidence=f"{_kept(purged)} {came}",
            actual=actual,
            numbers=asdict(purged),
        )


def _with_generations(*, taken: bool) -> Texts:
    also, back = "", ""
    if taken:
        also = " Only keys of the other routes go, each into a snapshot first."
        back = " The snapshot goes back: every key with its content and its expiry."
    return Texts(
        expected=f"The generation of the chosen routes is set to the next number.{also}",
        rollback_note=f"Roll back sets the old number, unless somebody moved it on.{back}",
    )


def _only_generations(purged: Purged) -> Verdict:
    return Verdict(
        outcome=Outcome.PASS,
        evidence=f"Set: {'; '.join(purged.generations)}. Old values age out by their own expiry.",
        actual="\n".join(purged.generations),
        numbers=asdict(purged),
    )


def _counted(row: PatternCount) -> str:
    words = treatment_words(row.treatment)
    return f"{row.pattern}  {row.keys:,} keys, {row.bytes:,} bytes" + (words and f", {words}")


def _done(purged: Purged) -> str:
    """Return what became of the keys, in numbers."""
    parts = [f"{purged.taken:,} keys {'copied' if purged.soft else 'taken out'}"]
    parts += [f"{pattern} expires within {duration(seconds)}" for pattern, seconds in purged.soft]
    parts += [f"{purged.deleted:,} deleted without undo"] if purged.deleted else []
    return ", ".join(parts)


def _kept(purged: Purged) -> str:
    """Return what can be put back, and what cannot."""
    kept = f"{purged.taken:,} keys are in snapshot {purged.snapshot_id}."
    if purged.soft:
        longest = max(seconds for _, seconds in purged.soft)
        kept += f" Soft ones stay until they expire, within {duration(longest)}."
    return f"{kept} {purged.deleted:,} were deleted for good." if purged.deleted else kept


def _doubts(plan: Plan) -> Iterator[str]:
    """Return what of the scope may not be the route's own."""
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


STEP: Step = ScopedPurge()
