"""A stand-in for the sandbox Slack: serves the page, pushes the states a test wants, keeps what the page sends."""

from __future__ import annotations

import asyncio
import copy
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

import bot.sandbox

PAGE = Path(bot.sandbox.__file__).parent / "page"
DEADLINE_S = 5.0

Json = dict[str, Any]
Answer = Callable[[Json], Json]


class StubSlack:
    """One small server; `states` holds each person's state, `acts` what the page posted."""

    def __init__(self, states: dict[str, Json]) -> None:
        self.states = copy.deepcopy(states)
        self.acts: list[Json] = []
        self.answer: Answer = lambda act: {"ok": True}
        self.port = 0
        self._sockets: dict[WebSocket, str] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The page's address."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        app = Starlette(
            routes=[
                Route("/", self._index),
                Route("/archives/{rest:path}", self._index),
                Route("/page/act", self._act, methods=["POST"]),
                WebSocketRoute("/page/live", self._live),
                Mount("/static", StaticFiles(directory=PAGE)),
            ]
        )
        config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=self.port,
            log_level="error",
            lifespan="off",
            ws="websockets-sansio",
            timeout_graceful_shutdown=1,
        )
        self._server = server = uvicorn.Server(config)
        self._thread = threading.Thread(target=server.run, daemon=True)
        self._thread.start()
        self._wait(lambda: server.started)
        self.port = server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Stop listening and cut every connection."""
        assert self._server is not None
        assert self._thread is not None
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(DEADLINE_S)
        self._sockets.clear()

    def change(self, edit: Callable[[Json], object], *, person: str = "U01OWNER") -> None:
        """Edit a person's state and push it to the pages that are open."""
        edit(self.states[person])
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(self._push(), self._loop).result(DEADLINE_S)

    def wait_for_act(self, do: str, count: int = 1) -> Json:
        """Return the last act of that kind, once there are `count` of them."""
        self._wait(lambda: len([act for act in self.acts if act["do"] == do]) >= count)
        return [act for act in self.acts if act["do"] == do][-1]

    @staticmethod
    def _wait(ready: Callable[[], bool]) -> None:
        until = time.monotonic() + DEADLINE_S
        while not ready():
            if time.monotonic() > until:
                raise TimeoutError(f"waited {DEADLINE_S} s")
            time.sleep(0.01)

    async def _index(self, request: Request) -> Response:
        return FileResponse(PAGE / "index.html")

    async def _act(self, request: Request) -> Response:
        act = await request.json()
        self.acts.append(act)
        return JSONResponse(self.answer(act))

    async def _live(self, socket: WebSocket) -> None:
        self._loop = asyncio.get_running_loop()
        await socket.accept()
        person = socket.query_params.get("as") or next(iter(self.states))
        self._sockets[socket] = person
        await socket.send_json(self.states[person])
        try:
            await socket.receive_text()
        except WebSocketDisconnect:
            self._sockets.pop(socket, None)

    async def _push(self) -> None:
        for socket, person in list(self._sockets.items()):
            await socket.send_json(self.states[person])
