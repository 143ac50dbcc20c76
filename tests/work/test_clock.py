from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path

import psycopg
import pytest

from bot.effects.liveness import FileLiveness, open_liveness
from bot.effects.postgres_liveness import PostgresLiveness
from bot.effects.system_clock import SystemClock
from bot.work.clock import LEADER, Tick, Ticker
from tests.work.crew import ROOT, Event, read_events, wait_until


class Clocks:
    """Clock processes of one ledger."""

    def __init__(self, url: str, folder: Path) -> None:
        self._words = [sys.executable, "-m", "tests.work.clock_process", url, str(folder)]
        self._folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []

    def begin(self) -> subprocess.Popen[bytes]:
        clock = subprocess.Popen(self._words, cwd=ROOT)
        self.processes.append(clock)
        wait_until("the clock", lambda: any(e.pid == clock.pid for e in self.events()))
        return clock

    def events(self) -> list[Event]:
        return read_events(self._folder)

    def ticks(self, clock: subprocess.Popen[bytes]) -> list[float]:
        return [e.at for e in self.events() if (e.pid, e.word) == (clock.pid, "tick")]


@pytest.fixture
def clocks(empty_url: str, tmp_path: Path) -> Iterator[Clocks]:
    clocks = Clocks(empty_url, tmp_path)
    yield clocks
    for clock in clocks.processes:
        clock.kill()
        clock.wait()


@pytest.mark.fault
def test_of_two_clocks_one_ticks_and_the_other_follows_when_it_is_killed(clocks: Clocks) -> None:
    first = clocks.begin()
    wait_until("a tick", lambda: clocks.ticks(first))
    second = clocks.begin()
    before = len(clocks.ticks(first))
    wait_until("five more ticks", lambda: len(clocks.ticks(first)) >= before + 5)
    assert clocks.ticks(second) == []
    first.kill()
    killed = time.monotonic()
    wait_until("a tick of the second", lambda: clocks.ticks(second), seconds=10)
    assert 0 < clocks.ticks(second)[0] - killed < 6


@pytest.mark.fault
def test_a_clock_that_ends_frees_the_lock(clocks: Clocks) -> None:
    first = clocks.begin()
    wait_until("a tick", lambda: clocks.ticks(first))
    first.terminate()
    assert first.wait(timeout=10) == 0
    second = clocks.begin()
    wait_until("a tick of the second", lambda: clocks.ticks(second), seconds=3)


@pytest.fixture
def locks(tmp_path: Path) -> FileLiveness:
    return FileLiveness(tmp_path / "alive")


def test_a_tick_that_fails_is_logged_by_name_and_ends_nothing(
    locks: FileLiveness, caplog: pytest.LogCaptureFixture
) -> None:
    ran = threading.Semaphore(0)

    def fail() -> None:
        ran.release()
        raise ValueError("no such table")

    fine = threading.Semaphore(0)
    ticker = Ticker(
        [
            Tick(name="outbox", every_s=0.05, run=fail),
            Tick(name="sweep", every_s=0.05, run=fine.release),
        ],
        locks=locks,
    )
    with caplog.at_level(logging.ERROR, logger="bot.work.clock"):
        ticker.start()
        assert [ran.acquire(timeout=5) for _ in range(3)] == [True] * 3
        assert [fine.acquire(timeout=5) for _ in range(3)] == [True] * 3
        ticker.stop()
    said = {record.getMessage() for record in caplog.records}
    assert said == {"the clock's tick outbox failed"}


def test_a_rare_tick_runs_once_as_soon_as_the_clock_leads(locks: FileLiveness) -> None:
    ran = threading.Semaphore(0)
    ticker = Ticker([Tick(name="retention", every_s=86400, run=ran.release)], locks=locks)
    ticker.start()
    assert ran.acquire(timeout=5)
    assert not ran.acquire(timeout=0.3)
    ticker.stop()


def test_a_slow_tick_never_overlaps_itself_and_holds_up_no_other(locks: FileLiveness) -> None:
    inside, most = [0], [0]
    go = threading.Event()

    def slow() -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        go.wait(5)
        inside[0] -= 1

    quick = threading.Semaphore(0)
    ticker = Ticker(
        [
            Tick(name="slow", every_s=0.05, run=slow),
            Tick(name="quick", every_s=0.05, run=quick.release),
        ],
        locks=locks,
    )
    ticker.start()
    assert [quick.acquire(timeout=5) for _ in range(5)] == [True] * 5
    go.set()
    ticker.stop()
    assert most == [1]


def test_a_clock_that_lost_its_lock_stops_ticking_until_it_has_it_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    locks, other = open_liveness(url), open_liveness(url)
    ticks = [0]

    def tick() -> None:
        ticks[0] += 1

    ticker = Ticker([Tick(name="sweep", every_s=0.05, run=tick)], locks=locks, try_every_s=0.2)
    ticker.start()
    wait_until("a tick", lambda: ticks[0] > 1)
    (tmp_path / "empty.alive" / "clock.lock").unlink()
    assert other.hold(LEADER)
    wait_until("the silence", _is_silent(ticks))
    other.let_go(LEADER)
    silent = ticks[0]
    wait_until("a tick again", lambda: ticks[0] > silent, seconds=3)
    ticker.stop()


def _is_silent(ticks: list[int]) -> Callable[[], bool]:
    def look() -> bool:
        before = ticks[0]
        time.sleep(0.4)
        return ticks[0] == before

    return look


@pytest.mark.fault
def test_a_clock_whose_session_was_ended_leads_again(postgres_url: str) -> None:
    locks = PostgresLiveness(postgres_url)
    ticks = [0]

    def tick() -> None:
        ticks[0] += 1

    ticker = Ticker([Tick(name="sweep", every_s=0.05, run=tick)], locks=locks, try_every_s=0.2)
    ticker.start()
    wait_until("a tick", lambda: ticks[0] > 1)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks"
            " WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
        )
    silent = ticks[0]
    wait_until("a tick again", lambda: ticks[0] > silent + 20, seconds=5)
    ticker.stop()


def test_a_clock_that_was_never_started_can_be_stopped(locks: FileLiveness) -> None:
    Ticker([], locks=locks).stop()
    assert locks.hold(LEADER)
    locks.let_go(LEADER)


def test_the_systems_clock_says_the_time_in_utc() -> None:
    before = time.time()
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert before <= now.timestamp() <= time.time()
