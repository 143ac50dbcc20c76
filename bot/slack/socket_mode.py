"""Slack over a websocket: no public address, no signature."""

from __future__ import annotations

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

AT_ONCE = 50
TIMEOUT_S = 10


def start_socket_mode(app: App, app_token: str) -> SocketModeHandler:
    """Connect and return the handler; `handler.client.is_connected()` says how it is, `handler.close()` ends it."""
    opener = WebClient(base_url=app.client.base_url, timeout=TIMEOUT_S)
    handler = SocketModeHandler(
        app, app_token, web_client=opener, concurrency=AT_ONCE, ping_interval=10
    )
    handler.connect()  # type: ignore[no-untyped-call]
    return handler
