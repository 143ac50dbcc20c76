from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.work.engine import engine_url, migrate_engine
from tests.work.crew import Crew


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    """Return a crew on SQLite, nobody at work yet."""
    yield from _crew(f"sqlite:///{tmp_path / 'ledger.sqlite'}", tmp_path)


@pytest.fixture
def any_crew(empty_url: str, tmp_path: Path) -> Iterator[Crew]:
    """Return a crew on both kinds of database, one after the other."""
    yield from _crew(empty_url, tmp_path)


def _crew(url: str, folder: Path) -> Iterator[Crew]:
    migrate_engine(engine_url(url))
    crew = Crew(url, folder)
    try:
        yield crew
    finally:
        crew.close()
