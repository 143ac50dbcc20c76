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
    for move in moves[len(tally.generations) :]:
        key, target = move["key"], move["new"] + 1 if cold else move["old"]
        found = keyspace.set_generation(key, seen=move["new"], new=target)
        back = found.number in {move["new"], target, move["old"]}
        tally.generations.append(
            {"key": key, "new": move["new"], "to": target, "back": back, "found": found.number}
        )
        remember(report, tally)
        report.keep()
