"""A small app made with slack-bolt, which the sandbox has to serve as Slack does."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk.socket_mode.builtin.client import SocketModeClient

from bot.sandbox.slack.server import SandboxSlack
from tests.sandbox.slack_blocks import actions, button, modal, section, text_field
from tests.sandbox.workspaces import client_of

SETTLE_S = 10.0
WAYS = ("socket", "http")
OLGA = "U01OWNER"
Connected = Callable[..., Any]
"""Of the fixture sandbox_bolt: (way, prepare, **options) -> context manager of a sandbox."""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def typed(slack: SandboxSlack, text: str) -> dict[str, Any]:
    """Let Olga type a command."""
    return slack.act(OLGA, do="command", channel="C01REL", text=text)


def wait_until(what: Callable[[], Any]) -> Any:
    """Return the first truthy answer; fail when none comes in time."""
    deadline = time.monotonic() + SETTLE_S
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")


def make_app(slack: SandboxSlack) -> App:
    """Return an app that starts a release: command, form, message, button, update."""
    app = App(
        client=client_of(slack),
        signing_secret=slack.workspace.signing_secret,
    )

    @app.command("/cache-release")
    def open_form(ack: Any, body: Any, client: Any) -> None:
        if body["text"] == "help":
            ack("Say start.")
            return
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=modal(text_field("title")))

    @app.view("form")
    def post(ack: Any, body: Any, view: Any, client: Any) -> None:
        title = view["state"]["values"]["title"]["title"]["value"]
        if len(title) < 3:
            ack(response_action="errors", errors={"title": "Too short."})
            return
        ack()
        run = button("Run", action_id="run", value="R-1")
        client.chat_postMessage(
            channel="C01REL", text=title, blocks=[section(title), actions(run, block_id="step")]
        )

    @app.action("run")
    def press(ack: Any, body: Any, client: Any) -> None:
        ack()
        client.chat_update(
            channel=body["channel"]["id"],
            ts=body["message"]["ts"],
            text=f"{body['actions'][0]['value']} run by {body['user']['name']}",
            blocks=[section("done")],
        )

    return app


@contextmanager
def over_socket(slack: SandboxSlack, app: App) -> Iterator[SocketModeHandler]:
    """Connect the app by Socket Mode while the block runs."""
    handler = SocketModeHandler(app, slack.workspace.app_token)
    handler.connect()  # type: ignore[no-untyped-call]
    try:
        wait_until(lambda: slack.connected)
        yield handler
    finally:
        hang_up(handler)


def hang_up(handler: SocketModeHandler) -> None:
    """Close the app's connection at once; the client alone would first read for three seconds."""
    client = handler.client
    assert isinstance(client, SocketModeClient)
    client.auto_reconnect_enabled = False
    session = client.current_session
    if session is not None and session.sock is not None:
        with suppress(OSError):
            session.sock.shutdown(socket.SHUT_RDWR)
    handler.close()  # type: ignore[no-untyped-call]


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def over_http(app: App, port: int) -> Iterator[None]:
    """Serve the app over HTTP while the block runs."""
    path = "/slack/events"
    server = make_server(
        "127.0.0.1", port, SlackRequestHandler(app, path=path), handler_class=_Quiet
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
