"""Purge only the affected route: a plan first, then exactly that plan."""

from __future__ import annotations

from dataclasses import asdict

from bot.release.catalog import Route
from bot.release.finding import patterns_of
from bot.release.generation import generation_keys
from bot.release.page_gets import (
    BEFORE,
    IDENTITY_BEFORE,
    Page,
    PageGet,
    gets_after,
    pages_around,
)
from bot.release.plan import treatments_in
from bot.release.plan_verdict import judge_plan
from bot.release.purge_look import Around, judge_around
from bot.release.purge_texts import purge_texts
from bot.release.purge_verdict import with_pages
from bot.release.records import Json, Outcome, Verdict
from bot.release.sight import Sight, sights_from_json, sights_json
from bot.release.treatment import duration
from bot.release.wave_plan import came_back
from bot.steps import (
    Count,
    Counted,
    Fetch,
    Fetched,
    Job,
    LookOnly,
    Purge,
    Purged,
    Request,
    Seen,
    Step,
    Texts,
    Wish,
)


class ScopedPurge(LookOnly):
    """Run counts, approval binds to the plan's hash, and only then are keys taken, snapshot first."""

    kind = "purge"
    order = 3
    title = "Purge only the affected route"
    acts = True

    def texts(self, routes: tuple[tuple[str, Route], ...]) -> Texts:
        """Return the text the start form is filled with."""
        expected, note = purge_texts(routes)
        return Texts(expected=expected, rollback_note=note)

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

    def judge(self, job: Job, seen: tuple[Seen, ...]) -> Verdict:
        """Say what the purge would take; unsure where it would take nothing or what may not be the route's own."""
        (counted,) = seen
        assert isinstance(counted, Counted)
        return judge_plan(counted.plan)

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

    def look_before(self, job: Job) -> tuple[Fetch, ...]:
        """Look at each page of the routes, and at a few that are none of theirs: hit or miss, and how old."""
        return tuple(
            Fetch(requests=_requests(page, BEFORE if page.neighbour else BEFORE + IDENTITY_BEFORE))
            for page in pages_around(job.app, job.routes)
        )

    def keep_beside(self, job: Job, seen: tuple[Fetched, ...]) -> Json:
        """Keep what each answer said about caching."""
        return sights_json(_sights(job, seen))

    def look_after(self, job: Job) -> tuple[Fetch, ...]:
        """Look at the same pages: each until it was made anew and is a hit again, each neighbour once."""
        before = sights_from_json(job.beside)
        return tuple(
            Fetch(requests=_requests(page, gets_after(page, before.get(page.path, {}))))
            for page in pages_around(job.app, job.routes)
        )

    def judge_act(self, job: Job, seen: tuple[Seen, ...]) -> Verdict:
        """Say what was taken, what a last count still found, and what the pages say of it (H6, H8 to H11)."""
        purged, *looks = seen
        assert isinstance(purged, Purged)
        done = _only_generations(purged) if purged.snapshot_id is None else _taken(purged)
        if not looks:
            return with_pages(done, ())
        before = sights_from_json(job.beside)
        back = purged.waves > 1 or purged.warmed > 0 or purged.left > 0
        after = _sights(job, tuple(looks))
        around = Around(before=before, after=after, refilled=back or not before)
        return with_pages(done, judge_around(pages_around(job.app, job.routes), around))


def _requests(page: Page, gets: tuple[PageGet, ...]) -> tuple[Request, ...]:
    return tuple(
        Request(
            path=page.path,
            headers=get.headers,
            label=get.label,
            only_after_hit=get.after_hit,
            only_after_miss=get.after_miss,
            after_s=get.after_s,
            indicator=page.indicator,
        )
        for get in gets
    )


def _sights(job: Job, seen: tuple[Seen, ...]) -> dict[str, dict[str, Sight]]:
    """Return what each answer that was asked for says, by page and label."""
    found: dict[str, dict[str, Sight]] = {}
    for page, fetched in zip(pages_around(job.app, job.routes), seen, strict=True):
        assert isinstance(fetched, Fetched)
        found[page.path] = {row.request.label: row.sight for row in fetched.responses if row.sent}
    return found


def _taken(purged: Purged) -> Verdict:
    actual = f"{_done(purged)}, {purged.left:,} left, {purged.seconds:.1f} s"
    actual += "".join(f"\n{line}" for line in purged.generations)
    if purged.waves > 1:
        actual += f"\n{purged.waves} waves, a look after each but the last"
    if purged.quarantined:
        actual += f"\n{purged.quarantined:,} large keys set aside on the server"
    if purged.warmed:
        actual += f"\n{purged.warmed:,} pages fetched to warm the cache"
    return Verdict(
        outcome=Outcome.UNSURE if purged.old else Outcome.PASS,
        evidence=f"{_kept(purged)} {came_back(purged.left, purged.old)}",
        actual=actual,
        numbers=asdict(purged),
    )


def _only_generations(purged: Purged) -> Verdict:
    return Verdict(
        outcome=Outcome.PASS,
        evidence=f"Set: {'; '.join(purged.generations)}. Old values age out by their own expiry.",
        actual="\n".join(purged.generations),
        numbers=asdict(purged),
    )


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


STEP: Step = ScopedPurge()
