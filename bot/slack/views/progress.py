"""How far work is, as one line."""

from __future__ import annotations

from bot.release.records import Action, ActionState, Json

CELLS = 10


def bar(done: int, total: int) -> str:
    """Return ten cells, as many filled as are done."""
    filled = min(CELLS, max(0, done) * CELLS // max(total, 1))
    return "▓" * filled + "░" * (CELLS - filled)


def how_far(progress: Json) -> str:
    """Return `▓▓▓▓░░░░░░ 480 of 1,204 keys taken out`, or what there is of it; plain text."""
    done, total = int(progress.get("done", 0)), int(progress.get("total", 0))
    line = str(progress.get("line", "")) or "working"
    if total > 0:
        return f"{bar(done, total)} {min(done, total):,} of {total:,} {line}"
    return f"{done:,} {line}" if done else line


def far_line(action: Action) -> str:
    """Return how far work is that has not ended; plain text."""
    return "queued" if action.state is ActionState.ACCEPTED else how_far(action.progress)
