"""Pressing things: buttons, confirm dialogs, menus, shortcuts, the home tab."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.canned import OWNER
from tests.browser.canned_cards import CHANNEL, NOW, ROOT, plain, said
from tests.browser.canned_modal import home, option
from tests.browser.conftest import OpenPage
from tests.browser.stub_slack import StubSlack

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser_page: OpenPage, stub: StubSlack) -> Page:
    page = browser_page()
    page.goto(f"{stub.url}?as={OWNER}")
    expect(page.locator("[data-pane=channel] article").first).to_be_visible()
    return page


def card(page: Page) -> Locator:
    """Return the root card in the channel."""
    return page.locator(f"[data-pane=channel] article[data-ts='{ROOT}']")


def test_a_danger_button_asks_first_and_refusing_sends_nothing(page: Page, stub: StubSlack) -> None:
    button = card(page).get_by_role("button", name="Roll back…")
    button.click()
    dialog = page.get_by_role("alertdialog", name="Roll back R-42?")
    expect(dialog).to_contain_text("Restores 1,204 keys of anp:page:/products* in PRODUCTION.")
    expect(dialog.get_by_role("button", name="Keep release")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()
    assert stub.acts == []


def test_agreeing_presses_and_the_button_is_busy_until_the_next_state(
    page: Page, stub: StubSlack
) -> None:
    button = card(page).get_by_role("button", name="Roll back…")
    button.click()
    page.get_by_role("alertdialog").get_by_role("button", name="Roll back").click()
    act = stub.wait_for_act("press")
    assert (act["channel"], act["ts"], act["block_id"], act["action_id"]) == (
        CHANNEL,
        ROOT,
        "a",
        "roll_back",
    )
    assert (act["element"]["type"], act["element"]["value"]) == ("button", "v-roll_back")
    expect(button).to_have_attribute("aria-busy", "true")
    button.click(force=True)
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    stub.change(lambda state: state.update(shortcuts=[]))
    expect(button).not_to_have_attribute("aria-busy", "true")
    assert len(stub.acts) == 1


def test_a_busy_button_comes_back_after_five_seconds(page: Page, stub: StubSlack) -> None:
    page.clock.install()
    page.get_by_role("button", name="4 replies").click()
    button = page.locator("[data-pane=thread]").get_by_role("button", name="Approve purge")
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    page.clock.fast_forward(5100)
    expect(button).not_to_have_attribute("aria-busy", "true")


def test_a_refused_press_frees_the_button_and_says_why(page: Page, stub: StubSlack) -> None:
    stub.answer = lambda act: {"ok": False, "error": "The app did not respond in 3 s."}
    page.get_by_role("button", name="4 replies").click()
    button = page.locator("[data-pane=thread]").get_by_role("button", name="Approve purge")
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("The app did not respond in 3 s.")
    expect(button).not_to_have_attribute("aria-busy", "true")


def test_an_overflow_menu_is_worked_with_the_keyboard(page: Page, stub: StubSlack) -> None:
    more = card(page).get_by_role("button", name="More actions")
    more.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Add a note")).to_be_focused()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    act = stub.wait_for_act("press")
    assert act["action_id"] == "more"
    assert act["element"]["type"] == "overflow"
    assert act["element"]["selected_option"]["value"] == "hand-over"


def test_a_message_shortcut_is_in_the_menu_of_each_message(page: Page, stub: StubSlack) -> None:
    card(page).hover()
    card(page).get_by_role("button", name="Message actions").click()
    page.get_by_role("menuitem", name="Roll back release").click()
    assert stub.wait_for_act("shortcut") == {
        "as": OWNER,
        "do": "shortcut",
        "callback_id": "roll_back",
        "channel": CHANNEL,
        "ts": ROOT,
    }


def test_a_choice_that_was_not_confirmed_is_taken_back(page: Page, stub: StubSlack) -> None:
    select: dict[str, Any] = {
        "type": "static_select",
        "action_id": "env",
        "placeholder": plain("Environment"),
        "options": [option("staging", "staging"), option("production", "production")],
        "confirm": {},
    }
    blocks = [{"type": "actions", "block_id": "pick", "elements": [select]}]
    stub.change(
        lambda state: state["messages"][CHANNEL].append(said(f"{NOW}.000900", "pick", blocks))
    )
    field = page.locator("[data-pane=channel]").get_by_label("Environment")
    field.select_option("staging")
    dialog = page.get_by_role("alertdialog", name="Are you sure?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(field).to_have_value("")
    assert stub.acts == []
    field.select_option("production")
    dialog.get_by_role("button", name="Yes").click()
    assert stub.wait_for_act("press")["element"] == {
        "type": "static_select",
        "selected_option": option("production", "production"),
    }


def test_the_home_tab_is_opened_and_its_buttons_carry_the_view(page: Page, stub: StubSlack) -> None:
    page.locator(".sidebar").get_by_role("button", name="App Home").click()
    assert stub.wait_for_act("open_home")["as"] == OWNER
    stub.change(lambda state: state.update(home=home()))
    page.locator("[data-pane=home]").get_by_role("button", name="Open").click()
    act = stub.wait_for_act("press")
    assert (act["view_id"], act["block_id"], act["action_id"]) == ("V99", "w1", "open_r42")
    assert act["values"] == {}
