"""A person at the page slows, pauses and resumes a purge that goes in waves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from bot.sandbox.demo import Demo
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.test_release import MANIFEST, SLOW_MS, Screen

pytestmark = pytest.mark.browser

TITLE = "Purge only the affected route"
WAVES = 3
PAUSED_OR_DONE = re.compile("PAUSED|are in snapshot")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path / "demo", MANIFEST, rehearsal_h=0)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280x800", "390x844"])
def test_a_purge_is_slowed_paused_and_resumed(
    demo: Demo, browser_page: OpenPage, viewport: tuple[int, int], tmp_path: Path
) -> None:
    assert demo.slack is not None
    screen = Screen(browser_page(viewport=viewport))
    screen.page.goto(f"{demo.slack.url}?as=U01OWNER")
    screen.types("/cache-release purge shop products")
    expect(screen.card("channel", "R-1 · shop · PRODUCTION")).to_be_visible(timeout=SLOW_MS)
    screen.opens_thread()
    card = screen.card("thread", TITLE)
    screen.presses("Run", card)
    screen.is_now("U02APPROVER")
    screen.presses("Approve purge", card)
    screen.presses("Slower", card)
    screen.page.screenshot(path=tmp_path / "running.png")
    screen.presses("Pause", card)
    expect(card).to_contain_text("PAUSED", timeout=SLOW_MS)
    expect(screen.button("Stop", card)).to_be_visible(timeout=SLOW_MS)
    expect(card).to_contain_text("taken out so far")
    expect(card).to_contain_text("Paused by")
    screen.page.screenshot(path=tmp_path / "paused.png")
    _resumes_until_the_end(screen, card)
    expect(card).to_contain_text("3 waves, a look after each but the last")
    screen.page.screenshot(path=tmp_path / "done.png")


def _resumes_until_the_end(screen: Screen, card: Locator) -> None:
    """A busy machine slows the shop, and then the look after a wave pauses the purge again: a person resumes it."""
    for _ in range(WAVES):
        screen.presses("Resume", card)
        expect(card).not_to_contain_text("PAUSED", timeout=SLOW_MS)
        expect(card).to_contain_text(PAUSED_OR_DONE, timeout=SLOW_MS)
        if "are in snapshot" in card.inner_text():
            return
    expect(card).to_contain_text("are in snapshot")
