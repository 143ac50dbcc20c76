"""The work that runs in this process now, in threads that do not keep the process from ending."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress

from bot.effects.log_context import about
from bot.release.refusal import Refusal

log = logging.getLogger(__name__)

PAUSES_S = (1, 2, 4, 8, 15)


class Left(BaseException):
    """The process ends before the work does.

    Not an Exception: the engine records no outcome, so another process goes on with the work.
    """


class Unrecorded(Exception):
    """The work ended in an error that nobody recorded; the engine keeps its kind, the log the rest."""


class Bodies:
    """Runs work; a Refusal that says a retry is safe is a ledger that was away for a moment."""

    def __init__(self, perform: Callable[[str], None]) -> None:
        """Take what runs one key to its end."""
        self._perform = perform
        self._running: dict[Future[None], str] = {}
        self._leaving = threading.Event()
        self._turn = threading.Lock()

    @property
    def running(self) -> tuple[str, ...]:
        """Return the keys that run here now."""
        with self._turn:
            return tuple(self._running.values())

    def run(self, key: str) -> None:
        """Run one key to its end; raise Unrecorded for an error, Left where the process ends first."""
        body: Future[None] = Future()
        with self._turn:
            if self._leaving.is_set():
                raise Left(key)
            self._running[body] = key
        threading.Thread(target=self._fulfil, args=(body, key), name=key, daemon=True).start()
        try:
            body.result()
        finally:
            with self._turn:
                del self._running[body]

    def leave(self) -> tuple[str, ...]:
        """Wait for nothing any more; return the keys whose work has not ended."""
        with self._turn:
            self._leaving.set()
            left = [(body, key) for body, key in self._running.items() if not body.done()]
        for body, key in left:
            with suppress(InvalidStateError):
                body.set_exception(Left(key))
        return tuple(key for _, key in left)

    def _fulfil(self, body: Future[None], key: str) -> None:
        # After leave() nobody waits, and the body's result is set already.
        with about(action=key), suppress(InvalidStateError):
            try:
                self._attempt(key)
            except Exception as error:
                log.exception("%s ended in an error that nobody recorded", key)
                body.set_exception(Unrecorded(type(error).__name__))
            else:
                body.set_result(None)

    def _attempt(self, key: str) -> None:
        for pause_s in PAUSES_S:
            try:
                return self._perform(key)
            except Refusal as refusal:
                if not refusal.retry_is_safe:
                    raise
                log.warning("%s is tried again in %d s: %s", key, pause_s, refusal)
            self._leaving.wait(pause_s)
        return self._perform(key)
