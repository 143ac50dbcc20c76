"""New states: they move nothing that did not change, and a lost wire is said and mended."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.canned import OWNER
from tests.browser.canned_cards import CHANNEL, NOW, ROOT, message, root_blocks, said
from tests.browser.conftest import OpenPage
from tests.browser.stub_slack import StubSlack

pytestmark = pytest.mark.browser

SCROLL_TOP = "document.querySelector('[data-scroll=channel]').scrollTop"
TO_END = """(() => {
  const node = document.querySelector('[data-scroll=channel]');
  return Math.round(node.scrollHeight - node.scrollTop - node.clientHeight);
})()"""


@pytest.fixture
def page(browser_page: OpenPage, stub: StubSlack) -> Page:
    page = browser_page()
    page.goto(f"{stub.url}?as={OWNER}")
    expect(page.locator("[data-pane=channel] article").first).to_be_attached()
    return page


def say(stub: StubSlack, words: str, number: int = 900) -> None:
    """Let a colleague write in the channel."""
    new = message(f"{NOW}.000{number}", "U02APPROVER", "Gal Approver", words)
    stub.change(lambda state: state["messages"][CHANNEL].append(new))


def test_a_new_state_keeps_nodes_focus_selection_and_typed_text(
    page: Page, stub: StubSlack
) -> None:
    page.evaluate("document.querySelectorAll('article').forEach((one, at) => (one.number = at))")
    box = page.locator("textarea[data-composer=channel]")
    box.fill("half a sentence")
    box.evaluate("node => node.setSelectionRange(5, 8)")

    def progress(state: dict[str, Any]) -> None:
        root = next(one for one in state["messages"][CHANNEL] if one["ts"] == ROOT)
        root["blocks"] = root_blocks("purging · 40 %")
        root["edited"] = True

    stub.change(progress)
    say(stub, "Now?")
    expect(page.locator("[data-pane=channel]").get_by_text("purging · 40 %")).to_be_visible()
    numbers = page.evaluate(
        "[...document.querySelectorAll('[data-pane=channel] article')].map((one) => one.number)"
    )
    assert numbers == [0, 1, 2, 3, 4, None]
    expect(box).to_be_focused()
    expect(box).to_have_value("half a sentence")
    assert box.evaluate("node => [node.selectionStart, node.selectionEnd]") == [5, 8]


def test_a_new_message_scrolls_into_view_for_who_reads_the_end(page: Page, stub: StubSlack) -> None:
    assert page.evaluate(TO_END) == 0
    say(stub, "line\n" * 30)
    expect(page.locator("[data-pane=channel] article").last).to_contain_text("line")
    assert page.evaluate(TO_END) == 0


def test_who_reads_further_up_is_left_there_and_told(page: Page, stub: StubSlack) -> None:
    say(stub, "line\n" * 60)
    page.locator("[data-scroll=channel]").hover()
    page.mouse.wheel(0, -600)
    page.wait_for_function(f"{TO_END} > 300")
    page.wait_for_timeout(200)
    before = page.evaluate(SCROLL_TOP)
    say(stub, "and one more", 901)
    pill = page.get_by_role("button", name="New messages")
    expect(pill).to_be_visible()
    assert page.evaluate(SCROLL_TOP) == before
    pill.click()
    expect(pill).to_have_count(0)
    assert page.evaluate(TO_END) == 0


def test_new_messages_are_read_out_politely_and_own_ones_are_not(
    page: Page, stub: StubSlack
) -> None:
    announcer = page.locator("#announcer")
    expect(announcer).to_have_attribute("aria-live", "polite")
    say(stub, "Now *please*, <@U01OWNER>")
    expect(announcer).to_have_text("Gal Approver: Now  please , olga")
    own = message(f"{NOW}.000901", OWNER, "Olga Owner", "mine")
    stub.change(lambda state: state["messages"][CHANNEL].append(own))
    expect(page.locator("[data-pane=channel] article").last).to_contain_text("mine")
    expect(announcer).to_have_text("Gal Approver: Now  please , olga")


def test_a_channel_with_news_is_marked(page: Page, stub: StubSlack) -> None:
    new = said(f"{NOW}.000900", "hello", [])
    stub.change(lambda state: state["messages"]["C02GEN"].append(new))
    row = page.locator(".sidebar").get_by_role("button", name="general unread")
    expect(row).to_be_visible()
    row.click()
    expect(page.locator("[data-pane=channel] article")).to_have_count(1)
    expect(page.locator(".sidebar").get_by_text("unread")).to_have_count(0)


def test_a_lost_wire_is_said_and_mended_without_a_reload(page: Page, stub: StubSlack) -> None:
    box = page.locator("textarea[data-composer=channel]")
    box.fill("hello")
    stub.stop()
    banner = page.get_by_text("Offline. Trying to reach the sandbox again…")
    expect(banner).to_be_visible()
    box.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="Not sent")).to_be_visible()
    expect(box).to_have_value("hello")
    new = said(f"{NOW}.000900", "I am back", [])
    stub.states[OWNER]["messages"][CHANNEL].append(new)
    stub.start()
    expect(banner).to_have_count(0, timeout=8000)
    expect(page.locator("[data-pane=channel]").get_by_text("I am back")).to_be_visible()


def test_three_hundred_cards_are_gone_through_again_without_a_wait_that_people_see(
    page: Page, stub: StubSlack
) -> None:
    many = [
        said(f"{NOW - 9000 + number}.000100", f"card {number}", root_blocks())
        for number in range(300)
    ]
    stub.change(lambda state: state["messages"].update({CHANNEL: many}))
    expect(page.locator("[data-pane=channel] article")).to_have_count(300)
    took = page.evaluate(
        """async () => {
          const { change, here } = await import("/static/store.js");
          const started = performance.now();
          for (let round = 0; round < 5; round += 1) {
            change(() => (here.listAt = round));
            await Promise.resolve();
          }
          return (performance.now() - started) / 5;
        }"""
    )
    assert took < 1000
