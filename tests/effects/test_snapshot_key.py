from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from bot.effects.snapshots.key import (
    SnapshotKeys,
    encryption_key,
    key_id,
    read_encryption_key,
    snapshot_key,
)
from bot.release.reading import Unfit
from bot.settings import SettingsProblems, read_settings

KEY = bytes(range(224, 256))


def test_a_given_key_is_used_and_none_is_written(tmp_path: Path) -> None:
    assert snapshot_key(tmp_path / "s", "k" * 32) == b"k" * 32
    assert not (tmp_path / "s").exists()


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    made = snapshot_key(tmp_path / "s", None)
    assert len(made) == 64
    assert snapshot_key(tmp_path / "s", None) == made
    assert stat.S_IMODE((tmp_path / "s" / "hmac.key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "text",
    [
        KEY.hex(),
        KEY.hex().upper(),
        base64.b64encode(KEY).decode(),
        base64.urlsafe_b64encode(KEY).decode(),
        base64.urlsafe_b64encode(KEY).decode().rstrip("="),
    ],
)
def test_32_bytes_are_read_in_hex_or_base64(text: str) -> None:
    assert encryption_key(text) == KEY
    assert read_encryption_key(text).get_secret_value() == text


@pytest.mark.parametrize(
    "text", ["", "k" * 32, KEY.hex()[:-1], KEY.hex() + "0", "+" * 45, "é" * 64]
)
def test_what_is_no_key_is_told_with_how_to_make_one_and_not_shown(text: str) -> None:
    with pytest.raises(Unfit) as unfit:
        read_encryption_key(text)
    assert unfit.value.found == f"{len(text)} characters that are no such key"
    assert unfit.value.expected == "32 bytes in hex (64 digits) or base64 (44 characters)"
    assert (
        unfit.value.hint == "Make one: python3 -c 'import secrets; print(secrets.token_hex(32))'."
    )


def test_the_setting_comes_from_its_variable_or_its_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(KEY.hex() + "\n")
    file.chmod(0o600)
    for environ in (
        {"SNAPSHOT_ENCRYPTION_KEY": KEY.hex()},
        {"SNAPSHOT_ENCRYPTION_KEY_FILE": str(file)},
    ):
        settings = read_settings(environ)
        assert settings.snapshot_encryption_key is not None
        assert settings.snapshot_encryption_key.get_secret_value() == KEY.hex()
        assert KEY.hex() not in repr(settings)
    assert read_settings({}).snapshot_encryption_key is None


def test_a_wrong_key_is_a_listed_problem() -> None:
    with pytest.raises(SettingsProblems) as caught:
        read_settings({"SNAPSHOT_ENCRYPTION_KEY": "hunter2"})
    assert [(row.name, row.found) for row in caught.value.problems] == [
        ("SNAPSHOT_ENCRYPTION_KEY", "7 characters that are no such key")
    ]
    assert "hunter2" not in str(caught.value)


def test_keys_are_named_by_an_id_and_never_printed() -> None:
    keys = SnapshotKeys(hmac=b"hmac", encryption=KEY)
    assert keys.key_id == key_id(KEY) != key_id(KEY[::-1])
    assert repr(keys) == "SnapshotKeys()"
    assert (SnapshotKeys(hmac=b"h").key_id, SnapshotKeys(hmac=b"h").cipher("r1")) == ("", None)
