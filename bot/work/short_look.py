"""Looks at the route's pages for a moment, before a purge in waves and between two of its waves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bot.release.cache_headers import BROWSER_HEADERS
from bot.release.cache_indicator import came_from_cache
from bot.release.records import Outcome
from bot.release.refusal import Refusal
from bot.release.wave_look import (
    Glance,
    Judged,
    Sample,
    glance,
    glance_from_json,
    glance_json,
    judge,
)
from bot.steps import Fetch, Job, Request, Response
from bot.work.jobs import release_name
from bot.work.parts import Parts
from bot.work.report import Report

ROUNDS = 3
PATHS = 2
EVERY_S = 0.2
LINE = "short look at the pages"


def look_before(parts: Parts, job: Job, report: Report) -> None:
    """Record once how the pages are before the first key goes."""
    if "before" not in report.so_far:
        report.phase("look", LINE)
        report.so_far["before"] = None
        try:
            report.so_far["before"] = glance_json(_glance(parts, job, report))
        except Refusal:
            # Nothing to compare with; the look after the first wave meets the same and asks a person.
            report.so_far["before"] = None
        report.keep()


def look_between(parts: Parts, job: Job, report: Report, number: int) -> dict[str, Any]:
    """Return the look after a wave as it is recorded; one that was recorded before is not repeated."""
    wave: dict[str, Any] = report.so_far["waves"][number - 1]
    if "look" not in wave:
        report.phase("look", f"{LINE} after wave {number}")
        judged = _judged(parts, job, report)
        wave["look"] = {
            "outcome": judged.outcome,
            "evidence": f"After wave {number}: {judged.evidence}",
            "turn": report.turn,
        }
        report.keep()
    found: dict[str, Any] = wave["look"]
    return found


def _judged(parts: Parts, job: Job, report: Report) -> Judged:
    before = glance_from_json(report.so_far.get("before"))
    try:
        return judge(before, _glance(parts, job, report))
    except Refusal as refusal:
        return Judged(outcome=Outcome.UNSURE, evidence=refusal.failed)


def _glance(parts: Parts, job: Job, report: Report) -> Glance:
    paths = [path for _, route in job.routes for path in route.paths][:PATHS]
    requests = tuple(in_turns(job, paths, ROUNDS))
    if not requests:
        return glance(())

    def on_progress(done: int, total: int) -> None:
        report.tell("look", LINE, done, total)
        report.heed()

    seen = parts.probe.fetch(
        Fetch(requests=requests, every=EVERY_S),
        base_url=job.environment.url,
        allow_private=job.environment.allow_private,
        cookies={},
        on_progress=on_progress,
        release=release_name(job),
    )
    return glance([sample(answer) for answer in seen.responses])


def in_turns(job: Job, paths: Sequence[str], rounds: int) -> Iterator[Request]:
    """Ask for the pages and the first control page of the routes in turns, signed in as nobody."""
    own = {
        path: route.indicator
        for _, route in job.routes
        for path in (*route.paths, route.control)
        if path is not None
    }
    controls = [route.control for _, route in job.routes if route.control is not None][:1]
    asked = [*((path, "page") for path in paths), *((path, "control") for path in controls)]
    for number in range(1, rounds + 1):
        for path, kind in asked:
            yield Request(
                path=path,
                headers=BROWSER_HEADERS,
                label=f"{kind} {number}",
                indicator=own.get(path),
            )


def sample(answer: Response) -> Sample:
    """Return what an answer to one of those requests says."""
    kind, _, number = answer.request.label.partition(" ")
    return Sample(
        path=answer.request.path,
        control=kind == "control",
        round=int(number),
        status=answer.status,
        ms=answer.seconds * 1000,
        hit=came_from_cache(answer.headers, answer.request.indicator),
        error=answer.error,
    )
