from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.demo import Demo
from tests.terminal.night import Night

MANIFEST = Path(__file__).parents[2] / "docs" / "slack-manifest.json"


@pytest.fixture(scope="session")
def dark_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Demo, Path]]:
    """Redis and the shops without a bot, and the folder with a migrated ledger."""
    folder = tmp_path_factory.mktemp("night") / "demo"
    running = Demo(folder, MANIFEST, keys=1000, rehearsal_h=0)
    try:
        running.start(bot=False)
        yield running, folder
    finally:
        running.stop()


@pytest.fixture
def night(dark_demo: tuple[Demo, Path], tmp_path: Path) -> Iterator[Night]:
    demo, folder = dark_demo
    one = Night(demo=demo, folder=tmp_path, migrated=folder)
    one.fill(1000)
    yield one
    one.end()
