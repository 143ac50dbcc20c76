"""Looks at the pages just before a purge and just after it, for its own verdict."""

from __future__ import annotations

from dataclasses import replace

from bot.release.records import Json
from bot.release.refusal import Refusal
from bot.steps import Fetch, Fetched, Job, Step
from bot.work.jobs import release_name
from bot.work.parts import Parts
from bot.work.report import Report

KEPT = "beside"
BEFORE_LINE = "looking at the pages before the purge"
AFTER_LINE = "looking at the pages after the purge"


def look_before(parts: Parts, step: Step, job: Job, report: Report, *, begun: bool) -> Job:
    """Return the job with how the pages are before the first key goes.

    The look is kept in the action's progress and never repeated: after a crash or a pause keys are gone already,
    and a look would fill the cache again. Where the purge has begun without it, there is none.
    """
    if KEPT not in report.so_far:
        report.so_far[KEPT] = None if begun else _look(parts, step, job, report)
        report.keep()
    return replace(job, beside=report.so_far[KEPT])


def _look(parts: Parts, step: Step, job: Job, report: Report) -> Json | None:
    wishes = step.look_before(job)
    if not wishes:
        return None
    try:
        return step.keep_beside(job, _fetched(parts, job, wishes, report, BEFORE_LINE))
    except Refusal:
        # Pages that cannot be reached must not keep a purge back: its verdict will be unsure.
        return None


def look_after(parts: Parts, step: Step, job: Job, report: Report) -> tuple[Fetched, ...]:
    """Return what the pages answer after the purge; empty where they may not be asked."""
    try:
        return _fetched(parts, job, step.look_after(job), report, AFTER_LINE)
    except Refusal:
        # The purge is done; that nobody could look at it is the verdict's to say.
        return ()


def _fetched(
    parts: Parts, job: Job, wishes: tuple[Fetch, ...], report: Report, line: str
) -> tuple[Fetched, ...]:
    def on_progress(done: int, total: int) -> None:
        report.tell("look", line, done, total)
        report.heed()

    if wishes:
        report.phase("look", line)
    return tuple(
        parts.probe.fetch(
            wish,
            base_url=job.environment.url,
            allow_private=job.environment.allow_private,
            cookies={},
            on_progress=on_progress,
            release=release_name(job),
        )
        for wish in wishes
    )
