"""A reminder goes out once: with several clocks, with one that is killed, and beside somebody who acts."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.effects.ledger.connect import open_engine
from bot.effects.ledger.reminder_tables import REMINDER
from bot.effects.ledger.sql_ledger import SqlLedger, open_ledger
from bot.effects.ledger.waiting_tables import NOTICE
from bot.effects.ledger.work_tables import AUDIT, OUTBOX
from bot.release.catalog import Catalog
from bot.release.notices import Notice
from bot.release.records import Lost
from bot.release.reminding import awaited_of
from bot.release.sending_reminders import reminder_change
from bot.work.clock import Tick, Ticker
from bot.work.reminding import tend_reminders
from tests.talk.conftest import CATALOG, Talk
from tests.talk.reminding import reminded
from tests.work.crew import ROOT, wait_until
from tests.work.reminding_process import tools_on

OWNER = "U01OWNER"


class Leads:
    """A lock that everybody holds: two clocks that each believe to be the only one."""

    def hold(self, name: str) -> bool:
        """Take it."""
        return True

    def still_held(self, name: str) -> bool:
        """Keep it."""
        return True

    def let_go(self, name: str) -> None:
        """Let it go."""

    def dead(self, name: str) -> AbstractContextManager[bool]:
        """Say that somebody has it."""
        return nullcontext(False)

    def tidy(self) -> None:
        """Have nothing to tidy."""


@pytest.fixture
def due(ledger: SqlLedger, tmp_path: Path) -> tuple[Talk, datetime]:
    """Return a release whose owner is to be reminded, and the moment."""
    talk = reminded(Talk(ledger, tmp_path, Catalog.model_validate(CATALOG)))
    talk.say('start shop products "New price table" --previous v1')
    return talk, talk.story().release.started_at + timedelta(hours=2)


def counted(url: str) -> tuple[int, int, int, int]:
    """Return how many reminders, their notices, messages that wait, and audit rows there are."""
    like = "%remind:%"
    queries = (
        select(func.count()).select_from(REMINDER),
        select(func.count()).where(NOTICE.c.key.like(like)),
        select(func.count()).where(OUTBOX.c.card.like(like)),
        select(func.count()).where(AUDIT.c.act == "remind"),
    )
    engine = open_engine(url)
    with engine.connect() as connection:
        found = [connection.execute(query).scalar_one() for query in queries]
    engine.dispose()
    return found[0], found[1], found[2], found[3]


def test_two_clocks_that_both_lead_send_one(due: tuple[Talk, datetime], ledger_url: str) -> None:
    _, at = due
    ledgers = [open_ledger(ledger_url) for _ in range(2)]
    ticked = [0, 0]
    both = threading.Barrier(2, timeout=30)

    def beat(number: int) -> None:
        if ticked[number] < 5:
            both.wait()
        tend_reminders(tools_on(ledgers[number]), at)
        ticked[number] += 1

    clocks = [
        Ticker(
            [Tick(name="reminders", every_s=0.05, run=partial(beat, number))],
            locks=Leads(),
        )
        for number in range(2)
    ]
    for clock in clocks:
        clock.start()
    try:
        wait_until("both clocks to tick five times", lambda: min(ticked) >= 5)
    finally:
        for clock in clocks:
            clock.stop()
        for ledger in ledgers:
            ledger.close()
    assert counted(ledger_url) == (1, 1, 1, 1)


def test_sixteen_ticks_at_once_close_an_old_request_once(
    ledger: SqlLedger, ledger_url: str, tmp_path: Path
) -> None:
    talk = reminded(Talk(ledger, tmp_path, Catalog.model_validate(CATALOG)))
    talk.say("purge shop products")
    talk.say("run R-1")
    at = talk.clock.now() + timedelta(hours=4)
    with ThreadPoolExecutor(16) as clocks:
        list(clocks.map(lambda _: tend_reminders(talk.tools, at), range(16)))
    assert talk.states() == ["stopped"]
    closed = [row for row in ledger.audit(release_id=1) if row.act == "approval closed"]
    assert len(closed) == 1
    assert counted(ledger_url) == (0, 0, 0, 0)


@pytest.mark.parametrize(("when", "kept"), [("before", 0), ("after", 1)])
def test_a_clock_that_is_killed_while_it_sends_leaves_one_or_none_and_the_next_clock_makes_it_one(
    due: tuple[Talk, datetime], ledger_url: str, when: str, kept: int
) -> None:
    talk, at = due
    words = [sys.executable, "-m", "tests.work.reminding_process"]
    died = subprocess.run([*words, ledger_url, at.isoformat(), when], cwd=ROOT, check=False)
    assert died.returncode == -signal.SIGKILL
    assert counted(ledger_url) == (kept,) * 4
    tend_reminders(talk.tools, at + timedelta(seconds=15))
    assert counted(ledger_url) == (1, 1, 1, 1)


def test_a_release_that_moved_on_since_it_was_read_is_not_reminded_of(
    due: tuple[Talk, datetime], ledger_url: str
) -> None:
    talk, at = due
    seen = talk.story()
    (awaited,) = awaited_of(seen, talk.tools.catalog, talk.tools.reminders, at)
    told = Notice(key="", to=OWNER, text="Too late.", at=at, about=1)
    talk.say("run R-1 1", work=False)
    lost = talk.ledger.keep(reminder_change(seen, awaited, 1, told))
    assert isinstance(lost, Lost)
    assert lost.what == "R-1 moved on: nobody need be reminded"
    assert counted(ledger_url) == (0, 0, 0, 0)
