from __future__ import annotations

import stat
from pathlib import Path

from bot.effects.snapshot_key import snapshot_key


def test_a_given_key_is_used_and_none_is_written(tmp_path: Path) -> None:
    assert snapshot_key(tmp_path / "s", "k" * 32) == b"k" * 32
    assert not (tmp_path / "s").exists()


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    made = snapshot_key(tmp_path / "s", None)
    assert len(made) == 64
    assert snapshot_key(tmp_path / "s", None) == made
    assert stat.S_IMODE((tmp_path / "s" / "hmac.key").stat().st_mode) == 0o600
