"""The night when Slack is down: a terminal, the ledger, Redis, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.demo import Demo
from tests.keyspace_picture import picture, split

MANIFEST = Path(__file__).parents[2] / "docs" / "slack-manifest.json"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo(tmp_path_factory.mktemp("terminal") / "demo", MANIFEST, keys=1000)
    try:
        running.start()
        running.kill_bot()
        yield running
    finally:
        running.stop()


def _run(demo: Demo, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the bot's command line without any of Slack's settings."""
    environ = {name: text for name, text in demo.environ.items() if not name.startswith("SLACK")}
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_purge_needs_yes_then_takes_the_keys_and_rollback_puts_them_back(demo: Demo) -> None:
    url = demo.redis_urls["production"]
    before = split(picture(url))[0]
    planned = _run(demo, "purge", "shop", "products", "--env", "production")
    assert planned.returncode == 0, planned.stderr
    assert planned.stdout.splitlines()[-1] == (
        "Nothing was purged. Add --yes to purge, or approve R-1 in Slack."
    )
    assert split(picture(url))[0] == before
    assert _run(demo, "abandon", "R-1").returncode == 0
    purged = _run(demo, "purge", "shop", "products", "--env", "production", "--yes")
    assert purged.returncode == 0, purged.stderr
    assert split(picture(url))[0] == {}
    back = _run(demo, "rollback", "R-2")
    assert back.returncode == 0, back.stderr
    assert back.stdout.splitlines()[1].startswith(
        f"R-2 rolled back: {len(before)} of {len(before)}"
    )
    assert split(picture(url))[0] == before


def test_json_is_one_object_for_machines(demo: Demo) -> None:
    counted = _run(demo, "purge", "shop", "cart", "--env", "staging", "--dry-run", "--json")
    assert counted.returncode == 0, counted.stderr
    answer = json.loads(counted.stdout)
    assert (answer["state"], answer["outcome"]) == ("done", "pass")
    assert answer["numbers"]["plan"]["environment"] == "staging"


@pytest.mark.parametrize(
    ("words", "code"),
    [(("rollback", "R-99"), "unknown_name"), (("check", "shoe", "products"), "unknown_name")],
)
def test_a_refusal_ends_with_1_and_says_its_code(
    demo: Demo, words: tuple[str, ...], code: str
) -> None:
    refused = _run(demo, *words, "--json")
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["code"] == code


def test_doctor_finds_redis_and_says_that_slack_is_not_set(demo: Demo) -> None:
    found = _run(demo, "doctor")
    assert found.returncode == 1
    lines = found.stdout.splitlines()
    assert lines[0] == "ok    ledger: tables are up to date"
    assert any(line.startswith("ok    redis of shop production: valkey") for line in lines)
    assert any(line.startswith("WRONG slack: SLACK_BOT_TOKEN") for line in lines)


def test_everything_that_is_not_configured_is_listed_at_once(tmp_path: Path) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "bot", "all"],
        env={"PATH": "/usr/bin:/bin"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert refused.returncode == 2
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"):
        assert f"- {name}: found nothing" in refused.stderr
