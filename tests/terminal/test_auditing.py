"""The audit at the terminal: verified, anchored by the clock, pruned behind a stone."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.auditing import prune_audit, verify
from bot.effects.audit_anchors import add_anchor, anchor_line, read_anchors
from bot.effects.ledger.signing import anchor_of
from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.problems import Problems
from bot.release.refusal import Refusal
from bot.work.anchoring import Anchoring
from tests.effects.test_ledger_audit import does, intrude
from tests.ledger_values import NOON, kept, later

KEY = "audit-key-of-at-least-32-characters"


@pytest.fixture
def environ(ledger_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": ledger_url,
        "SNAPSHOT_URL": str(tmp_path / "snapshots"),
        "AUDIT_HMAC_KEY": KEY,
        "CACHE_RELEASE_AUDIT_ANCHORS": str(tmp_path / "anchors"),
    }


def anchoring(ledger: SqlLedger, path: Path, channel: str | None = None) -> Anchoring:
    return Anchoring(
        ledger,
        sign=lambda seq, hashed, at: anchor_of(KEY.encode(), seq=seq, hashed=hashed, at=at),
        said=anchor_line,
        keep=partial(add_anchor, path),
        channel=channel,
    )


def test_an_audit_is_anchored_verified_pruned_and_verified_again(
    ledger: SqlLedger,
    ledger_url: str,
    environ: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for number in range(4):
        kept(ledger, act=f"act {number}", at=later(number * 86400))
    assert verify(environ, [], as_json=False) == 0
    assert "no anchor was compared, so a cut end would not show" in capsys.readouterr().out
    anchoring(ledger, tmp_path / "anchors").anchor(NOON)
    export = tmp_path / "pruned.jsonl"
    before = NOON.replace(hour=0) + timedelta(days=2)
    assert prune_audit(environ, before=before, export=export) == 0
    *entries, stone = map(json.loads, export.read_text().splitlines())
    assert [entry["act"] for entry in entries] == ["act 0", "act 1"]
    assert (stone["stone"]["seq"], stone["stone"]["hash"]) == (2, entries[-1]["hash"])
    assert export.stat().st_mode & 0o777 == 0o600
    capsys.readouterr()
    assert verify(environ, [], as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert {name: told[name] for name in ("whole", "entries", "pruned", "anchors", "last")} == {
        "whole": True,
        "entries": 3,
        "pruned": 2,
        "anchors": 1,
        "last": 5,
    }
    with pytest.raises(Refusal, match="cannot be made: File exists"):
        prune_audit(environ, before=before + timedelta(days=1), export=export)
    with pytest.raises(Refusal, match="No entry from before 2026-05-04 may go"):
        prune_audit(environ, before=NOON.replace(hour=0), export=tmp_path / "other")
    assert not (tmp_path / "other").exists()
    intrude(ledger_url, does("UPDATE audit SET actor = 'U9' WHERE seq = 4"))
    assert verify(environ, [], as_json=False) == 1
    assert capsys.readouterr().out == (
        "NOT whole: entry 4 was changed after it was written (changed)."
        " 1 entries before it stand as they were written.\n"
    )
    with pytest.raises(Refusal, match="The audit does not stand: entry 4 was changed"):
        prune_audit(environ, before=datetime.now(UTC), export=tmp_path / "other")


def test_another_key_shows_and_a_file_of_anchors_must_be_there(
    sqlite_ledger: SqlLedger, sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"DATABASE_URL": sqlite_url, "SNAPSHOT_URL": str(tmp_path / "snapshots")}
    kept(sqlite_ledger)
    anchoring(sqlite_ledger, tmp_path / "anchors").anchor(NOON)
    assert verify(environ, [tmp_path / "anchors"], as_json=False) == 1
    assert "the anchor of entry 1 is not signed with the key" in capsys.readouterr().out
    with pytest.raises(Problems, match="cannot be read"):
        verify(environ, [tmp_path / "none"], as_json=False)


def test_only_what_was_written_since_is_anchored_and_a_channel_is_told_once_a_day(
    sqlite_ledger: SqlLedger, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    anchors = anchoring(sqlite_ledger, tmp_path / "anchors", "C01OPS")
    assert anchors.anchor(NOON) is None
    kept(sqlite_ledger)
    with caplog.at_level(logging.INFO, logger="bot"):
        first = anchors.anchor(NOON)
    assert first is not None
    assert caplog.messages == [f"audit anchor {anchor_line(first)}"]
    notice = sqlite_ledger.notice("anchor:2026-05-04")
    assert notice is not None
    assert (notice.to, notice.lines[0]) == ("C01OPS", f"`audit anchor {anchor_line(first)}`")
    assert anchors.anchor(later(300)) is None
    kept(sqlite_ledger)
    assert anchors.anchor(later(600)) is not None
    # A second clock takes over on the same day: its anchor is one more line, no second message.
    other = anchoring(sqlite_ledger, tmp_path / "anchors", "C01OPS")
    assert other.anchor(later(900)) is not None
    assert sqlite_ledger.audit_head()[0] == 3
    assert other.anchor(NOON + timedelta(days=1)) is None
    kept(sqlite_ledger)
    assert other.anchor(NOON + timedelta(days=1)) is not None
    assert sqlite_ledger.notice("anchor:2026-05-05") is not None
    kept_outside = read_anchors(tmp_path / "anchors")
    assert [anchor.seq for anchor in kept_outside] == [1, 3, 3, 4]
    standing = sqlite_ledger.audit_standing(key=KEY.encode(), anchors=kept_outside)
    assert (standing.anchors, standing.finding) == (3, None)
