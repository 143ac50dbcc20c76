from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from bot.effects.liveness import FileLiveness, open_liveness
from bot.effects.postgres_liveness import PostgresLiveness

ROOT = Path(__file__).parents[2]
HOLD = """
import sys
from bot.effects.liveness import open_liveness
locks = open_liveness(sys.argv[1])
print(locks.hold(sys.argv[2]), flush=True)
sys.stdin.read()
"""


@contextmanager
def _holder(url: str, name: str) -> Iterator[subprocess.Popen[str]]:
    words = [sys.executable, "-c", HOLD, url, name]
    with subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        try:
            yield holder
        finally:
            holder.send_signal(signal.SIGCONT)
            holder.kill()


def _is_dead(locks: FileLiveness | PostgresLiveness, name: str) -> bool:
    with locks.dead(name) as dead:
        return dead


def _soon(look: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if look():
            return True
        time.sleep(0.01)
    return False


@pytest.mark.fault
def test_a_process_is_dead_once_it_is_killed_and_not_before(empty_url: str) -> None:
    locks = open_liveness(empty_url)
    with _holder(empty_url, "worker-1") as holder:
        assert not _is_dead(locks, "worker-1")
        assert not locks.hold("worker-1")
        holder.kill()
        holder.wait()
        assert _soon(lambda: _is_dead(locks, "worker-1"))
        assert locks.hold("worker-1")
        locks.let_go("worker-1")


@pytest.mark.fault
def test_a_paused_process_is_not_dead(empty_url: str) -> None:
    with _holder(empty_url, "worker-1") as holder:
        holder.send_signal(signal.SIGSTOP)
        assert not _is_dead(open_liveness(empty_url), "worker-1")


def test_a_lock_is_held_by_one_and_is_free_after_it_was_let_go(empty_url: str) -> None:
    one, other = open_liveness(empty_url), open_liveness(empty_url)
    assert one.hold("clock")
    assert not other.hold("clock")
    assert (one.still_held("clock"), other.still_held("clock")) == (True, False)
    one.let_go("clock")
    assert not one.still_held("clock")
    assert other.hold("clock")
    other.let_go("clock")


@pytest.mark.fault
def test_who_sees_that_a_process_is_dead_keeps_others_from_seeing_it(empty_url: str) -> None:
    one, other = open_liveness(empty_url), open_liveness(empty_url)
    with _holder(empty_url, "worker-1") as holder:
        holder.kill()
        holder.wait()

        def keeps_others_out() -> bool:
            with one.dead("worker-1") as dead:
                return dead and not _is_dead(other, "worker-1") and not other.hold("worker-1")

        assert _soon(keeps_others_out)
    assert _is_dead(other, "worker-1")


def test_a_name_nobody_ever_held_is_dead(empty_url: str) -> None:
    assert _is_dead(open_liveness(empty_url), "worker-1")


def test_letting_go_of_what_is_not_held_does_nothing(empty_url: str) -> None:
    one, other = open_liveness(empty_url), open_liveness(empty_url)
    assert one.hold("clock")
    other.let_go("clock")
    assert one.still_held("clock")
    one.let_go("clock")


@pytest.mark.fault
def test_the_files_of_dead_processes_are_taken_away_and_others_stay(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    folder = tmp_path / "ledger.alive"
    locks = open_liveness(url)
    assert locks.hold("mine-1")
    with _holder(url, "live-1"), _holder(url, "dead-1") as dead:
        dead.kill()
        dead.wait()
        assert {path.name for path in folder.iterdir()} == {
            "mine-1.lock",
            "live-1.lock",
            "dead-1.lock",
        }
        locks.tidy()
        assert {path.name for path in folder.iterdir()} == {"mine-1.lock", "live-1.lock"}
    locks.let_go("mine-1")


def test_a_lock_whose_file_was_replaced_is_lost(tmp_path: Path) -> None:
    locks, other = FileLiveness(tmp_path), FileLiveness(tmp_path)
    assert locks.hold("clock")
    (tmp_path / "clock.lock").unlink()
    assert not locks.still_held("clock")
    assert other.hold("clock")
    assert not locks.still_held("clock")
    locks.let_go("clock")
    assert other.still_held("clock")  # whose file it is now
    other.let_go("clock")


def test_a_file_that_is_taken_away_while_others_open_it_has_one_holder(tmp_path: Path) -> None:
    inside, most = [0], [0]
    turns = threading.Semaphore(0)
    ended = threading.Event()

    def take_turns() -> None:
        locks = FileLiveness(tmp_path)
        while not ended.is_set():
            if locks.hold("clock"):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                turns.release()
                time.sleep(0.0005)
                inside[0] -= 1
                locks.let_go("clock")

    threads = [threading.Thread(target=take_turns) for _ in range(8)]
    for thread in threads:
        thread.start()
    took = [turns.acquire(timeout=5) for _ in range(500)]
    ended.set()
    for thread in threads:
        thread.join()
    assert (all(took), most) == (True, [1])


def test_a_name_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    locks = FileLiveness(tmp_path / "alive")
    assert locks.hold("../outside")
    assert [path.name for path in tmp_path.iterdir()] == ["alive"]
    assert oct(os.stat(tmp_path / "alive").st_mode & 0o777) == "0o700"
    locks.let_go("../outside")


@pytest.mark.fault
def test_a_session_that_the_server_ended_has_lost_its_lock(postgres_url: str) -> None:
    one, other = PostgresLiveness(postgres_url), PostgresLiveness(postgres_url)
    assert one.hold("worker-1")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks"
            " WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
        )
    assert not one.still_held("worker-1")
    assert _soon(lambda: other.hold("worker-1"))
    one.let_go("worker-1")
    assert other.still_held("worker-1")
    other.let_go("worker-1")
