"""The page on a phone: one pane at a time, nothing too wide, nothing too small to touch."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.canned import OWNER, modal_of
from tests.browser.canned_cards import CHANNEL, NOW, said
from tests.browser.canned_modal import gallery, home
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.stub_slack import StubSlack

pytestmark = pytest.mark.browser

WIDEST = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
SMALL = """() => [...document.querySelectorAll("button, select, input, textarea, a.file")]
  .filter((one) => one.getClientRects().length && !one.closest("[inert]"))
  .map((one) => [one.type === "checkbox" || one.type === "radio" ? one.parentElement : one, one])
  .filter(([box]) => box.getBoundingClientRect().height < 44)
  .map(([box, one]) => `${one.getAttribute("aria-label") ?? one.textContent} ${box.getBoundingClientRect().height}`)"""


@pytest.fixture
def phone(browser_page: OpenPage, stub: StubSlack) -> Page:
    page = browser_page(viewport=PHONE)
    page.goto(f"{stub.url}?as={OWNER}")
    expect(page.locator("[data-pane=channel]")).to_be_visible()
    return page


def check(page: Page) -> None:
    """Nothing is wider than the screen, everything to touch is at least 44 px high."""
    assert page.evaluate(WIDEST) == PHONE[0]
    assert page.evaluate(SMALL) == []


def test_one_pane_at_a_time_and_the_thread_has_a_way_back(phone: Page) -> None:
    check(phone)
    phone.get_by_role("button", name="4 replies").click()
    thread = phone.locator("[data-pane=thread]")
    expect(thread).to_be_visible()
    expect(phone.locator("[data-pane=channel]")).to_be_hidden()
    assert thread.bounding_box() == {"x": 0, "y": 0, "width": PHONE[0], "height": PHONE[1]}
    check(phone)
    phone.get_by_role("button", name="Back to channel").click()
    expect(phone.locator("[data-pane=channel]")).to_be_visible()
    expect(thread).to_have_count(0)


def test_the_phones_own_back_button_leaves_the_thread(phone: Page) -> None:
    phone.get_by_role("button", name="4 replies").click()
    expect(phone.locator("[data-pane=thread]")).to_be_visible()
    phone.go_back()
    expect(phone.locator("[data-pane=channel]")).to_be_visible()
    expect(phone.locator("[data-pane=thread]")).to_have_count(0)


def test_the_tabs_lead_to_channels_and_home(phone: Page, stub: StubSlack) -> None:
    stub.change(lambda state: state.update(home=home()))
    tabs = phone.locator(".tabs")
    tabs.get_by_role("button", name="App Home").click()
    expect(phone.get_by_role("heading", name="Ready to roll back")).to_be_visible()
    check(phone)
    tabs.get_by_role("button", name="Channels").click()
    expect(phone.locator("[data-pane=home]")).to_be_hidden()
    expect(phone.get_by_role("link", name="Shop")).to_be_visible()
    check(phone)
    phone.locator(".sidebar").get_by_role("button", name="general").click()
    expect(phone.locator("[data-pane=channel] h1")).to_have_text("general")


def test_every_block_fits_a_phone(phone: Page, stub: StubSlack) -> None:
    long = {"type": "section", "text": {"type": "mrkdwn", "text": "`" + "anp:" * 200 + "`"}}
    wide = {
        "type": "table",
        "rows": [[{"type": "raw_text", "text": f"column number {at}"} for at in range(9)]],
    }
    blocks = [*gallery(), long, wide]
    new = said(f"{NOW}.000900", "all", blocks, files=[{"name": "x" * 90, "url": "/files/x"}])
    stub.change(lambda state: state["messages"][CHANNEL].append(new))
    expect(phone.locator("[data-pane=channel] article").last).to_contain_text("column number 8")
    check(phone)
    pane = phone.locator("[data-scroll=channel]")
    assert pane.evaluate("node => node.scrollWidth - node.clientWidth") == 0


def test_a_modal_fills_the_screen_and_its_buttons_stay_in_sight(
    phone: Page, stub: StubSlack
) -> None:
    stub.change(lambda state: state.update(modal=modal_of(errors={"title": "Too short."})))
    dialog = phone.locator("[role=dialog][data-modal]")
    expect(dialog).to_be_visible()
    assert dialog.bounding_box() == {"x": 0, "y": 0, "width": PHONE[0], "height": PHONE[1]}
    expect(dialog.get_by_role("button", name="Start")).to_be_in_viewport()
    check(phone)


def test_the_question_before_a_rollback_can_be_touched(phone: Page, stub: StubSlack) -> None:
    phone.locator("[data-pane=channel]").get_by_role("button", name="Roll back…").tap()
    dialog = phone.get_by_role("alertdialog")
    check(phone)
    dialog.get_by_role("button", name="Roll back").tap()
    assert stub.wait_for_act("press")["action_id"] == "roll_back"
