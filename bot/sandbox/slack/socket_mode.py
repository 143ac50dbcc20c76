"""Socket Mode: tickets, the websockets of the app, envelopes and their acks."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.delivery import Answer, Envelope, Kind, Outcome
from bot.sandbox.slack.limits import SOCKETS_PER_APP
from bot.sandbox.slack.method import Method
from bot.sandbox.slack.rates import TIER_3
from bot.sandbox.slack.state import Store

TICKET_LIFETIME_S = 30.0
CONNECTION_TIME_S = 18_060


@dataclass(eq=False, kw_only=True)
class Line:
    """One open websocket of the app; `leaving` once it was told to reconnect."""

    websocket: WebSocket
    leaving: bool = field(default=False)


class SocketMode:
    """All websockets of the app; each envelope goes to one of them, in turn."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tickets: dict[str, float] = {}
        self._lines: list[Line] = []
        self._turn = 0
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self.method = Method(
            name="apps.connections.open", run=self._open, rate=TIER_3, app_token=True
        )

    @property
    def lines(self) -> int:
        """Return how many websockets may get envelopes now."""
        return sum(not line.leaving for line in self._lines)

    def _open(self, store: Store, arguments: Arguments) -> dict[str, Any]:
        ticket = secrets.token_hex(16)
        self._tickets[ticket] = store.now()
        return {"url": f"{store.base_url.replace('http', 'ws', 1)}socket/{ticket}"}

    async def serve(self, websocket: WebSocket) -> None:
        """Serve one websocket until it closes; its ticket is good once, for thirty seconds."""
        given = self._tickets.pop(websocket.path_params["ticket"], None)
        if given is None or self._store.now() - given > TICKET_LIFETIME_S:
            await websocket.close()
            return
        await websocket.accept()
        if self.lines >= SOCKETS_PER_APP:
            await websocket.send_json(_farewell("too_many_websockets"))
            await websocket.close()
            return
        line = Line(websocket=websocket)
        self._lines.append(line)
        try:
            await websocket.send_json(self._hello())
            while True:
                self._take(await websocket.receive_json())
        except WebSocketDisconnect:
            pass
        except ValueError:
            await websocket.close(code=1003)
        finally:
            self._lines.remove(line)

    def _hello(self) -> dict[str, Any]:
        debug = _debug() | {"approximate_connection_time": CONNECTION_TIME_S}
        return {
            "type": "hello",
            "num_connections": self.lines,
            "debug_info": debug,
            "connection_info": {"app_id": self._store.workspace.bot.app_id},
        }

    def _take(self, frame: Any) -> None:
        envelope_id = frame.get("envelope_id") if isinstance(frame, dict) else None
        waiting = self._waiting.pop(str(envelope_id), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(frame.get("payload"))

    async def deliver(self, envelope: Envelope) -> Answer:
        """Send one envelope to one websocket and wait for its ack; without one it is lost."""
        ready = [line for line in self._lines if not line.leaving]
        if not ready:
            return Answer(outcome=Outcome.ABSENT)
        self._turn += 1
        line = ready[self._turn % len(ready)]
        envelope_id = secrets.token_hex(16)
        acked: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = acked
        try:
            await line.websocket.send_json(_frame(envelope_id, envelope))
            body = await asyncio.wait_for(acked, self._store.timing.ack)
        except TimeoutError:
            return Answer(outcome=Outcome.LATE)
        except (WebSocketDisconnect, RuntimeError):
            return Answer(outcome=Outcome.ABSENT)
        finally:
            self._waiting.pop(envelope_id, None)
        return Answer(outcome=Outcome.ACKED, body=body)

    async def disconnect(self, reason: str, *, close: bool) -> None:
        """Tell every websocket to reconnect, as Slack does before it closes them.

        `reason` is warning, refresh_requested or link_disabled; only `close` closes them here.
        """
        for line in list(self._lines):
            line.leaving = close
            await line.websocket.send_json(_farewell(reason))
            if close:
                await line.websocket.close()


def _frame(envelope_id: str, envelope: Envelope) -> dict[str, Any]:
    frame: dict[str, Any] = {
        "envelope_id": envelope_id,
        "type": str(envelope.kind),
        "payload": envelope.payload,
        "accepts_response_payload": envelope.kind is not Kind.EVENT,
    }
    if envelope.kind is Kind.EVENT:
        frame |= {"retry_attempt": envelope.retry, "retry_reason": envelope.retry_reason}
    return frame


def _debug() -> dict[str, Any]:
    return {"host": "sandbox"}


def _farewell(reason: str) -> dict[str, Any]:
    return {"type": "disconnect", "reason": reason, "debug_info": _debug()}
