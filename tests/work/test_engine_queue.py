from __future__ import annotations

import subprocess
import sys

import pytest

from bot.effects.liveness import open_liveness
from bot.release.refusal import Code, Refusal
from bot.work.engine import DbosEngine, engine_url
from tests.work.crew import ROOT, Crew, wait_until

ENQUEUE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from bot.effects.liveness import open_liveness
from bot.work.engine import DbosEngine, engine_url
url = sys.argv[1]
engine = DbosEngine(engine_url(url), role="web", perform=None, liveness=open_liveness(url),
                    on_poisoned=print)
engine.launch()
with ThreadPoolExecutor(25) as pool:
    list(pool.map(lambda _: engine.enqueue("nap:once", "R-1"), range(25)))
engine.close()
"""


def test_two_actions_of_one_partition_never_overlap(any_crew: Crew) -> None:
    crew = any_crew
    crew.begin(wait=False)
    crew.begin()
    keys = [f"short:{number}" for number in range(6)]
    for key in keys:
        crew.client.enqueue(key, "R-1")
    crew.wait_for("end", keys[-1])
    found = [(event.word, event.key) for event in crew.events() if event.key in keys]
    assert found == [(word, key) for key in keys for word in ("begin", "end")]


def test_different_partitions_run_side_by_side(any_crew: Crew) -> None:
    crew = any_crew
    crew.begin()
    crew.client.enqueue("gate:a", "R-1")
    crew.client.enqueue("gate:b", "R-2")
    crew.wait_for("begin", "gate:a")
    crew.wait_for("begin", "gate:b")
    crew.open_gate("gate:b")
    crew.wait_for("end", "gate:b")
    assert crew.pids("end", "gate:a") == []


def test_a_hundred_enqueues_of_one_key_from_four_processes_run_once(crew: Crew) -> None:
    crew.begin(wait=False)
    crew.begin(wait=False)
    words = [sys.executable, "-c", ENQUEUE, crew.url]
    callers = [subprocess.Popen(words, cwd=ROOT) for _ in range(4)]
    assert [caller.wait(timeout=60) for caller in callers] == [0, 0, 0, 0]
    crew.wait_for("end", "nap:once")
    crew.client.enqueue("nap:once", "R-1")
    crew.client.enqueue("quick:after", "R-1")
    crew.wait_for("end", "quick:after")
    assert len(crew.pids("begin", "nap:once")) == 1
    assert len(crew.pids("end", "nap:once")) == 1


def test_an_error_that_nobody_recorded_is_reported_and_blocks_nothing(crew: Crew) -> None:
    crew.begin()
    crew.client.enqueue("break:a", "R-1")
    crew.client.enqueue("quick:b", "R-1")
    crew.wait_for("end", "quick:b")
    crew.wait_for("poisoned", "break:a")
    assert len(crew.pids("begin", "break:a")) == 1
    assert crew.output().count("ValueError: break:a") == 1


def test_a_refusal_that_may_be_retried_is(crew: Crew) -> None:
    worker = crew.begin()
    crew.client.enqueue("away:a", "R-1")
    assert crew.wait_for("end", "away:a") == [worker.pid]
    assert crew.pids("begin", "away:a") == [worker.pid, worker.pid]
    assert crew.pids("poisoned", "away:a") == []


def test_work_that_does_not_end_is_stuck_and_work_that_ended_is_not(crew: Crew) -> None:
    crew.begin()
    crew.client.enqueue("gate:a", "R-1")
    crew.client.enqueue("quick:b", "R-2")
    crew.wait_for("begin", "gate:a")
    crew.wait_for("end", "quick:b")
    assert crew.client.stuck(60) == ()
    wait_until("the stuck one", lambda: crew.client.stuck(0.2) == ("gate:a",))


def test_a_worker_writes_nothing_to_the_terminal_by_itself(crew: Crew) -> None:
    worker = crew.begin()
    crew.client.enqueue("quick:a", "R-1")
    crew.wait_for("end", "quick:a")
    worker.terminate()
    assert worker.wait(timeout=10) == 0
    assert crew.output() == ""


@pytest.mark.parametrize(
    ("ledger", "engine"),
    [
        ("sqlite:///var/cache-release.sqlite", "sqlite:///var/cache-release.engine.sqlite"),
        ("sqlite:////srv/a/ledger.db", "sqlite:////srv/a/ledger.engine.sqlite"),
        ("postgresql://u:p%40s@h:5432/d", "postgresql+psycopg://u:p%40s@h:5432/d"),
        ("postgresql+psycopg://h/d", "postgresql+psycopg://h/d"),
    ],
)
def test_the_engine_keeps_its_rows_beside_the_ledger(ledger: str, engine: str) -> None:
    assert engine_url(ledger) == engine


def test_an_engine_without_tables_does_not_start_and_says_so(empty_url: str) -> None:
    engine = DbosEngine(
        engine_url(empty_url),
        role="worker",
        perform=lambda _key: None,
        liveness=open_liveness(empty_url),
        on_poisoned=lambda _key: None,
    )
    with pytest.raises(Refusal) as refused:
        engine.launch()
    engine.close()
    assert refused.value.code is Code.NOT_RECORDED
    assert refused.value.failed == (
        "The engine's tables are not those of this program. Nothing was started."
    )


def test_an_enqueue_that_cannot_be_kept_is_refused(empty_url: str) -> None:
    engine = DbosEngine(
        engine_url(empty_url),
        role="web",
        perform=None,
        liveness=open_liveness(empty_url),
        on_poisoned=lambda _key: None,
    )
    engine.launch()
    with pytest.raises(Refusal) as refused:
        engine.enqueue("purge:1", "R-1")
    engine.close()
    assert (refused.value.code, refused.value.retry_is_safe) == (Code.NOT_RECORDED, True)
