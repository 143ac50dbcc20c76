"""Takes the keys of a purge out wave by wave into one snapshot, with a short look after each wave but the last."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from bot.release.pace import TEMPO, Pace, Tempo
from bot.release.records import Outcome
from bot.release.soft import Soft
from bot.release.treatment import Scopes, scopes_of
from bot.release.wave_plan import pulse, shares_of
from bot.release.waves import Wave, waves_of
from bot.steps import Job, Purge, Purged
from bot.work.outcomes import Batch, PurgeOutcome
from bot.work.outside import Keyspace
from bot.work.parts import Parts
from bot.work.report import Paused, Report
from bot.work.second_pass import came_back
from bot.work.short_look import look_before, look_between
from bot.work.warming import warm


def purge_in_waves(parts: Parts, job: Job, wish: Purge, report: Report) -> Purged:
    """Return what was taken; a run after a crash or a pause goes on with the wave it was in.

    What is done stands in the action's progress: a finished wave is not taken again, a recorded look
    not repeated. Raise Paused where a look is not well: a person decides.
    """
    so_far = report.so_far
    begun, before_s = time.monotonic(), float(so_far.get("seconds", 0.0))
    shares = so_far.setdefault(
        "shares", list(shares_of(job.environment_name, job.environment, wish.planned_keys))
    )
    try:
        outcome = _take_all(parts, job, wish, report, waves_of(shares))
        so_far["seconds"] = before_s + time.monotonic() - begun
        left, old = came_back(parts, job, wish, report, taken=outcome.taken)
    except Paused:
        so_far["seconds"] = before_s + time.monotonic() - begun
        report.keep()
        raise
    return Purged(
        snapshot_id=str(job.snapshot_id),
        taken=outcome.taken,
        left=left,
        seconds=so_far["seconds"],
        bytes=outcome.bytes,
        quarantined=outcome.quarantined,
        waves=len(shares),
        old=old,
        warmed=int(so_far.get("warmed", 0)),
        deleted=int(so_far.get("deleted", 0)),
        soft=scopes_of(wish.patterns, wish.treatments).soft,
    )


def _take_all(
    parts: Parts, job: Job, wish: Purge, report: Report, waves: tuple[Wave, ...]
) -> PurgeOutcome:
    done: list[dict[str, Any]] = report.so_far.setdefault("waves", [])
    if len(waves) > 1:
        look_before(parts, job, report)
    for number, wave in enumerate(waves[:-1], start=1):
        if len(done) < number:
            taken = _take(parts, job, wish, report, wave, (number, len(waves))).taken
            done.append({"taken": taken})
            report.keep()
        judged = look_between(parts, job, report, number)
        if judged["outcome"] != Outcome.PASS and judged["turn"] == report.turn:
            raise Paused(by_look=True)
        warm(parts, job, report, done[number - 1])
    last = _take(parts, job, wish, report, waves[-1], (len(waves), len(waves)))
    if len(done) < len(waves):
        done.append({"taken": last.taken})
        report.keep()
    warm(parts, job, report, done[-1])
    return last


def _take(
    parts: Parts, job: Job, wish: Purge, report: Report, wave: Wave, place: tuple[int, int]
) -> PurgeOutcome:
    assert job.snapshot_id is not None
    line = partial(_line, place)
    heeding = report.walk_until_told("purge", line, wish.planned_keys)
    scopes = scopes_of(wish.patterns, wish.treatments)
    keyspace, tempo = parts.keyspace(job.app_name, job.environment_name), _tempo(job, report)

    def on_batch(batch: Batch) -> None:
        report.so_far["taken"] = batch.done
        heeding(batch)

    if scopes.plain:
        gone = keyspace.drop(scopes.plain, on_batch=heeding, wave=wave, tempo=tempo)
        report.so_far["deleted"] = report.so_far.get("deleted", 0) + gone
    with parts.snapshots.writer(job.snapshot_id) as writer:
        return keyspace.purge(
            scopes.captured,
            writer,
            stage=job.snapshot_id,
            on_batch=on_batch,
            wave=wave,
            soft=_soft(keyspace, scopes, report, place[0]),
            tempo=tempo,
        )


def _soft(keyspace: Keyspace, scopes: Scopes, report: Report, wave: int) -> tuple[Soft, ...]:
    """Return how long soft keys may stay, from now on; what an earlier run of the wave counted from is kept too."""
    if not scopes.soft:
        return ()
    begun = report.so_far.setdefault("soft", {}).setdefault(str(wave), [])
    begun.append(keyspace.clock_ms())
    report.keep()
    return tuple(
        Soft(pattern=pattern, ttl_s=seconds, begun_ms=tuple(begun))
        for pattern, seconds in scopes.soft
    )


def _line(place: tuple[int, int], done: int, total: int, keys_per_s: float) -> str:
    number, waves = place
    return pulse(done, total, keys_per_s=keys_per_s, wave=number, waves=waves)


def _tempo(job: Job, report: Report) -> Callable[[], Tempo]:
    """Return what says how hard to work now: what was pressed last, else what the catalog says."""
    return lambda: TEMPO[Pace(report.pace or job.environment.pace)]
