"""What the bot keeps is for its own user alone, whatever the umask of whoever starts it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.effects.ledger.migrate import migrate
from bot.effects.ledger.sql_ledger import open_ledger
from bot.effects.private import mode_of, private_file
from bot.work.engine import engine_url, migrate_engine


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
def test_the_ledger_and_the_engine_are_made_for_the_bots_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    url = f"sqlite:///{folder / 'cache-release.sqlite'}"
    migrate(url)
    migrate_engine(engine_url(url))
    ledger = open_ledger(url)
    ledger.locks()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = {path.name: mode_of(path) for path in folder.iterdir()}
    assert {"cache-release.sqlite", "cache-release.engine.sqlite"} <= set(files)
    assert set(files.values()) == {0o600}
    ledger.close()


@pytest.mark.usefixtures("open_umask")
def test_a_ledger_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.touch(0o666)
    assert mode_of(path) == 0o666
    private_file(path)
    assert mode_of(path) == 0o600


def test_a_folder_that_was_there_stays_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    private_file(shared / "ledger.sqlite")
    assert (mode_of(shared), mode_of(shared / "ledger.sqlite")) == (0o755, 0o600)
    assert mode_of(shared / "none") is None


WRITES = """
import sys
from datetime import UTC, datetime
from bot.effects.ledger.sql_ledger import open_ledger

ledger = open_ledger(sys.argv[1])
assert ledger.first_heard("heard by another process", datetime.now(UTC))
ledger.close()
"""


def test_a_ledger_that_is_opened_once_more_keeps_its_locks(sqlite_url: str) -> None:
    ledger = open_ledger(sqlite_url)
    ledger.locks()
    again = open_ledger(sqlite_url)
    # Its last connection takes the journal away, unless this process still shows that it reads.
    subprocess.run([sys.executable, "-c", WRITES, sqlite_url], check=True)
    assert Path(f"{sqlite_url.removeprefix('sqlite:///')}-wal").exists()
    assert not ledger.first_heard("heard by another process", datetime.now(UTC))
    again.close()
    ledger.close()
