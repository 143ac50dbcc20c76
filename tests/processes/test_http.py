"""Slack over signed HTTP carries the same release as Socket Mode, in one process and in three."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from bot.sandbox.demo import Demo
from bot.sandbox.slack.server import SandboxSlack
from bot.sandbox.slack.workspace import demo_workspace
from bot.sandbox.valkey import free_port
from tests.slack_person import SlackPerson, wait_for

MANIFEST = Path(__file__).parents[2] / "docs" / "slack-manifest.json"
ENDS_IN_S = 30


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path / "demo", MANIFEST, keys=1000, rehearsal_h=0)
    try:
        running.start()
        running.kill_bot()
        yield running
    finally:
        running.stop()


@contextmanager
def _processes(demo: Demo, slack: SandboxSlack, port: int, shown: dict[str, int]) -> Iterator[None]:
    """Run the bot's roles against a Slack that calls over HTTP; each must end by itself on SIGTERM."""
    environ = {name: value for name, value in demo.environ.items() if name != "SLACK_APP_TOKEN"}
    environ |= {
        "SLACK_SIGNING_SECRET": slack.workspace.signing_secret,
        "SLACK_API_BASE_URL": slack.api_url,
        "PORT": str(port),
    }
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "bot", role],
            env={**environ, "CACHE_RELEASE_METRICS": f"127.0.0.1:{own}"},
        )
        for role, own in shown.items()
    ]
    try:
        yield
        for process in running:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(ENDS_IN_S) for process in running] == [0] * len(shown)
    finally:
        for process in running:
            process.kill()
            process.wait()


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=1).status_code == 200
    except requests.RequestException:
        return False


def _metrics(port: int) -> dict[str, float]:
    """Return the sums of all samples of a process, by name."""
    text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name] = found.get(sample.name, 0.0) + sample.value
    return found


@pytest.mark.parametrize(
    "roles", [("all",), ("web", "worker", "clock")], ids=["one process", "three processes"]
)
def test_a_purge_and_its_rollback_over_http(demo: Demo, roles: tuple[str, ...]) -> None:
    port = free_port()
    workspace = demo_workspace(json.loads(MANIFEST.read_text()))
    slack = SandboxSlack(workspace, request_url=f"http://127.0.0.1:{port}/slack/events")
    with ExitStack() as stack:
        slack.start()
        stack.callback(slack.stop)
        shown = {role: free_port() for role in roles}
        stack.enter_context(_processes(demo, slack, port, shown))
        wait_for("the bot", lambda: _answers(port))
        assert requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).json()["ok"] is True
        assert requests.post(f"http://127.0.0.1:{port}/slack/events", timeout=5).status_code == 401
        hook = requests.post(f"http://127.0.0.1:{port}/hooks/shop", timeout=5)
        assert (hook.status_code, hook.json()["code"]) == (404, "unknown_name")
        olga, ari = SlackPerson(slack, "U01OWNER"), SlackPerson(slack, "U02APPROVER")
        olga.types("/cache-release purge shop products")
        olga.presses("Run", on="Purge only the affected route")
        ari.presses("Approve purge", on="keys match")
        ari.sees("are in snapshot")
        ari.presses("Roll back", on="R-1 · shop · PRODUCTION")
        ari.sees("R-1 rolled back")
        hears, works, ticks = (
            shown[role] for role in (roles[0], roles[len(roles) // 2], roles[-1])
        )
        wait_for("the count", lambda: _metrics(works)["cache_release_rollback_seconds_count"] == 1)
        worked = _metrics(works)
        assert worked["cache_release_purged_keys_total"] > 100
        assert worked["cache_release_restore_seconds_count"] >= 1
        assert worked["cache_release_queue_wait_seconds_count"] >= 2
        assert _metrics(hears)["cache_release_ack_seconds_count"] >= 3
        for own in (hears, works, ticks):
            assert _metrics(own)["cache_release_ledger_up"] == 1
            assert _metrics(own)["cache_release_snapshot_bytes"] > 1000
            ready = requests.get(f"http://127.0.0.1:{own}/readyz", timeout=5)
            assert (ready.status_code, ready.json()["ok"]) == (200, True)
        assert requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).status_code == 404
        told = subprocess.run(
            [sys.executable, "-m", "bot", "trace", "R-1", "--json"],
            env=demo.environ,
            capture_output=True,
            check=True,
            timeout=60,
        )
        parts = json.loads(told.stdout)["parts"]
        assert {"audit", "work", "engine", "effect", "snapshot", "slack"} <= {
            part["source"] for part in parts
        }
        assert [part["what"] for part in parts if part["source"] == "engine"] != []
        assert [part["at"] for part in parts] == sorted(part["at"] for part in parts)
