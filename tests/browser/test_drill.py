"""A person sees beside Roll back that it was rehearsed, and asks for another drill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bot.sandbox.demo import Demo
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.test_release import MANIFEST, SLOW_MS, Screen
from tests.keyspace_picture import picture

pytestmark = pytest.mark.browser


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path / "demo", MANIFEST, rehearsal_h=0)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280x800", "390x844"])
def test_the_card_says_that_the_rollback_was_rehearsed_and_a_drill_says_how_long_it_takes(
    demo: Demo, browser_page: OpenPage, viewport: tuple[int, int], tmp_path: Path
) -> None:
    assert demo.slack is not None
    screen = Screen(browser_page(viewport=viewport))
    screen.page.goto(f"{demo.slack.url}?as=U01OWNER")
    screen.types("/cache-release purge shop products")
    root = screen.card("channel", "R-1 · shop · PRODUCTION")
    expect(root).to_be_visible(timeout=SLOW_MS)
    screen.opens_thread()
    step = screen.card("thread", "Purge only the affected route")
    screen.presses("Run", step)
    expect(screen.button("Run again", step)).to_be_visible(timeout=SLOW_MS)
    screen.closes_thread()
    screen.types("/cache-release drill R-1")
    drill = screen.card("channel", "Drill of the rollback")
    expect(drill).to_contain_text("would take about", timeout=SLOW_MS)
    expect(drill).to_contain_text("the budget is 20 minutes.")
    expect(root).to_contain_text("200 keys in", timeout=SLOW_MS)
    expect(root).to_contain_text("(copies)")
    assert screen.page.evaluate("document.documentElement.scrollWidth") <= viewport[0]
    left = [key for key in picture(demo.redis_urls["production"]) if key.startswith(b"~q:")]
    assert left == []
