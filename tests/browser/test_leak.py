"""A person meets a leak: the release is stopped, the card says why, and one press takes it back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect

from bot.sandbox.demo import Demo
from bot.sandbox.shop.versions import Version
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.test_release import MANIFEST, SLOW_MS, Screen

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
def test_a_leak_stops_the_release_and_the_card_takes_it_back(
    demo: Demo, browser_page: OpenPage, viewport: tuple[int, int]
) -> None:
    assert demo.slack is not None
    shop = demo.shops["production"]
    shop.deploy(Version.LEAKY)
    screen = Screen(browser_page(viewport=viewport))
    screen.page.goto(f"{demo.slack.url}?as=U01OWNER")
    screen.types('/cache-release start shop products "New price table" --previous v1')
    expect(screen.card("channel", "R-1 · shop · PRODUCTION")).to_be_visible(timeout=SLOW_MS)
    screen.opens_thread()
    screen.presses("Run", screen.card("thread", "Inspect cache headers"))
    screen.is_now("U02APPROVER")
    screen.presses("Approve", screen.card("thread", "Inspect cache headers"))
    screen.is_now("U01OWNER")
    step = screen.card("thread", "Test logged-in traffic")
    screen.presses("Run", step)
    expect(step).to_contain_text("Release stopped.", timeout=SLOW_MS)
    expect(step).to_contain_text("an anonymous visitor got the page of account a (L1)")
    expect(screen.button("Approve", step)).to_have_count(0)
    assert screen.page.evaluate("document.documentElement.scrollWidth") <= viewport[0]
    screen.is_now("U03ONCALL")
    screen.presses("Roll back", step)
    expect(screen.card("thread", "R-1 rolled back")).to_be_visible(timeout=SLOW_MS)
    assert "Signed in as account" not in requests.get(f"{shop.url}/products", timeout=10).text
