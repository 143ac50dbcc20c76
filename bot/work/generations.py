"""Sets the next generations of a purge, each noted in the ledger first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.release.generation import Generation, move_words
from bot.release.records import Json
from bot.release.refusal import Code, Refusal
from bot.steps import Job, Purge, Purged
from bot.work.in_waves import purge_in_waves
from bot.work.outside import Keyspace
from bot.work.parts import Parts
from bot.work.report import Report

NOTED = "generations"
LINE = "setting the next generation"


def purge_scope(parts: Parts, job: Job, wish: Purge, report: Report) -> Purged:
    """Set the generations, the quickest and the likeliest to be refused, then take the keys out."""
    begun = parts.clock.now()
    keyspace = parts.keyspace(job.app_name, job.environment_name)
    moves = _set_next(keyspace, wish.generations, report) if wish.generations else []
    words = tuple(map(move_words, moves))
    if wish.patterns:
        return replace(purge_in_waves(parts, job, wish, report), generations=words)
    seconds = (parts.clock.now() - begun).total_seconds()
    return Purged(
        snapshot_id=None, taken=0, left=0, seconds=seconds, bytes=0, waves=1, generations=words
    )


def _set_next(
    keyspace: Keyspace, planned: Sequence[Generation], report: Report
) -> list[dict[str, object]]:
    """Note every number, then set it; a run after a crash finds the notes and sets none twice."""
    report.phase("purge", LINE)
    noted: list[Json] | None = report.so_far.get(NOTED)
    again = noted is not None
    if noted is None:
        noted = [_move(row, keyspace.generation(row.key)) for row in planned]
        report.so_far[NOTED] = noted
        report.keep()
    for move in tuple(noted):
        if move["done"]:
            continue
        found = keyspace.set_generation(move["key"], seen=move["old"], new=move["new"])
        # A number that the bot set stands in its own note on the server as well; the app may count on too.
        ours = again and found.number == move["new"] <= found.used
        if found.number != move["old"] and not ours:
            noted.remove(move)
            report.keep()
            raise _moved_on(move["key"], move["old"], found)
        noted[noted.index(move)] = {**move, "done": True}
        report.keep()
    return [dict(move) for move in noted]


def _move(planned: Generation, found: Generation) -> Json:
    if planned.number is None:
        raise _unusable(planned)
    if (found.number, found.next) != (planned.number, planned.next):
        raise _moved_on(planned.key, planned.number, found)
    return {"key": planned.key, "old": planned.number, "new": planned.next, "done": False}


def _unusable(planned: Generation) -> Refusal:
    return Refusal(
        code=Code.PLAN_CHANGED,
        failed=f"Not purged: {planned.words}.",
        expected="a whole number in that key; let the app set it, then run the step again.",
        retry_is_safe=True,
    )


def _moved_on(key: str, seen: int, found: Generation) -> Refusal:
    now = found.problem if found.number is None else f"it is {found.number} now"
    return Refusal(
        code=Code.PLAN_DRIFTED,
        failed=f"Not purged: the plan saw generation {seen} of {key}, and {now}.",
        expected="the number of the plan; run the step again for a new plan.",
        retry_is_safe=True,
    )
