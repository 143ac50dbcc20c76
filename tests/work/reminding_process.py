"""A clock that dies while it reminds: just before its transaction is kept, or just after."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from bot.app import commands, steps
from bot.commands import Tools
from bot.effects.ledger.connect import open_engine
from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.catalog import Catalog
from bot.release.reminder_times import ReminderPlan
from bot.release.working_hours import ALWAYS
from bot.work.reminding import tend_reminders
from tests.talk.conftest import CATALOG, Queue

Result = TypeVar("Result")


class Dying(SqlLedger):
    """A ledger whose process is killed at its first write."""

    kept = False

    def _write(self, work: Callable[[Connection], Result]) -> Result:
        def to_the_end(connection: Connection) -> Result:
            result = work(connection)
            if not self.kept:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        super()._write(to_the_end)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("nobody is left to read this")


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


def main(url: str, at: str, when: str) -> None:
    """Tick once at the moment; die `before` or `after` the reminder is kept."""
    ledger = Dying(open_engine(url))
    ledger.kept = when == "after"
    tend_reminders(tools_on(ledger), datetime.fromisoformat(at))


if __name__ == "__main__":
    main(*sys.argv[1:4])
