"""A message becomes part of a release's timeline, with a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bot.sandbox.demo import Demo
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.test_oncall import cut_off
from tests.browser.test_release import MANIFEST, SLOW_MS, Screen
from tests.slack_person import SlackPerson

pytestmark = pytest.mark.browser


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path / "demo", MANIFEST, rehearsal_h=0)
    try:
        running.start()
        yield running
    finally:
        running.stop()


def test_a_message_is_added_to_a_release_from_its_menu(
    demo: Demo, browser_page: OpenPage, tmp_path: Path
) -> None:
    assert demo.slack is not None
    owner = SlackPerson(demo.slack, "U01OWNER")
    owner.types('/cache-release start shop products "New price table" --previous v1')
    owner.sees("R-1 · shop · PRODUCTION")
    owner.types("The cart answers 500 for one in ten")
    screen = Screen(browser_page(viewport=PHONE))
    screen.page.goto(f"{demo.slack.url}?as=U03ONCALL#/C01REL")
    message = screen.card("channel", "The cart answers 500")
    message.get_by_role("button", name="More").or_(message.locator("button.tool")).last.click()
    screen.page.screenshot(path=tmp_path / "menu.png")
    screen.page.get_by_text("Add to release").click()
    dialog = screen.page.locator("[role=dialog][data-modal]")
    expect(dialog).to_contain_text("What the timeline says", timeout=SLOW_MS)
    screen.page.screenshot(path=tmp_path / "dialog.png")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog).to_be_hidden()
    root = screen.card("channel", "R-1 · shop · PRODUCTION")
    expect(root).to_contain_text("The cart answers 500 for one in ten", timeout=SLOW_MS)
    screen.types("/cache-release timeline R-1")
    told = screen.card("channel", "Timeline of R-1")
    expect(told).to_contain_text("noted: The cart answers 500 for one in ten", timeout=SLOW_MS)
    expect(told).to_contain_text("added by")
    told.scroll_into_view_if_needed()
    screen.page.screenshot(path=tmp_path / "timeline.png")
    assert cut_off(screen.page) == []
