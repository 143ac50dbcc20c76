"""Sets the generations that a release moved on back, unless somebody else moved them on since."""

from __future__ import annotations

from collections.abc import Sequence

from bot.release.records import Json
from bot.work.cache_undo import Tally, remember
from bot.work.outside import Keyspace
from bot.work.report import Report


def set_back(
    keyspace: Keyspace, moves: Sequence[Json], report: Report, tally: Tally, *, cold: bool
) -> None:
    """Set the numbers back, the newest first; a cold rollback sets one that nobody used yet.

    A number that is not the one the release set belongs to somebody else now, and is left alone.
    """
    report.phase("purge", "setting the generation back")
    if cold:
        newest = {move["key"]: move for move in reversed(moves)}
        moves = tuple(newest.values())
    for number, move in enumerate(moves):
        noted = number < len(tally.generations)
        if noted and "found" in tally.generations[number]:
            continue
        target = move["new"] + 1 if cold else move["old"]
        row = {"key": move["key"], "old": move["old"], "new": move["new"], "to": target}
        if not noted:
            tally.generations.append(row)
            _note(report, tally)
        found = keyspace.set_generation(move["key"], seen=move["new"], new=target).number
        # A run before this one may have set it, and died before it could say so.
        back = found == move["new"] or (noted and found == target)
        tally.generations[number] = {**row, "back": back, "found": found}
        _note(report, tally)


def _note(report: Report, tally: Tally) -> None:
    remember(report, tally)
    report.keep()
