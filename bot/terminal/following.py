"""Follows work in the ledger to its end, whoever does it."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.progress import Progress, TaskID

from bot.commands import Ledger
from bot.release.records import ENDED_ACTION, Action, ActionState
from bot.release.refusal import Code, Refusal
from bot.release.steering import told_by
from bot.terminal.pausing import taken_so_far
from bot.terminal.printing import Printer

POLL_S = 0.1
AGAIN_S = 5.0
SILENT_S = 60.0
LONGEST_WAIT_S = 4 * 3600
FOLLOWED_TO = ENDED_ACTION | {ActionState.PAUSED}


class Follower:
    """Looks at one action again and again; the ledger may be busy for a moment, the work is not hurt by it."""

    def __init__(self, ledger: Ledger, printer: Printer, work: Callable[[], None]) -> None:
        """Take what makes this process work too; it may be called again."""
        self._ledger = ledger
        self._printer = printer
        self._work = work
        self.last: Action | None = None

    def to_the_end(self, key: str) -> Action:
        """Return the action once it has ended or is paused; refuse where it has not after four hours."""
        self._work()
        worked = heard = time.monotonic()
        deadline = worked + LONGEST_WAIT_S
        with self._printer.bar() as bar:
            task = bar.add_task("starting", total=None)
            while time.monotonic() < deadline:
                try:
                    self.last = self._ledger.action(key)
                    heard = time.monotonic()
                except Refusal as refusal:
                    if not refusal.retry_is_safe or time.monotonic() - heard > SILENT_S:
                        raise
                if self.last is not None and self.last.state in FOLLOWED_TO:
                    return self.last
                _show(bar, task, self.last)
                if _waits(self.last) and time.monotonic() - worked > AGAIN_S:
                    self._work()
                    worked = time.monotonic()
                time.sleep(POLL_S)
        raise _not_ended(key)


def _waits(action: Action | None) -> bool:
    return action is None or action.state is ActionState.ACCEPTED


def how_far(action: Action) -> str:
    """Return `4,200 of 13,010 keys taken out`, or what there is of it."""
    done, total = int(action.progress.get("done", 0)), int(action.progress.get("total", 0))
    line = str(action.progress.get("line") or "working")
    if action.state is ActionState.ACCEPTED:
        return "waiting for its turn"
    if action.state is ActionState.PAUSED:
        return f"paused by {told_by(action)}, {taken_so_far(action):,} keys taken out"
    if total:
        return f"{min(done, total):,} of {total:,} {line}"
    return f"{done:,} {line}" if done else line


def _show(bar: Progress, task: TaskID, action: Action | None) -> None:
    if action is None:
        return
    total = int(action.progress.get("total", 0)) or None
    done = int(action.progress.get("done", 0))
    bar.update(task, description=how_far(action), completed=done, total=total)


def _not_ended(key: str) -> Refusal:
    return Refusal(
        code=Code.NOT_NOW,
        failed=f"Not ended after {LONGEST_WAIT_S // 3600} hours: {key}.",
        expected="work that ends; `cache-release status` says how far it is.",
        retry_is_safe=True,
    )
