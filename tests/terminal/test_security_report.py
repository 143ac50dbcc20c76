"""`cache-release doctor --security` says how safe an installation is, and never what its secrets are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.release.safety import How, finding_lines, mode_finding
from bot.settings import SETTINGS
from tests.terminal.night import Night

TOKEN = "xoxb-canary-of-the-report"


def _report(night: Night, **environ: str) -> tuple[int, dict[str, dict[str, Any]], str]:
    ran = night.run("doctor", "--security", "--json", **environ)
    answer = json.loads(ran.stdout)
    assert answer["ok"] is (ran.returncode == 0)
    rows = {f"{row['section']} {row['name']}": row for row in answer["findings"]}
    return ran.returncode, rows, ran.stdout + ran.stderr


def test_a_safe_installation_is_reported_whole_without_a_single_value(
    night: Night, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    code, rows, said = _report(
        night, SLACK_BOT_TOKEN_FILE=str(token), SHOP_COOKIE_A="session=canary-cookie"
    )
    assert code == 0
    assert {row["section"] for row in rows.values()} == {
        "permissions",
        "secrets",
        "limits",
        "door",
        "logging",
        "redis rights",
        "tls",
    }
    assert rows["permissions ledger cache-release.sqlite"]["found"] == "mode 0600"
    assert rows["permissions engine cache-release.engine.sqlite"]["found"] == "mode 0600"
    assert rows["permissions files of snapshots"]["found"] == "0 of 0 that others may read or write"
    assert rows["secrets SLACK_BOT_TOKEN"]["found"] == (
        f"present, in {token}, mode 0600, 0 days old"
    )
    assert rows["secrets SHOP_COOKIE_A"]["found"] == "present, in the environment"
    assert rows["secrets SNAPSHOT_ENCRYPTION_KEY"]["found"] == "not set"
    named = {row.name for row in SETTINGS.values() if row.secret}
    assert named <= {name.removeprefix("secrets ") for name in rows}
    assert rows["limits CACHE_RELEASE_LARGE_PURGE_KEYS"]["found"] == "1,000,000"
    assert rows["tls SHOP_PRODUCTION_REDIS_URL"]["found"] == "in clear, on this machine"
    rights = rows["redis rights shop production, user default"]["found"]
    assert "restore" in rights
    assert rows["redis rights shop production"]["state"] == "note"
    assert rows["redis rights shop production"]["found"] == (
        "more than it needs: config, eval, keys outside its own (~*)"
    )
    assert [secret for secret in (TOKEN, "canary-cookie") if secret in said] == []


def test_what_is_open_to_others_or_travels_in_clear_is_wrong(night: Night) -> None:
    night.folder.chmod(0o777)
    snapshot = night.folder / "snapshots" / "r1-s3-v1" / "manifest.json"
    snapshot.parent.mkdir(parents=True)
    snapshot.write_text("{}")
    snapshot.chmod(0o644)
    code, rows, _ = _report(
        night,
        SHOP_STAGING_REDIS_URL="redis://bot:hunter2@127.0.0.2:1/0",
        SLACK_API_BASE_URL="http://slack.example/api/",
    )
    assert code == 1
    wrong = {name: row["found"] for name, row in rows.items() if row["state"] == "wrong"}
    assert wrong == {
        f"permissions data folder {night.folder}": "mode 0777",
        "permissions files of snapshots": "1 of 1 that others may read or write",
        "redis rights shop staging": wrong["redis rights shop staging"],
        "tls slack": "in clear, to another machine",
        "tls SHOP_STAGING_REDIS_URL": "in clear, to another machine",
    }
    night.folder.chmod(0o700)
    snapshot.chmod(0o600)
    code, rows, said = _report(night, DATABASE_URL="postgresql://bot:hunter2@db.example/bot")
    assert (code, rows["tls database"]["expected"]) == (1, "sslmode=verify-full in DATABASE_URL")
    checked = "postgresql://bot:hunter2@db.example/bot?sslmode=verify-full"
    code, rows, more = _report(night, DATABASE_URL=checked)
    assert (code, rows["tls database"]["state"]) == (0, "ok")
    assert "hunter2" not in said + more


def test_settings_that_cannot_be_read_are_said_with_a_code_of_their_own(
    night: Night, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    token.chmod(0o644)
    ran = night.run("doctor", "--security", SLACK_BOT_TOKEN_FILE=str(token))
    assert ran.returncode == 2
    assert ran.stdout.splitlines() == [
        "settings",
        f"  WRONG SLACK_BOT_TOKEN_FILE: {token} with mode 0644, which others may read or write; expected mode 0600",
    ]
    assert TOKEN not in ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("mode", "most", "how"),
    [
        (0o600, 0o600, How.OK),
        (0o400, 0o600, How.OK),
        (0o640, 0o600, How.NOTE),
        (0o660, 0o600, How.WRONG),
        (0o602, 0o600, How.WRONG),
        (0o755, 0o755, How.OK),
        (0o775, 0o755, How.WRONG),
        (0o755, 0o700, How.NOTE),
        (None, 0o600, How.OK),
    ],
)
def test_how_a_mode_counts(mode: int | None, most: int, how: How) -> None:
    assert mode_finding("permissions", "file", mode, most).how is how


def test_a_section_is_named_once() -> None:
    rows = [mode_finding("permissions", name, 0o644, 0o600) for name in ("a", "b")]
    assert finding_lines(rows) == [
        "permissions",
        "  note  a: mode 0644; expected at most 0600",
        "  note  b: mode 0644; expected at most 0600",
    ]
