"""Connections that take the time of each part of a request, and leave it on the answer."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from http.client import HTTPResponse as HttpAnswer
from io import BufferedReader
from typing import Any

import requests
from urllib3 import HTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection

from bot.release.phases import Phases


@dataclass
class Stamps:
    """Moments of one request, in seconds of `perf_counter`; `dialled` is 0 where the connection was there already."""

    begun: float
    dialled: float = 0.0
    connected: float = 0.0
    sent: float = 0.0
    first_byte: float = 0.0

    def phases(self, *, dns: float, ended: float) -> Phases:
        """Return the parts in ms; `dns` (seconds) is what finding the address of a new connection took."""
        new = self.dialled > 0
        ahead = dns if new else 0.0
        parts = {
            "dns": ahead,
            "tcp": self.dialled - self.begun if new else 0.0,
            "tls": self.connected - self.dialled if new else 0.0,
            "wait": self.first_byte - self.sent,
            "first_byte": ahead + self.first_byte - self.begun,
            "total": ahead + ended - self.begun,
        }
        rounded = {name: round(1000 * part, 3) for name, part in parts.items()}
        return Phases(reused=not new, **rounded)


class _TimedAnswer(HttpAnswer):
    """An answer that notes when its first byte came, before any header is parsed."""

    first_byte = 0.0

    def begin(self) -> None:
        """Wait for the first byte, then read status and headers."""
        if isinstance(self.fp, BufferedReader):
            self.fp.peek(1)
        self.first_byte = self.first_byte or time.perf_counter()
        super().begin()


class TimedConnection(HTTPConnection):
    """A connection whose answers carry the `stamps` of their request.

    A request's time begins when it is handed to the socket, and its first byte when that byte is there: what Python
    does before and after is not the page's. `_new_conn` is urllib3's own name: a test against a real server covers it.
    """

    _fresh: Stamps | None = None
    _asked: Stamps | None = None
    _sending: Stamps | None = None
    _answer: _TimedAnswer | None = None

    def _new_conn(self) -> socket.socket:
        dialled = super()._new_conn()
        if self._fresh is not None:
            self._fresh.dialled = time.perf_counter()
        return dialled

    def connect(self) -> None:
        """Connect, with TLS where that belongs to it."""
        self._fresh = Stamps(begun=time.perf_counter())
        super().connect()
        self._fresh.connected = time.perf_counter()

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send a request; plain HTTP connects in here where it is not connected, TLS before."""
        sending = self._sending = Stamps(begun=0.0)
        super().request(*args, **kwargs)
        self._asked = self._fresh or sending
        self._asked.sent = time.perf_counter()
        self._fresh = None

    def send(self, data: Any) -> None:
        """Hand a part of a request to the socket."""
        if self._sending is not None and not self._sending.begun:
            self._sending.begun = time.perf_counter()
        super().send(data)

    def response_class(self, *args: Any, **kwargs: Any) -> HttpAnswer:  # type: ignore[override]
        """Return the answer that `http.client` fills."""
        self._answer = _TimedAnswer(*args, **kwargs)
        return self._answer

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        """Return the answer with the moments of its request."""
        answer = super().getresponse()
        if self._asked is not None and self._answer is not None:
            self._asked.first_byte = self._answer.first_byte
        answer.stamps = self._asked  # type: ignore[attr-defined]
        return answer


class TimedSecureConnection(TimedConnection, HTTPSConnection):
    """The same over TLS, whose handshake is part of connecting."""


def stamps_of(answer: requests.Response) -> Stamps | None:
    """Return the moments that a timed connection left; None where something else answered, as in a test."""
    found = getattr(answer.raw, "stamps", None)
    return found if isinstance(found, Stamps) else None
