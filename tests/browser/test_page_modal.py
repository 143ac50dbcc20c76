"""The modal: fields, errors, busy, what was typed, and where the keyboard is."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.canned import OWNER, modal_of
from tests.browser.canned_modal import ROUTES
from tests.browser.conftest import OpenPage
from tests.browser.stub_slack import StubSlack

pytestmark = pytest.mark.browser


@pytest.fixture
def dialog(browser_page: OpenPage, stub: StubSlack) -> Locator:
    page = browser_page()
    page.goto(f"{stub.url}?as={OWNER}")
    page.locator("textarea[data-composer=channel]").focus()
    stub.change(lambda state: state.update(modal=modal_of()))
    found = page.locator("[role=dialog][data-modal]")
    expect(found).to_be_visible()
    return found


def fill(dialog: Locator) -> None:
    """Fill what is needed."""
    dialog.get_by_role("checkbox", name="products").check()
    dialog.get_by_role("checkbox", name="search").check()
    dialog.get_by_label("Title").fill("New price table")
    dialog.get_by_role("radio", name="production").check()


def test_all_values_are_sent_as_slack_sends_them(dialog: Locator, stub: StubSlack) -> None:
    fill(dialog)
    dialog.get_by_label("Owner").select_option("U02APPROVER")
    dialog.get_by_label("Limit in ms").fill("200")
    dialog.get_by_role("button", name="Start").click()
    act = stub.wait_for_act("submit")
    assert act["view_id"] == "V01"
    values: dict[str, Any] = {
        block: one[block] for block, one in act["values"].items() if set(one) == {block}
    }
    assert values["app"]["selected_option"]["value"] == "shop"
    assert values["routes"] == {
        "type": "multi_static_select",
        "selected_options": [ROUTES[0], ROUTES[2]],
    }
    assert values["title"] == {"type": "plain_text_input", "value": "New price table"}
    assert values["note"]["value"] == "Restore the snapshot, then warm /home."
    assert values["owner"] == {"type": "users_select", "selected_user": "U02APPROVER"}
    assert values["environment"]["selected_option"]["value"] == "production"
    assert values["checks"] == {"type": "checkboxes", "selected_options": []}
    assert values["limit"] == {"type": "number_input", "value": "200"}
    assert values["day"] == {"type": "datepicker", "selected_date": "2026-03-01"}


def test_what_is_missing_is_said_beside_the_field_and_nothing_is_sent(
    dialog: Locator, stub: StubSlack
) -> None:
    dialog.get_by_label("Title").fill("abc")
    dialog.get_by_role("button", name="Start").click()
    expect(dialog.locator(".block[data-block=routes] [role=alert]")).to_have_text(
        "Fill this in: it is needed."
    )
    expect(dialog.locator(".block[data-block=title] [role=alert]")).to_have_text(
        "Write at least 4 characters; there are 3."
    )
    expect(dialog.get_by_role("checkbox", name="products")).to_be_focused()
    assert stub.acts == []


def test_an_error_of_the_app_stands_beside_its_field_and_the_input_is_kept(
    dialog: Locator, stub: StubSlack
) -> None:
    fill(dialog)
    dialog.get_by_role("button", name="Start").click()
    stub.wait_for_act("submit")
    title = dialog.get_by_label("Title")
    expect(dialog.get_by_role("button", name="Start")).to_have_attribute("aria-busy", "true")
    errors = {"title": "R-41 has this title."}
    stub.change(lambda state: state.update(modal=modal_of(errors=errors)))
    expect(title).to_be_focused()
    expect(title).to_have_attribute("aria-invalid", "true")
    expect(title).to_have_accessible_description(
        "Shown on the card and in the history. R-41 has this title."
    )
    expect(title).to_have_value("New price table")
    expect(dialog.get_by_role("button", name="Start")).not_to_have_attribute("aria-busy", "true")


def test_a_new_form_of_the_view_keeps_what_was_typed_in_blocks_that_stay(
    dialog: Locator, stub: StubSlack
) -> None:
    fill(dialog)

    def renew(state: dict[str, Any]) -> None:
        modal = modal_of()
        modal["view"]["hash"] = "2"
        modal["view"]["blocks"][3]["block_id"] = "note-2"
        modal["view"]["blocks"][3]["element"]["initial_value"] = "Another note"
        modal["view"]["blocks"].insert(
            0, {"type": "section", "block_id": "new", "text": {"type": "mrkdwn", "text": "*New*"}}
        )
        state.update(modal=modal)

    title = dialog.get_by_label("Title")
    title.focus()
    stub.change(renew)
    expect(dialog.get_by_text("New", exact=True)).to_be_visible()
    expect(title).to_have_value("New price table")
    expect(title).to_be_focused()
    expect(dialog.get_by_role("checkbox", name="search")).to_be_checked()
    expect(dialog.get_by_label("Rollback note")).to_have_value("Another note")


def test_a_busy_view_takes_no_second_submit(dialog: Locator, stub: StubSlack) -> None:
    fill(dialog)
    stub.change(lambda state: state.update(modal=modal_of(busy=True)))
    expect(dialog.get_by_role("button", name="Start")).to_have_attribute("aria-busy", "true")
    dialog.get_by_role("button", name="Start").click(force=True)
    stub.change(lambda state: state.update(modal=modal_of()))
    dialog.get_by_role("button", name="Start").click()
    stub.wait_for_act("submit")
    assert len(stub.acts) == 1


def test_the_keyboard_stays_in_the_dialog_and_goes_back_afterwards(
    dialog: Locator, stub: StubSlack
) -> None:
    page = dialog.page
    expect(dialog.get_by_label("App")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(dialog.get_by_role("button", name="Start")).to_be_focused()
    for _ in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('[data-modal]') !== null")
    page.keyboard.press("Escape")
    assert stub.wait_for_act("close")["view_id"] == "V01"
    stub.change(lambda state: state.update(modal=None))
    expect(dialog).to_have_count(0)
    expect(page.locator("textarea[data-composer=channel]")).to_be_focused()


def test_a_loading_view_gives_way_to_the_form_and_the_first_field_gets_the_keyboard(
    dialog: Locator, stub: StubSlack
) -> None:
    def load(state: dict[str, Any]) -> None:
        text = {"type": "plain_text", "text": "Loading…"}
        blocks = [{"type": "section", "text": text}]
        state.update(modal=modal_of())
        state["modal"]["view"].update(id="V02", blocks=blocks, submit=None)

    def loaded(state: dict[str, Any]) -> None:
        state.update(modal=modal_of())
        state["modal"]["view"]["id"] = "V02"

    stub.change(load)
    expect(dialog.get_by_text("Loading…")).to_be_visible()
    expect(dialog.get_by_role("heading", name="Start a release")).to_be_focused()
    expect(dialog.get_by_role("button", name="Start")).to_have_count(0)
    stub.change(loaded)
    expect(dialog.get_by_label("App")).to_be_focused()
