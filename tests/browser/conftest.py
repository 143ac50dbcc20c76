"""A Chromium for the tests that look at the page, and a sandbox Slack of canned states."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.canned import states
from tests.browser.stub_slack import StubSlack

ARGUMENTS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = (1280, 800)
PHONE = (390, 844)

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for the whole run."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[OpenPage]:
    """Give `browser_page(viewport=(width, height), dark=False)`: a new page; a script error fails the test."""
    errors: list[str] = []
    contexts = []

    def open_page(*, viewport: tuple[int, int] = DESKTOP, dark: bool = False) -> Page:
        width, height = viewport
        context = browser.new_context(
            viewport={"width": width, "height": height},
            has_touch=width < 720,
            color_scheme="dark" if dark else "light",
            locale="en-GB",
            timezone_id="Europe/Berlin",
        )
        context.set_default_timeout(5000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def stub() -> Iterator[StubSlack]:
    """Serve the page with canned states."""
    server = StubSlack(states())
    server.start()
    yield server
    server.stop()
