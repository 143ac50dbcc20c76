"""Puts back what a rehearsal took out that broke off, now or before the next one."""

from __future__ import annotations

import logging

from bot.release.finding import patterns_of
from bot.release.refusal import Refusal
from bot.release.treatment import scopes_of, treatments_of
from bot.work.generations import NOTED
from bot.work.rehearsal_undo import NEW, Rehearsed, put_back, tidy

log = logging.getLogger(__name__)


def put_back_now(work: Rehearsed, refusal: Refusal) -> Refusal:
    """Put back what was taken out; return the refusal with what became of it."""
    on = work.job.environment_name
    begun = work.snapshot_id in work.parts.snapshots.ids()
    if not begun and not (work.report.so_far.get(NOTED) or work.kept["moves"]):
        return _with(refusal, f"Nothing was taken out of {on}.")
    try:
        # Keys that a soft purge left standing have another expiry: they go out first, and come back with their own.
        soft = scopes_of(patterns_of(work.job.routes), treatments_of(work.job.routes).items()).soft
        tally = put_back(work, new_values=bool(soft))
    except Refusal as again:
        log.warning("a rehearsal's keys are not back yet: %s", again)
        return _with(refusal, _kept_words(work))
    if tally.failed:
        return _with(refusal, _kept_words(work))
    tidy(work)
    return _with(refusal, f"What was taken out of {on} was put back.")


def _with(refusal: Refusal, more: str) -> Refusal:
    """Return the refusal with one sentence more."""
    return Refusal(
        code=refusal.code,
        failed=f"{refusal.failed} {more}",
        expected=refusal.expected,
        retry_is_safe=refusal.retry_is_safe,
    )


def _kept_words(work: Rehearsed) -> str:
    secret = work.parts.secrets[work.job.environment.redis]
    command = work.parts.snapshots.command(work.snapshot_id, secret)
    return (
        f"Keys of {work.job.environment_name} are still in snapshot {work.snapshot_id}: the next "
        f"rehearsal puts them back first, or by hand: `{command}`"
    )


def put_back_left(work: Rehearsed) -> None:
    """Put back what an earlier rehearsal on this environment could not, before anything else is taken out."""
    mine = {work.snapshot_id, work.snapshot_id + NEW}
    for name in work.parts.snapshots.ids():
        if name.startswith(work.prefix) and name not in mine:
            _put_one_back(work, name)


def _put_one_back(work: Rehearsed, name: str) -> None:
    line = "putting back what an earlier rehearsal left"
    work.report.phase("restore", line)
    snapshot = work.parts.snapshots.reader(name)
    work.keyspace.restore(snapshot, on_batch=work.report.walk("restore", line, 0))
    found = work.keyspace.verify(snapshot, on_batch=work.report.walk("verify", line, 0))
    if not found.missing:
        work.keyspace.release_quarantine(name)
        work.parts.snapshots.delete(name)
