"""Writing on the page: commands, mentions, threads, notices."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.canned import OWNER
from tests.browser.canned_cards import BOT, CHANNEL, ROOT
from tests.browser.conftest import OpenPage
from tests.browser.stub_slack import StubSlack

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser_page: OpenPage, stub: StubSlack) -> Page:
    page = browser_page()
    page.goto(f"{stub.url}?as={OWNER}")
    expect(page.locator("[data-pane=channel] article").first).to_be_visible()
    return page


def test_a_slash_offers_commands_and_then_shows_how_to_go_on(page: Page, stub: StubSlack) -> None:
    box = page.locator("textarea[data-composer=channel]")
    box.press_sequentially("/ca")
    expect(page.get_by_role("option")).to_contain_text(["start | status | purge"])
    box.press("Enter")
    expect(box).to_have_value("/cache-release ")
    expect(page.get_by_text("Release a cached route, step by step, with undo")).to_be_visible()
    box.press_sequentially("start shop products")
    box.press("Enter")
    expect(box).to_have_value("")
    assert stub.wait_for_act("command") == {
        "as": OWNER,
        "do": "command",
        "channel": CHANNEL,
        "thread_ts": None,
        "text": "/cache-release start shop products",
    }


def test_a_mention_is_completed_and_sent_as_an_id(page: Page, stub: StubSlack) -> None:
    box = page.locator("textarea[data-composer=channel]")
    box.press_sequentially("@cac")
    box.press("Tab")
    box.press_sequentially("hand over to @gal, not me@gal.example")
    page.locator("[data-pane=channel]").get_by_role("button", name="Send").click()
    act = stub.wait_for_act("message")
    assert act["text"] == f"<@{BOT}> hand over to <@U02APPROVER>, not me@gal.example"
    assert act["thread_ts"] is None


def test_a_command_in_a_thread_is_sent_as_such_and_the_refusal_stays(
    page: Page, stub: StubSlack
) -> None:
    refusal = "/cache-release is not supported in threads. Sorry!"
    page.get_by_role("button", name="4 replies").click()
    box = page.locator("textarea[data-composer=thread]")
    box.fill("/cache-release status")
    box.press("Enter")
    assert stub.wait_for_act("command")["thread_ts"] == ROOT
    stub.change(
        lambda state: state.update(notices=[{"id": "n1", "text": refusal, "level": "error"}])
    )
    expect(page.get_by_role("alert")).to_contain_text(refusal)
    stub.change(lambda state: state.update(shortcuts=[]))
    page.get_by_role("button", name="Dismiss").click()
    assert stub.wait_for_act("dismiss")["notice_id"] == "n1"


def test_what_could_not_be_sent_is_written_again_and_the_reason_shown(
    page: Page, stub: StubSlack
) -> None:
    stub.answer = lambda act: {"ok": False, "error": "This channel is archived."}
    box = page.locator("textarea[data-composer=channel]")
    box.fill("hello")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("This channel is archived.")
    expect(box).to_have_value("hello")


def test_a_line_break_is_shift_and_enter(page: Page, stub: StubSlack) -> None:
    box = page.locator("textarea[data-composer=channel]")
    box.press_sequentially("one")
    box.press("Shift+Enter")
    box.press_sequentially("two")
    box.press("Enter")
    assert stub.wait_for_act("message")["text"] == "one\ntwo"
    assert len(stub.acts) == 1


def test_a_thread_opens_beside_the_channel_and_escape_goes_back(page: Page) -> None:
    page.get_by_role("button", name="4 replies").click()
    thread = page.locator("[data-pane=thread]")
    expect(thread.locator("article")).to_have_count(6)
    expect(thread.get_by_text("Only visible to you")).to_be_visible()
    expect(thread.get_by_text("also sent to #releases")).to_be_visible()
    expect(thread.get_by_role("heading", name="Thread")).to_be_focused()
    page.keyboard.press("Escape")
    expect(thread).to_have_count(0)
    expect(page.get_by_role("button", name="4 replies")).to_be_focused()


def test_a_broadcast_reply_stands_in_the_channel_and_leads_to_its_thread(page: Page) -> None:
    channel = page.locator("[data-pane=channel]")
    expect(channel.get_by_text("Looking at the plan now.")).to_be_visible()
    channel.get_by_role("button", name="replied to a thread").click()
    expect(
        page.locator("[data-pane=thread] article", has_text="Looking at the plan")
    ).to_be_visible()


def test_a_link_to_a_message_of_this_slack_stays_inside_the_page(page: Page) -> None:
    page.locator("[data-pane=channel]").get_by_role("button", name="Open step 3").click()
    expect(page.locator("[data-pane=thread]")).to_be_visible()
    assert len(page.context.pages) == 1
    page.reload()
    expect(page.locator("[data-pane=thread] article")).to_have_count(6)


def test_another_person_is_one_choice_away_and_stays_after_a_reload(
    page: Page, stub: StubSlack
) -> None:
    ephemeral = page.get_by_text("Only an approver may approve.")
    expect(ephemeral).to_be_visible()
    page.get_by_label("Acting as").select_option("U02APPROVER")
    expect(ephemeral).to_have_count(0)
    assert "as=U02APPROVER" in page.url
    page.reload()
    expect(page.get_by_label("Acting as")).to_have_value("U02APPROVER")
    page.locator("textarea[data-composer=channel]").fill("hi")
    page.keyboard.press("Enter")
    assert stub.wait_for_act("message")["as"] == "U02APPROVER"
