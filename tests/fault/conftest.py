"""A whole demo for the tests that kill its bot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.demo import Demo

MANIFEST = Path(__file__).parents[2] / "docs" / "slack-manifest.json"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path / "demo", MANIFEST, keys=60_000, rehearsal_h=0)
    try:
        running.start()
        yield running
    finally:
        running.stop()
