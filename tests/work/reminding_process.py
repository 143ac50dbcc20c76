"""A clock that dies while it reminds: just before its transaction is kept, or just after."""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from functools import partial

from bot.app import commands, steps
from bot.commands import Tools
from bot.effects.fault_points import Point, watch_fault_points
from bot.effects.ledger.connect import open_engine
from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.catalog import Catalog
from bot.release.reminder_times import ReminderPlan
from bot.release.working_hours import ALWAYS
from bot.work.reminding import tend_reminders
from tests.talk.conftest import CATALOG, Queue


def tools_on(ledger: SqlLedger) -> Tools:
    """Return what a clock needs to remind people of this ledger's releases."""
    return Tools(
        catalog=Catalog.model_validate(CATALOG),
        ledger=ledger,
        engine=Queue(),
        steps=steps(),
        commands=commands(),
        reminders=ReminderPlan(hours=ALWAYS),
    )


def _die(at: Point, reached: str) -> None:
    if reached.startswith(f"{at}:"):
        os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, at: str, when: str) -> None:
    """Tick once at the moment; die `before` or `after` the first transaction is kept."""
    watch_fault_points(partial(_die, {"before": Point.COMMITS, "after": Point.COMMITTED}[when]))
    ledger = SqlLedger(open_engine(url))
    tend_reminders(tools_on(ledger), datetime.fromisoformat(at))


if __name__ == "__main__":
    main(*sys.argv[1:4])
