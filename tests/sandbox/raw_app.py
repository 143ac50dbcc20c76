"""An app that speaks Socket Mode frame by frame, so that tests decide about every ack."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from bot.sandbox.slack.server import SandboxSlack
from tests.sandbox.workspaces import client_of

SILENT = object()
"""Returned by `answer`: no ack is sent."""

Answer = Callable[[dict[str, Any]], Any]


class RawApp:
    """One websocket; `envelopes` are what came, `frames` the other frames."""

    def __init__(self, websocket: ClientConnection) -> None:
        self._websocket = websocket
        self.frames: list[dict[str, Any]] = []
        self.envelopes: list[dict[str, Any]] = []
        self.answer: Answer = lambda payload: None
        self.thread = threading.Thread(target=self._listen)

    def _listen(self) -> None:
        try:
            for text in self._websocket:
                self._take(json.loads(text))
        except ConnectionClosed:
            return

    def _take(self, frame: dict[str, Any]) -> None:
        if "envelope_id" not in frame:
            self.frames.append(frame)
            return
        self.envelopes.append(frame)
        body = self.answer(frame["payload"])
        if body is not SILENT:
            ack = {"envelope_id": frame["envelope_id"]} | ({"payload": body} if body else {})
            self._websocket.send(json.dumps(ack))

    @property
    def payloads(self) -> list[dict[str, Any]]:
        """Return the payloads of the envelopes."""
        return [envelope["payload"] for envelope in self.envelopes]


def socket_url(slack: SandboxSlack) -> str:
    """Return a new Socket Mode address."""
    client = client_of(slack, token=slack.workspace.app_token)
    return str(client.apps_connections_open(app_token=slack.workspace.app_token)["url"])


@contextmanager
def raw_app(slack: SandboxSlack, answer: Answer | None = None) -> Iterator[RawApp]:
    """Connect a raw app while the block runs; its hello came already."""
    with connect(socket_url(slack), proxy=None) as websocket:
        app = RawApp(websocket)
        if answer is not None:
            app.answer = answer
        app.frames.append(json.loads(websocket.recv()))
        app.thread.start()
        try:
            yield app
        finally:
            websocket.close()
            app.thread.join()
