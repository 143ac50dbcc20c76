"""A person at the page releases a route of the shop and takes it back, with nothing else open."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.sandbox.demo import Demo
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.redis_watch import RedisWatch
from tests.keyspace_picture import picture, split

pytestmark = pytest.mark.browser

MANIFEST = Path(__file__).parents[2] / "docs" / "slack-manifest.json"
STEPS = (
    "Inspect cache headers",
    "Test logged-in traffic",
    "Purge only the affected route",
    "Measure response time",
    "Keep a rollback command ready",
)
SLOW_MS = 60_000
CALLS = re.compile(r"please (run|approve|decide|resume|look|roll back)")
REHEARSED = re.compile(r"Rehearsed .* by @olga: [\d,]+ keys in [\d.]+ s \(staging\)")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path / "demo", MANIFEST)
    try:
        running.start()
        yield running
    finally:
        running.stop()


class Screen:
    """What a person does at the page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def is_now(self, user: str) -> None:
        """Become somebody else; the thread stays open."""
        self.page.locator("select[data-acting]").first.select_option(user)

    def types(self, text: str) -> None:
        """Type into the channel's composer and send."""
        box = self.page.locator("textarea[data-composer=channel]")
        box.fill(text)
        box.press("Escape")
        self.page.locator("[data-pane=channel]").get_by_role("button", name="Send").click()

    def card(self, pane: str, text: str) -> Locator:
        """Return the message of a pane that shows the text; a line that calls somebody to it is none."""
        shown = self.page.locator(f"[data-pane={pane}] article[data-ts]", has_text=text)
        return shown.filter(has_not_text=CALLS).last

    def opens_thread(self) -> None:
        """Open the thread of the newest release."""
        self.page.locator("[data-pane=channel] [data-open-thread]").last.click()
        expect(self.page.locator("[data-pane=thread]")).to_be_visible()

    def closes_thread(self) -> None:
        """Leave the thread, by whichever button this size of screen shows."""
        buttons = self.page.locator("[data-pane=thread]").get_by_role(
            "button", name=re.compile("Back to channel|Close thread")
        )
        buttons.locator("visible=true").first.click()

    def button(self, label: str, card: Locator) -> Locator:
        """Return the button that shows the label; a screen reader hears more than that."""
        return card.locator("button", has_text=re.compile(rf"^\s*{label}\s*$"))

    def presses(self, label: str, card: Locator) -> None:
        """Press a button of a card, and say yes where the page asks again."""
        button = self.button(label, card)
        expect(button).to_be_enabled(timeout=SLOW_MS)
        button.click()
        dialog = self.page.get_by_role("alertdialog")
        if dialog.count():
            dialog.get_by_role("button").filter(has_not_text=re.compile("Keep|Cancel")).click()


def _starts_by_form(screen: Screen) -> None:
    screen.types("/cache-release start")
    dialog = screen.page.locator("[role=dialog][data-modal]")
    expect(dialog).to_be_visible()
    dialog.get_by_role("checkbox", name="products").check()
    dialog.get_by_label("What changes").fill("New price table")
    dialog.get_by_label("Version to go back to").fill("-x")
    dialog.get_by_role("button", name="Start", exact=True).click()
    expect(dialog).to_contain_text("Letters, digits and . _ + -, starting with a letter or digit")
    dialog.get_by_label("Version to go back to").fill("v1")
    dialog.get_by_role("button", name="Start", exact=True).click()
    expect(dialog).to_be_hidden()


def _rehearses(screen: Screen, demo: Demo) -> None:
    """Staging goes through all of it and is as it was; no command of it changes a key of production."""
    staging = demo.redis_urls["staging"]
    before = picture(staging)
    heading = screen.page.locator("strong", has_text="Rehearsal on staging")
    card = screen.page.locator("[data-pane=thread] article[data-ts]", has=heading).first
    screen.presses("Run", screen.card("thread", STEPS[0]))
    expect(screen.card("thread", "Not run: R-1 opens after a rehearsal")).to_be_visible()
    with RedisWatch(demo.redis_urls["production"]) as watch:
        screen.presses("Rehearse now", card)
        expect(card).to_contain_text("byte-equal", timeout=3 * SLOW_MS)
        assert watch.destroyed() == []
    expect(card).to_contain_text(
        "Roll back: The command ran deploy.sh --environment staging --to v1"
    )
    for title in STEPS:
        expect(card).to_contain_text(title)
    expect(screen.button("Rehearse again", card)).to_be_visible()
    assert screen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    _assert_put_back(before, {key: row for key, row in picture(staging).items() if key in before})


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280x800", "390x844"])
def test_a_route_is_released_and_taken_back(
    demo: Demo, browser_page: OpenPage, viewport: tuple[int, int]
) -> None:
    assert demo.slack is not None
    url = demo.redis_urls["production"]
    screen = Screen(browser_page(viewport=viewport))
    screen.page.goto(f"{demo.slack.url}?as=U01OWNER")
    _starts_by_form(screen)
    expect(screen.card("channel", "R-1 · shop · PRODUCTION")).to_be_visible(timeout=SLOW_MS)
    screen.opens_thread()
    _rehearses(screen, demo)
    before: dict[bytes, tuple[bytes, int]] = {}
    with RedisWatch(url) as watch:
        for title in STEPS:
            card = screen.card("thread", title)
            screen.is_now("U01OWNER")
            screen.presses("Run", card)
            screen.is_now("U02APPROVER")
            approve = "Approve purge" if title.startswith("Purge") else "Approve"
            _awaits(screen, approve, card)
            if title.startswith("Purge"):
                before = picture(url)
            screen.presses(approve, card)
            expect(card).to_contain_text("Approved by", timeout=SLOW_MS)
        assert split(picture(url))[0].keys() <= watch.written_by_shop()
        screen.is_now("U03ONCALL")
        screen.closes_thread()
        root = screen.card("channel", "R-1 · shop · PRODUCTION")
        expect(root).to_contain_text(REHEARSED)
        screen.presses("Roll back", root)
        end = screen.card("channel", "R-1 rolled back")
        expect(end).to_be_visible(timeout=SLOW_MS)
        expect(end).to_contain_text("keys put back as they were")
        expect(screen.card("channel", "R-1 · shop · PRODUCTION")).to_contain_text("Rolled back")
    _assert_put_back(before, picture(url))
    assert watch.touched_outside() == set()


def _awaits(screen: Screen, approve: str, card: Locator) -> None:
    """Wait for the button; a busy machine slows the shop, and a step that says so is run again by its owner."""
    wanted = screen.button(approve, card)
    again = screen.button("Run again", card)
    for _ in range(3):
        expect(wanted.or_(again).first).to_be_visible(timeout=SLOW_MS)
        if wanted.count():
            return
        screen.is_now("U01OWNER")
        screen.presses("Run again", card)
        screen.is_now("U02APPROVER")
        expect(again).to_have_count(0, timeout=SLOW_MS)
    expect(wanted).to_be_visible(timeout=SLOW_MS)


def _assert_put_back(
    before: dict[bytes, tuple[bytes, int]], after: dict[bytes, tuple[bytes, int]]
) -> None:
    """Content and absolute expiry of every key of the scope equal those before the purge."""
    now = time.time() * 1000
    alive = {key: value for key, value in before.items() if value[1] < 0 or value[1] > now}
    assert len(split(alive)[0]) > 10_000
    assert split(after)[0] == split(alive)[0]
