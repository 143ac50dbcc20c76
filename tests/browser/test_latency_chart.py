"""The chart of response times is drawn in the card, with its numbers for screen readers, at both sizes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from slack_sdk import WebClient

from bot.effects.ledger.migrate import migrate
from bot.effects.ledger.sql_ledger import SqlLedger, open_ledger
from bot.sandbox.slack.server import SandboxSlack, demo_workspace
from bot.slack.delivery import Delivery
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.slack.conftest import Clock
from tests.slack.stories import CATALOG, name_of
from tests.slack.timing_stories import done

pytestmark = pytest.mark.browser

MANIFEST = Path(__file__).parents[2] / "docs" / "slack-manifest.json"
SIZES = pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280x800", "390x844"])


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    migrate(url)
    opened = open_ledger(url)
    yield opened
    opened.close()


@pytest.fixture
def slack() -> Iterator[SandboxSlack]:
    workspace = demo_workspace(json.loads(MANIFEST.read_text(encoding="utf-8")))
    running = SandboxSlack(workspace, strict_rates=False)
    running.start()
    yield running
    running.stop()


def deliver(slack: SandboxSlack, ledger: SqlLedger) -> None:
    clock = Clock()
    client = WebClient(token=slack.workspace.bot_token, base_url=slack.api_url)
    done(ledger, clock)
    assert Delivery(client, ledger, CATALOG, name_of).deliver_once(clock.now()) == 1


def opened(slack: SandboxSlack, browser_page: OpenPage, viewport: tuple[int, int]) -> Page:
    page = browser_page(viewport=viewport)
    page.goto(f"{slack.url}?as=U01OWNER")
    return page


@SIZES
def test_the_chart_is_drawn_below_verdict_and_table(
    slack: SandboxSlack,
    ledger: SqlLedger,
    browser_page: OpenPage,
    viewport: tuple[int, int],
    tmp_path: Path,
) -> None:
    deliver(slack, ledger)
    page = opened(slack, browser_page, viewport)
    chart = page.locator("figure.chart")
    expect(chart).to_be_visible()
    expect(chart.locator("polyline.stroke")).to_have_count(3)
    expect(chart.locator(".legend")).to_have_text("beforeafterbudget p95")
    rows = chart.locator("tbody tr")
    expect(rows.first).to_have_text("before21.924.929.934.937.938.939.7")
    page.screenshot(path=tmp_path / f"chart-{viewport[0]}.png")
    table = page.locator("pre").first
    assert table.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport[0]


@SIZES
def test_where_slack_has_no_charts_the_thread_has_a_picture(
    slack: SandboxSlack,
    ledger: SqlLedger,
    browser_page: OpenPage,
    viewport: tuple[int, int],
    tmp_path: Path,
) -> None:
    slack.withhold("data_visualization")
    deliver(slack, ledger)
    page = opened(slack, browser_page, viewport)
    expect(page.locator("pre").first).to_contain_text("p95 ms")
    expect(page.locator("figure.chart")).to_have_count(0)
    page.get_by_role("button", name="1 reply").click()
    drawn = page.locator("figure.image img")
    expect(drawn).to_be_visible()
    assert "p50 34.9" in str(drawn.get_attribute("alt"))
    expect(drawn).to_have_js_property("naturalWidth", 960)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport[0]
    page.screenshot(path=tmp_path / f"picture-{viewport[0]}.png")
