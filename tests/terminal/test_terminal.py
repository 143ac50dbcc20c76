"""The night when Slack is down: what a terminal says, to people and to machines."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from redis import Redis

from tests.terminal.night import LOOKED_AT, Night

PURGE = ("purge", "shop", "products", "--env", "production")


def test_a_purge_shows_its_plan_and_takes_nothing_without_yes(night: Night) -> None:
    before = night.keys()
    planned = night.run(*PURGE)
    assert (planned.returncode, planned.stderr) == (0, "")
    lines = planned.stdout.splitlines()
    assert lines[0] == "R-1, products of shop production, step 1: Purge only the affected route."
    assert lines[1] == "PASS. 650 keys match, 65.0 % of the database."
    assert lines[-2:] == [
        "Nothing was purged. Approve this plan: cache-release approve R-1, or in Slack.",
        "Or give the command again with --yes. To drop it: cache-release abandon R-1",
    ]
    assert night.keys() == before


def test_the_same_purge_again_goes_on_with_the_release_that_is_open(night: Night) -> None:
    assert night.run(*PURGE).returncode == 0
    again = night.run(*PURGE)
    assert again.stderr == "R-1 was opened for this before: going on with it.\n"
    assert night.run("abandon", "R-1").returncode == 0
    assert night.asks(*PURGE)[1]["release"] == "R-2"


def test_a_purge_with_yes_and_its_rollback(night: Night) -> None:
    before, outside = night.keys()
    purged = night.run(*PURGE, "--yes")
    assert (purged.returncode, purged.stderr) == (0, "")
    done, undo = purged.stdout.splitlines()[-2:]
    assert done.startswith("R-1 purged: 650 keys taken out, 0 left, in ")
    assert re.fullmatch(r"To undo it until .* UTC: cache-release rollback R-1", undo)
    left, others = night.keys()
    assert (set(left), others) == (LOOKED_AT, outside)
    back = night.run("rollback", "R-1")
    assert (back.returncode, back.stderr) == (0, "")
    lines = back.stdout.splitlines()
    assert lines[0] == "Rolling back R-1."
    assert lines[1].startswith("R-1 rolled back: 650 of 650 keys restored in ")
    assert lines[-1].endswith("cache-release unlock shop --environment production")
    assert night.keys() == (before, outside)
    twice = night.run("rollback", "R-1")
    assert twice.returncode == 0
    assert twice.stdout.startswith("R-1 is already rolled back: started by ")


def test_a_machine_gets_one_object_with_the_same_keys_for_every_verb(night: Night) -> None:
    code, counted = night.asks("purge", "shop", "cart", "--env", "staging", "--dry-run")
    assert (code, counted["state"], counted["verdict"]) == (0, "done", "pass")
    assert counted["numbers"]["plan"]["environment"] == "staging"
    code, purged = night.asks(*PURGE, "--yes")
    assert (code, purged["state"], purged["release"]) == (0, "done", "R-1")
    assert (purged["numbers"]["taken"], purged["numbers"]["left"]) == (650, 0)
    _, status = night.asks("status", "R-1")
    assert status["numbers"]["steps"][0]["state"] == "done"
    assert status["numbers"]["snapshots"][0]["keys"] == 650
    _, history = night.asks("history", "shop")
    assert [row["release"] for row in history["numbers"]["releases"]] == ["R-1"]
    assert counted.keys() == purged.keys() == status.keys() == history.keys()


@pytest.mark.parametrize(
    ("words", "exits", "code"),
    [
        (("rollback", "R-99"), 1, "unknown_name"),
        (("check", "shoe", "products"), 1, "unknown_name"),
        (("start",), 2, "bad_request"),
    ],
)
def test_a_refusal_says_its_code_and_exits_with_it(
    night: Night, words: tuple[str, ...], exits: int, code: str
) -> None:
    exited, answer = night.asks(*words)
    assert (exited, answer["state"], answer["code"]) == (exits, "refused", code)
    assert answer["failed"]
    assert answer["expected"]
    assert answer["retry_is_safe"] is True


def test_yes_does_not_speak_for_a_plan_that_takes_neighbours(night: Night) -> None:
    with Redis.from_url(night.url()) as redis:
        redis.set("anp:page:/products-old/1", "another route's page")
    before = night.keys()
    refused = night.run(*PURGE, "--yes")
    assert refused.returncode == 1
    assert "WARNING: also takes neighbours: anp:page:/products-old" in (refused.stdout)
    assert "`cache-release approve R-1`" in refused.stdout
    assert night.keys() == before


def test_a_verb_says_its_own_words_when_asked_for_help(night: Night) -> None:
    shown = " ".join(night.run("purge", "--help").stdout.split())
    assert "purge <app> <route…> [--environment E] [--dry-run] [--yes] [--json]" in shown
    assert "Exit codes: 0 done; 1 refused" in shown


def test_doctor_finds_redis_and_says_that_slack_is_not_set(night: Night) -> None:
    found = night.run("doctor")
    assert found.returncode == 1
    lines = found.stdout.splitlines()
    assert lines[0] == "ok    ledger: tables are up to date"
    assert any(line.startswith("ok    redis of shop production: valkey") for line in lines)
    assert [line for line in lines if line.startswith("WRONG")] == [
        "WRONG slack: SLACK_BOT_TOKEN: found nothing; expected the bot's token. "
        "Without it only the terminal works."
    ]


def test_everything_that_is_not_configured_is_listed_at_once(tmp_path: Path) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "bot", "all"],
        env={"PATH": "/usr/bin:/bin", "CACHE_RELEASE_CATALOG": "missing.toml"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert refused.returncode == 2
    lines = refused.stderr.splitlines()
    assert lines[0] == "cache-release cannot start:"
    for name in ("SLACK_BOT_TOKEN: found nothing", "SLACK_SIGNING_SECRET: found", "missing.toml"):
        assert any(line.startswith(f"- {name}") for line in lines), refused.stderr
