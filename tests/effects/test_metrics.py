"""What Prometheus is told, and who may ask."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.effects.ledger.gauges import Gauges
from bot.effects.ledger.sql_ledger import SqlLedger
from bot.effects.ledger_metrics import FRESH_S, LedgerMetrics
from bot.effects.metrics import HERE, rendered
from bot.effects.metrics_door import metrics_app
from bot.release.health import Backlog
from bot.release.records import ActionKind, ActionMove, ActionState
from bot.release.refusal import Code, Refusal
from bot.slack.timing import count_rate_limit, count_refusal
from bot.work.measuring import measured
from tests.ledger_values import NOON, kept, later, opened, request, snapshot

SEEN = Gauges(
    backlog=Backlog(messages=3, behind_s=12.5, given_up=1, unworked_s=4.0),
    live=2,
    snapshot_bytes=1000,
    audit_entries=9,
)


def value(name: str, **labels: str) -> float:
    return HERE.get_sample_value(name, labels) or 0.0


def samples(text: bytes) -> dict[str, float]:
    return {
        sample.name + "".join(f":{label}" for label in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_a_purge_and_a_rollback_are_observed_once_with_what_they_moved(
    sqlite_ledger: SqlLedger,
) -> None:
    ledger = sqlite_ledger
    release = opened(ledger)
    purge = request("purge:1", release_id=release.id)
    undo = request("rollback:1", kind=ActionKind.ROLLBACK, release_id=release.id, partition="two")
    kept(ledger, requests=(purge, undo))

    def perform(turn: str) -> None:
        key = turn.partition("#")[0]
        begun = ledger.start_action(key, later(2))
        if begun is None:
            return
        result = {"taken": 5000, "seconds": 0.5} if key == "purge:1" else {}
        done = ActionMove(key=key, seen_fence=begun.fence, to=ActionState.DONE, result=result)
        kept(ledger, at=later(40), actions=(done,))

    run = measured(perform, ledger)
    before = {
        name: value(name, **labels)
        for name, labels in (
            ("cache_release_queue_wait_seconds_sum", {"kind": "purge"}),
            ("cache_release_actions_total", {"kind": "purge", "state": "done"}),
            ("cache_release_purged_keys_total", {}),
            ("cache_release_purge_keys_per_second_sum", {}),
            ("cache_release_rollback_seconds_sum", {}),
            ("cache_release_rollback_seconds_count", {}),
        )
    }
    for turn in ("purge:1", "purge:1#1", "rollback:1", "rollback:1", "unknown"):
        run(turn)
    assert value("cache_release_queue_wait_seconds_sum", kind="purge") - before[
        "cache_release_queue_wait_seconds_sum"
    ] == pytest.approx(2.0)
    assert value("cache_release_actions_total", kind="purge", state="done") == (
        before["cache_release_actions_total"] + 1
    )
    grown = {
        name: value(name) - before[name]
        for name in before
        if name not in {"cache_release_queue_wait_seconds_sum", "cache_release_actions_total"}
    }
    assert grown == {
        "cache_release_purged_keys_total": 5000,
        "cache_release_purge_keys_per_second_sum": 10000,
        "cache_release_rollback_seconds_sum": 40,
        "cache_release_rollback_seconds_count": 1,
    }


def test_what_alerts_speak_of_is_told_as_0_before_it_first_happens() -> None:
    told = samples(rendered())
    for name in (
        "cache_release_actions_total:rollback:failed",
        "cache_release_actions_total:purge:unknown",
        "cache_release_refusals_total:redis_full",
        "cache_release_slack_rate_limited_total:chat.update",
        "cache_release_stale_clicks_total",
    ):
        assert name in told


def test_a_press_that_came_too_late_is_a_stale_click_and_a_typed_word_is_none() -> None:
    before = value("cache_release_stale_clicks_total")
    refused = value("cache_release_refusals_total", code="moved_on")
    count_refusal(Code.MOVED_ON, door="slack button")
    count_refusal(Code.MOVED_ON, door="slash command")
    count_refusal(Code.NOT_ALLOWED, door="slack button")
    count_refusal(Code.BAD_REQUEST, door=None)
    assert value("cache_release_stale_clicks_total") == before + 1
    assert value("cache_release_refusals_total", code="moved_on") == refused + 2


def test_a_429_is_counted_by_its_method_and_not_by_its_channel() -> None:
    before = value("cache_release_slack_rate_limited_total", method="chat.postMessage")
    count_rate_limit("chat.postMessage C01REL")
    count_rate_limit("chat.postMessage C02REL")
    after = value("cache_release_slack_rate_limited_total", method="chat.postMessage")
    assert after == before + 2


def test_the_ledger_is_asked_once_for_the_scrapes_of_five_seconds() -> None:
    asked: list[float] = []
    clock = [100.0]

    def gauges() -> Gauges:
        asked.append(clock[0])
        return SEEN

    ledger = LedgerMetrics(gauges, lambda: ("worker-a", "worker-b", "clock"), lambda: clock[0])
    first = samples(rendered([ledger]))
    clock[0] += FRESH_S - 0.1
    rendered([ledger])
    clock[0] += 0.1
    rendered([ledger])
    assert asked == [100.0, 105.0]
    told = {name: number for name, number in first.items() if "processes" in name}
    assert told == {
        "cache_release_processes:all": 0,
        "cache_release_processes:clock": 1,
        "cache_release_processes:worker": 2,
    }
    assert first["cache_release_ledger_up"] == 1
    assert first["cache_release_outbox_lag_seconds"] == 12.5
    assert first["cache_release_snapshot_bytes"] == 1000


def test_a_ledger_that_is_away_is_told_as_such_and_the_rest_still_is() -> None:
    def gauges() -> Gauges:
        raise Refusal(code=Code.NOT_RECORDED, failed="x", expected="y", retry_is_safe=True)

    told = samples(rendered([LedgerMetrics(gauges, tuple)]))
    assert told["cache_release_ledger_up"] == 0
    assert "cache_release_outbox_messages" not in told
    assert "cache_release_purged_keys_total" in told


def test_the_ledger_counts_what_is_live_and_what_its_snapshots_weigh(ledger: SqlLedger) -> None:
    release = opened(ledger)
    rows = [
        snapshot(release, id="a", bytes=700, state="sealed"),
        snapshot(release, id="b", bytes=30, state="sealed", expires_at=later(-1)),
        snapshot(release, id="c", bytes=5, state="expired"),
    ]
    for row in rows:
        kept(ledger, snapshots=(row,))
    seen = ledger.gauges(NOON)
    assert (seen.live, seen.snapshot_bytes, seen.audit_entries) == (1, 700, 4)
    assert (seen.backlog.messages, seen.backlog.unworked_s) == (4, 0.0)
    assert ledger.gauges(later(30)).backlog.behind_s == 30.0


class Reply:
    """What a WSGI app answered."""

    def __init__(self, token: str | None, *, own: bool, shown: str | None, method: str) -> None:
        app = metrics_app(lambda: b"counts 1\n", token=token, own=lambda environ: own)
        environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": "/metrics"}
        if shown is not None:
            environ["HTTP_AUTHORIZATION"] = shown
        self.status = 0
        self.body = b"".join(app(environ, self.start))

    def start(self, status: str, headers: list[tuple[str, str]], exc: object = None) -> Any:
        self.status = int(status.split(maxsplit=1)[0])
        self.headers = dict(headers)


@pytest.mark.parametrize(
    ("token", "own", "shown", "method", "status"),
    [
        (None, True, None, "GET", 200),
        (None, True, None, "POST", 404),
        (None, False, None, "GET", 404),
        (None, False, "Bearer x", "GET", 404),
        ("secret", False, None, "GET", 401),
        ("secret", True, None, "GET", 401),
        ("secret", False, "Bearer other", "GET", 401),
        ("secret", False, "Bearer sécret", "GET", 401),
        ("secret", False, "Basic secret", "GET", 401),
        ("secret", False, "Bearer secret", "GET", 200),
        ("secret", False, "Bearer secret", "POST", 404),
    ],
)
def test_metrics_are_for_their_own_port_or_for_who_shows_the_token(
    token: str | None, own: bool, shown: str | None, method: str, status: int
) -> None:
    reply = Reply(token, own=own, shown=shown, method=method)
    assert reply.status == status
    assert (reply.body == b"counts 1\n") == (status == 200)


@pytest.fixture
def several(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}


def test_counts_of_several_processes_behind_one_port_are_added_up(
    several: dict[str, str],
) -> None:
    counts = "from bot.effects.metrics import PURGED_KEYS, ACK; PURGED_KEYS.inc(2); ACK.labels('http').observe(0.01)"
    for _ in range(3):
        subprocess.run([sys.executable, "-c", counts], env=several, check=True, timeout=60)
    shows = (
        "import sys; from bot.effects.metrics import rendered; sys.stdout.buffer.write(rendered())"
    )
    shown = subprocess.run(
        [sys.executable, "-c", shows], env=several, check=True, timeout=60, capture_output=True
    )
    told = samples(shown.stdout)
    assert told["cache_release_purged_keys_total"] == 6
    assert told["cache_release_ack_seconds_count:http"] == 3
