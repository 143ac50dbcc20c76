"""Ten live releases in one channel stay readable, and the home tab of each person stays short."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.ten_releases import APPROVER, ONCALL, OWNER, Team10, ten_releases
from tests.browser.test_oncall import LEAST_PX, cut_off

pytestmark = pytest.mark.browser

TWO_SCREENS_PX = 2 * PHONE[1]


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team10]:
    with ten_releases(tmp_path_factory.mktemp("ten")) as filled:
        yield filled


def test_ten_live_releases_in_one_channel_stay_readable(
    team: Team10, browser_page: OpenPage, tmp_path: Path
) -> None:
    page = browser_page(viewport=DESKTOP)
    page.goto(f"{team.slack.url}?as={ONCALL}#/C01REL")
    cards = page.locator("[data-pane=channel] article[data-ts]", has_text="shop · PRODUCTION")
    expect(cards.first).to_be_visible()
    assert cards.count() == 12
    page.screenshot(path=tmp_path / "last.png")
    assert cut_off(page) == []
    for number in range(12):
        box = cards.nth(number).bounding_box()
        assert box is not None
        # Each card fits on the screen as a whole, with some of the one before it.
        assert box["height"] <= 440, (number, box)
        head = cards.nth(number).locator("h1, h2, h3, .header, strong").first
        expect(head).to_be_visible()
    cards.nth(3).scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "middle.png")


@pytest.mark.parametrize("who", [OWNER, APPROVER, ONCALL])
def test_the_home_tab_is_two_screens_of_a_phone_at_most(
    team: Team10, browser_page: OpenPage, tmp_path: Path, who: str
) -> None:
    team.home(who)
    page = browser_page(viewport=PHONE)
    page.goto(f"{team.slack.url}?as={who}#/home")
    view = page.locator(".home-view")
    expect(view).to_contain_text("Health")
    box = view.bounding_box()
    assert box is not None
    page.set_viewport_size({"width": PHONE[0], "height": 2400})
    page.screenshot(path=tmp_path / f"home-{who}.png")
    assert box["height"] <= TWO_SCREENS_PX, box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE[0]
    for button in view.locator("button.button").all():
        target = button.bounding_box()
        assert target is not None
        assert target["height"] >= LEAST_PX
        assert target["x"] + target["width"] <= PHONE[0]
