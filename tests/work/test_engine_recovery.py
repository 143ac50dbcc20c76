from __future__ import annotations

import time

import pytest

from bot.work.recovery import Run, choose
from tests.work.crew import Crew, wait_until

pytestmark = pytest.mark.fault


def test_a_second_worker_takes_over_what_a_killed_one_ran(any_crew: Crew) -> None:
    crew = any_crew
    first = crew.begin()
    crew.client.enqueue("gate:a", "R-1")
    crew.wait_for("begin", "gate:a")
    second = crew.begin()
    first.kill()
    began = crew.wait_for("begin", "gate:a", times=2, seconds=5)
    crew.open_gate("gate:a")
    crew.wait_for("end", "gate:a")
    assert began == [first.pid, second.pid]
    assert crew.pids("end", "gate:a") == [second.pid]


def test_a_worker_that_is_started_again_goes_on_with_its_work(any_crew: Crew) -> None:
    crew = any_crew
    first = crew.begin()
    crew.client.enqueue("gate:a", "R-1")
    crew.client.enqueue("quick:behind", "R-1")
    crew.wait_for("begin", "gate:a")
    first.kill()
    first.wait()
    crew.open_gate("gate:a")
    again = crew.begin()
    assert crew.wait_for("end", "quick:behind", seconds=5) == [again.pid]
    assert crew.pids("begin", "gate:a") == [first.pid, again.pid]
    assert crew.pids("end", "gate:a") == [again.pid]


def test_work_of_a_live_process_is_left_to_it(any_crew: Crew) -> None:
    crew = any_crew
    first = crew.begin()
    crew.client.enqueue("gate:a", "R-1")
    crew.wait_for("begin", "gate:a")
    crew.begin()
    crew.client.enqueue("nap:b", "R-2")  # by its end the reapers have looked at least once
    crew.wait_for("end", "nap:b")
    crew.open_gate("gate:a")
    assert crew.wait_for("end", "gate:a") == [first.pid]
    assert crew.pids("begin", "gate:a") == [first.pid]


def test_a_crashing_action_is_given_up_and_its_neighbours_end(crew: Crew) -> None:
    crew.client.enqueue("crash:a", "R-1")
    crew.client.enqueue("nap:b", "R-2")
    crew.client.enqueue("nap:c", "R-3")
    worker = crew.begin()

    def all_ended() -> bool:
        nonlocal worker
        if worker.poll() is not None:
            worker = crew.begin(wait=False)
        words = [("poisoned", "crash:a"), ("end", "nap:b"), ("end", "nap:c")]
        return all(crew.pids(word, key) for word, key in words)

    wait_until("the end of all three", all_ended, seconds=60)
    assert len(crew.pids("begin", "crash:a")) == 6
    ended = [
        (event.word, event.key) for event in crew.events() if event.word in {"end", "poisoned"}
    ]
    assert sorted(ended) == [("end", "nap:b"), ("end", "nap:c"), ("poisoned", "crash:a")]


def test_a_given_up_action_is_reported_once_over_all_lives(crew: Crew) -> None:
    first = crew.begin()
    crew.client.enqueue("break:a", "R-1")
    crew.wait_for("poisoned", "break:a")
    crew.client.enqueue("nap:b", "R-2")  # by its end the report is marked as made
    crew.wait_for("end", "nap:b")
    first.kill()
    second = crew.begin()
    crew.client.enqueue("nap:c", "R-2")  # by its end the second worker has looked at least once
    crew.wait_for("end", "nap:c")
    assert crew.pids("poisoned", "break:a") == [first.pid]
    assert second.poll() is None


def test_a_worker_whose_lock_is_lost_ends_itself_and_another_goes_on(crew: Crew) -> None:
    first = crew.begin()
    crew.client.enqueue("gate:a", "R-1")
    crew.wait_for("begin", "gate:a")
    for lock in (crew.folder / "ledger.alive").iterdir():
        lock.unlink()
    assert first.wait(timeout=5) == 70
    second = crew.begin()
    crew.open_gate("gate:a")
    assert crew.wait_for("end", "gate:a") == [second.pid]


def test_sigterm_lets_the_work_end_and_takes_no_more(crew: Crew) -> None:
    first = crew.begin()
    crew.client.enqueue("gate:a", "R-1")
    crew.wait_for("begin", "gate:a")
    first.terminate()
    wait_until("the closing", lambda: "closing" in crew.words(first.pid))
    time.sleep(0.3)  # a look at the queue that had begun may still take something
    crew.client.enqueue("quick:b", "R-2")
    crew.client.enqueue("quick:c", "R-1")
    crew.open_gate("gate:a")
    assert first.wait(timeout=10) == 0
    assert crew.words(first.pid) == ["ready", "begin", "closing", "end", "closed", "gone"]
    second = crew.begin()
    assert crew.wait_for("end", "quick:b") == [second.pid]
    assert crew.wait_for("end", "quick:c") == [second.pid]
    assert crew.pids("begin", "gate:a") == [first.pid]


def test_sigterm_leaves_what_does_not_end_to_another_worker(crew: Crew) -> None:
    first = crew.begin(grace_s=1, linger_s=2)
    crew.client.enqueue("gate:a", "R-1")
    crew.wait_for("begin", "gate:a")
    second = crew.begin()
    first.terminate()
    assert first.wait(timeout=10) == 0
    assert crew.wait_for("begin", "gate:a", times=2, seconds=5) == [first.pid, second.pid]
    gone = next(event.at for event in crew.events() if event.word == "gone")
    assert [event.at > gone for event in crew.events() if event.word == "begin"] == [False, True]


def _run(key: str, crashes: int, since: int = 0) -> Run:
    return Run(key=key, owner="worker-1", crashes=crashes, since=since)


def test_what_crashed_seldom_goes_back_at_once_and_suspects_one_at_a_time() -> None:
    plain, worse, bad = _run("plain", 2), _run("worse", 4), _run("bad", 3, since=5)
    older = _run("older", 3, since=4)
    assert choose((worse, plain, bad, older), ()) == (plain, older)
    assert choose((worse, plain, bad, older), (_run("other", 2),)) == (plain, older)
    assert choose((worse, plain, bad, older), (_run("other", 3),)) == (plain,)
    assert choose((), (_run("other", 3),)) == ()
