"""One ASGI app on one port, served from a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import uvicorn
from starlette.applications import Starlette

HOST = "127.0.0.1"
START_S = 10.0
ANSWER_S = 30.0
T = TypeVar("T")


class Background:
    """Serves from `start` to `stop`, once; `at_end` is called on the loop before it ends."""

    def __init__(self, app: Starlette, *, port: int, at_end: Callable[[], None]) -> None:
        """Take the port at once; 0 takes a free one. Raises OSError when it is taken."""
        self._listener = _listen(port)
        self.port: int = self._listener.getsockname()[1]
        self.address = f"http://{HOST}:{self.port}/"
        self._at_end = at_end
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="sandbox-slack", daemon=True)

    def start(self) -> None:
        """Return once requests are answered."""
        self._thread.start()
        deadline = time.monotonic() + START_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("The sandbox Slack did not start.")
            time.sleep(0.005)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._server.serve(sockets=[self._listener])
        self._at_end()

    def stop(self) -> None:
        """Close every connection and wait until the server is gone."""
        self._server.should_exit = True
        self._thread.join(START_S)

    def on_loop(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something on the server's loop and return its result, from any other thread."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(ANSWER_S)


def _listen(port: int) -> socket.socket:
    # asyncio turns Nagle off only where the protocol is named; else each answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(256)
    except OSError:
        listener.close()
        raise
    return listener
