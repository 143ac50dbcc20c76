"""A person sees how a release does after its last step, is called when the shop becomes slow, and takes it back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bot.sandbox.demo import Demo
from bot.sandbox.shop.versions import Version
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.test_release import MANIFEST, SLOW_MS, Screen

pytestmark = pytest.mark.browser


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path / "demo", MANIFEST, watch_every_s=4)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280x800", "390x844"])
def test_a_release_is_watched_and_taken_back_when_the_shop_becomes_slow(
    demo: Demo, browser_page: OpenPage, viewport: tuple[int, int], tmp_path: Path
) -> None:
    assert demo.slack is not None
    screen = Screen(browser_page(viewport=viewport))
    page = screen.page
    page.goto(f"{demo.slack.url}?as=U01OWNER")
    screen.types("/cache-release purge shop products")
    expect(screen.card("channel", "R-1 · shop · PRODUCTION")).to_be_visible(timeout=SLOW_MS)
    screen.opens_thread()
    step = screen.card("thread", "Purge only the affected route")
    screen.presses("Run", step)
    screen.is_now("U02APPROVER")
    screen.presses("Approve purge", step)
    watch = screen.card("thread", "Stop watching")
    expect(watch).to_contain_text("Watched after the release · look 2 of 15", timeout=SLOW_MS)
    expect(watch).to_contain_text("OK")
    demo.shops["production"].deploy(Version.SLOW)
    called = screen.card("thread", "SLOWER twice in a row")
    expect(called).to_be_visible(timeout=SLOW_MS)
    expect(watch).to_contain_text("SLOWER")
    watch.scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "watch.png")
    called.scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "called.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport[0]
    screen.is_now("U03ONCALL")
    screen.presses("Roll back", called)
    ended = screen.card("thread", "Watch ended by the rollback")
    expect(ended).to_be_visible(timeout=SLOW_MS)
    expect(ended).not_to_contain_text("Stop watching")
    page.screenshot(path=tmp_path / "ended.png")
