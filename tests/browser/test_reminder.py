"""A reminder on a phone and on a desk: snoozed, sent again, handed over by a dialog."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bot.commands import Ask, Reply
from bot.effects.ledger.migrate import migrate
from bot.effects.ledger.sql_ledger import open_ledger
from bot.release.catalog import Catalog
from bot.release.reminders import Answer
from bot.sandbox.slack.server import SandboxSlack
from bot.slack.caller import sending_client
from bot.slack.delivery import Delivery
from bot.slack.door import Behind, build_bolt_app, listening_client, start_socket_mode
from bot.slack.people import People
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.test_oncall import LEAST_PX, cut_off
from tests.slack.conftest import sandbox
from tests.talk.conftest import CATALOG, Talk
from tests.talk.reminding import newest, reminded, tick
from tests.work.crew import wait_until

pytestmark = pytest.mark.browser

OWNER, NEW = "U01OWNER", "U02APPROVER"


@dataclass
class Office:
    """A talk that people can see and press in a sandbox Slack."""

    talk: Talk
    slack: SandboxSlack
    delivery: Delivery

    def remind(self, at: datetime) -> None:
        """Let the clock tick, and send what it says."""
        tick(self.talk, at)
        self.send()

    def send(self) -> None:
        """Send all that is due."""
        until = datetime.now(UTC) + timedelta(days=2000)
        while self.delivery.deliver_once(until):
            until += timedelta(seconds=5)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    migrate(url)
    ledger = open_ledger(url)
    catalog = Catalog.model_validate(CATALOG)
    talk = reminded(Talk(ledger, tmp_path, catalog))
    slack = sandbox()
    slack.start()

    def run(ask: Ask) -> Reply:
        return talk.tools.commands[ask.verb].run(ask, talk.tools)

    client = listening_client(slack.workspace.bot_token, slack.api_url)
    people = People(client, catalog, lambda: datetime.now(UTC), ledger)
    behind = Behind(run=run, people=people, ledger=ledger, catalog=catalog, now=talk.clock.now)
    app = build_bolt_app(behind, client=client, signing_secret=slack.workspace.signing_secret)
    door = start_socket_mode(app, slack.workspace.app_token)
    sender = sending_client(slack.workspace.bot_token, slack.api_url)
    delivery = Delivery(sender, ledger, catalog, people.name_of, edits_a_minute=100_000)
    try:
        yield Office(talk, slack, delivery)
    finally:
        door.close()  # type: ignore[no-untyped-call]
        slack.stop()
        ledger.close()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_a_reminder_is_snoozed_comes_again_and_is_handed_over(
    office: Office, browser_page: OpenPage, tmp_path: Path, viewport: tuple[int, int]
) -> None:
    talk = office.talk
    talk.say('start shop products "New price table" --previous v1')
    since = talk.story().release.started_at
    office.send()
    office.remind(since + timedelta(hours=2))
    page = browser_page(viewport=viewport)
    page.goto(f"{office.slack.url}?as={OWNER}#/channels")
    page.locator("nav button.row", has_text="cache-release").first.click()
    card = page.locator("article[data-ts]", has_text="still waits for you to run step 1").last
    expect(card).to_contain_text("shop production, New price table")
    page.screenshot(path=tmp_path / "reminder.png")
    assert cut_off(page) == []
    for button in card.locator("button.button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= viewport[0]
        if viewport == PHONE:
            assert box["height"] >= LEAST_PX
    card.get_by_role("button", name="Snooze 1 h").click()
    wait_until("the snooze", lambda: newest(talk, OWNER).answer is Answer.SNOOZED)
    office.send()
    expect(card).to_contain_text("Snoozed")
    expect(card.get_by_role("button", name="Done")).to_have_count(0)
    page.screenshot(path=tmp_path / "snoozed.png")
    office.remind(talk.clock.at + timedelta(hours=1))
    again = page.locator("article[data-ts]", has=page.get_by_role("button", name="Hand over")).last
    again.get_by_role("button", name="Hand over").click()
    dialog = page.locator("dialog, [role=dialog]").last
    expect(dialog).to_contain_text("Who takes it over?")
    page.screenshot(path=tmp_path / "dialog.png")
    dialog.locator("select").select_option(NEW)
    dialog.get_by_role("button", name="Hand over").click()
    wait_until("the hand-over", lambda: talk.story().steps[0].owner == NEW)
    office.send()
    expect(page.locator("article[data-ts]", has_text="Handed over to").last).to_be_visible()
    page.screenshot(path=tmp_path / "handed.png")
