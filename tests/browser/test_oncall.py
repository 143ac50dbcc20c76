"""On call with a phone: the direct message, one button, one question, and the end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.sandbox.demo import Demo
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.test_release import MANIFEST, SLOW_MS
from tests.slack_person import SlackPerson

pytestmark = pytest.mark.browser

LEAST_PX = 44.0


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path / "demo", MANIFEST, rehearsal_h=0)
    try:
        running.start()
        yield running
    finally:
        running.stop()


class Thumb:
    """Taps with a thumb: counts them, and looks at each target before it is tapped."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0
        self.heights: list[float] = []

    def tap(self, target: Locator) -> None:
        """Tap what is wholly on the screen."""
        expect(target).to_be_visible(timeout=SLOW_MS)
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        assert box is not None
        self.heights.append(box["height"])
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE[0]
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= PHONE[1]
        target.tap()
        self.taps += 1


def cut_off(page: Page) -> list[str]:
    """Return the texts and buttons that are wider than the screen or cut inside their box."""
    script = """() => [...document.querySelectorAll('article[data-ts] *')]
        .filter((node) => node.children.length === 0 && node.getClientRects().length && !node.closest('.emoji'))
        .filter((node) => node.getBoundingClientRect().right > innerWidth + 0.5
            || (getComputedStyle(node).overflowX !== 'visible'
                && getComputedStyle(node).display !== 'inline' && node.scrollWidth > node.clientWidth + 1))
        .map((node) => node.textContent.slice(0, 60))"""
    found: list[str] = page.evaluate(script)
    return found


def purged_and_handed_over(demo: Demo) -> None:
    """Bring a release behind its purge; its next step is the on-call engineer's."""
    assert demo.slack is not None
    owner, approver = (SlackPerson(demo.slack, who) for who in ("U01OWNER", "U02APPROVER"))
    owner.types('/cache-release start shop products "New price table" --previous v1')
    owner.sees("R-1 · shop · PRODUCTION")
    for number in (1, 2):
        owner.types(f'/cache-release skip R-1 {number} "Looked at this morning."')
        owner.sees(f"R-1 step {number} skipped")
    owner.presses("Run", on="Purge only the affected route")
    approver.presses("Approve purge", on="Purge only the affected route")
    owner.sees("R-1 step 4 waiting for")
    owner.types("/cache-release owner R-1 4 <@U03ONCALL>")


def test_on_call_undoes_a_release_with_three_taps(
    demo: Demo, browser_page: OpenPage, tmp_path: Path
) -> None:
    assert demo.slack is not None
    purged_and_handed_over(demo)
    page = browser_page(viewport=PHONE)
    page.goto(f"{demo.slack.url}?as=U03ONCALL#/channels")
    thumb = Thumb(page)
    thumb.tap(page.locator("nav button.row", has_text="cache-release").first)
    card = page.locator("[data-pane=channel] article[data-ts]", has_text="run step 4").last
    expect(card).to_be_visible(timeout=SLOW_MS)
    expect(card.get_by_role("link", name="Thread of R-1")).to_be_visible()
    page.screenshot(path=tmp_path / "called.png")
    assert cut_off(page) == []
    thumb.tap(card.locator("button", has_text=re.compile(r"^\s*Roll back\s*$")))
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("Puts back 13,000 keys")
    page.screenshot(path=tmp_path / "asked.png")
    thumb.tap(dialog.get_by_role("button", name="Roll back"))
    ended = page.locator("[data-pane=channel] article[data-ts]", has_text="Rolled back").last
    expect(ended).to_contain_text("13,000 of 13,000 keys put back in", timeout=SLOW_MS)
    ended.scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "ended.png")
    assert cut_off(page) == []
    assert thumb.taps == 3
    assert min(thumb.heights) >= LEAST_PX, thumb.heights
