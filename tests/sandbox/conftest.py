"""A sandbox Slack for each test, and apps that are connected to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot.sandbox.slack.server import SandboxSlack, Workspace
from tests.sandbox.slack_app import Connected, free_port, make_app, over_http, over_socket
from tests.sandbox.workspaces import StartSlack, client_of, sandbox_workspace


@pytest.fixture
def sandbox_start() -> Iterator[StartSlack]:
    """Start sandboxes that are stopped after the test."""
    running: list[SandboxSlack] = []

    def start(workspace: Workspace | None = None, **options: Any) -> SandboxSlack:
        slack = SandboxSlack(workspace or sandbox_workspace(), **options)
        slack.start()
        running.append(slack)
        return slack

    yield start
    for slack in running:
        slack.stop()


@pytest.fixture
def sandbox_slack(sandbox_start: StartSlack) -> SandboxSlack:
    """A sandbox whose manifest has all scopes that any method needs."""
    return sandbox_start()


@pytest.fixture
def sandbox_client(sandbox_slack: SandboxSlack) -> WebClient:
    """The app's client."""
    return client_of(sandbox_slack)


@pytest.fixture
def sandbox_bolt(sandbox_start: StartSlack) -> Connected:
    """Start a sandbox and an app that is connected to it, by Socket Mode or by HTTP."""

    @contextmanager
    def connected(
        way: str, prepare: Callable[[App], None] | None = None, **options: Any
    ) -> Iterator[SandboxSlack]:
        port = free_port()
        if way == "http":
            options["request_url"] = f"http://127.0.0.1:{port}/slack/events"
        slack = sandbox_start(**options)
        app = make_app(slack)
        if prepare is not None:
            prepare(app)
        with over_socket(slack, app) if way == "socket" else over_http(app, port):
            yield slack

    return connected
