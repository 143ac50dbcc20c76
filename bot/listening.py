"""The bot's door to Slack, opened in this process or served by gunicorn."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from socketserver import ThreadingMixIn
from typing import Protocol
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import WSGIApplication

from bot.app import Bot, build_slack
from bot.ci.door import with_hooks
from bot.hooking import behind_hooks
from bot.measuring import came_in_at, metrics_of, readable
from bot.release.problems import Problem, Problems
from bot.release.refusal import Code, Refusal
from bot.release.undelivered import undelivered_lines
from bot.slack.door import start_socket_mode, wsgi_app
from bot.slack.replays import Replays

log = logging.getLogger(__name__)

CLOSES_IN_S = 5.0
LOST_AFTER_S = 60.0
SAY_AGAIN_S = 300.0


class SlackDoor(Protocol):
    """A way in for Slack that stands open."""

    def look(self) -> None:
        """See whether it still stands open, and do something about it."""
        ...

    def trouble(self) -> str | None:
        """Return one sentence on why nothing can come in, None when all is well."""
        ...

    def close(self) -> None:
        """End it."""
        ...


def listen(bot: Bot) -> SlackDoor:
    """Open the door to Slack: Socket Mode with an app token, else HTTP in a thread of this process."""
    token = bot.settings.slack_app_token
    if token is None:
        return HttpDoor(web_of(bot), bot.settings.host, bot.settings.port)
    app, secret = build_slack(bot), token.get_secret_value()
    return SocketDoor(lambda: start_socket_mode(app, secret), time.monotonic)


def web_of(bot: Bot) -> WSGIApplication:
    """Return the web process's one app."""
    secret = bot.settings.slack_signing_secret
    assert secret is not None

    slack = wsgi_app(
        build_slack(bot),
        signing_secret=secret.get_secret_value(),
        healthy=readable(bot),
        ready=readable(bot),
        notes=lambda: undelivered_lines(bot.ledger.dead_cards()),
        first=Replays(bot.ledger, bot.clock.now).first,
        largest_body=bot.settings.body_kib * 1024,
        metrics=metrics_of(bot, own=came_in_at(bot.settings.metrics_address)),
    )
    return with_hooks(slack, behind_hooks(bot))


class Wire(Protocol):
    """One Socket Mode connection, kept up by Slack's library."""

    def is_connected(self) -> bool:
        """Return whether Slack's payloads arrive."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class SocketHandler(Protocol):
    """What holds a connection."""

    @property
    def client(self) -> Wire:
        """Return the connection."""
        ...


class SocketDoor:
    """Slack over a websocket: opened as soon as Slack answers, and watched.

    A Slack that is away when the process starts is no reason not to work: the door opens later.
    """

    def __init__(self, connect: Callable[[], SocketHandler], now: Callable[[], float]) -> None:
        """Try to connect; refuse only tokens that Slack does not take. `now` counts seconds."""
        self._connect = connect
        self._now = now
        self._wire: Wire | None = None
        self._well_at = now()
        self._said_at: float | None = None
        self._try()

    def _try(self) -> None:
        try:
            self._wire = self._connect().client
        except Refusal as refusal:
            if refusal.code is Code.NOT_ALLOWED:
                raise
            log.warning("Slack's socket could not be opened: %s", refusal)

    def look(self) -> None:
        """Connect where that did not work before; log at ERROR what lasts for more than a minute."""
        if self._wire is None:
            self._try()
        trouble, at = self.trouble(), self._now()
        if self._is_connected():
            if self._said_at is not None:
                log.warning("Slack's socket is connected again")
            self._well_at, self._said_at = at, None
        elif trouble and (self._said_at is None or at - self._said_at >= SAY_AGAIN_S):
            log.error("%s", trouble)
            self._said_at = at

    def trouble(self) -> str | None:
        """Return how long nothing has come in, once that is more than a minute."""
        lost_s = self._now() - self._well_at
        if self._is_connected() or lost_s <= LOST_AFTER_S:
            return None
        return f"Slack's socket has been disconnected for {lost_s:.0f} s: no press arrives."

    def _is_connected(self) -> bool:
        return self._wire is not None and self._wire.is_connected()

    def close(self) -> None:
        """End the connection; a library that is just reconnecting is not waited for."""
        if self._wire is not None:
            ending = threading.Thread(target=self._wire.close, daemon=True)
            ending.start()
            ending.join(CLOSES_IN_S)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what matters is logged where it is decided."""


class HttpDoor:
    """Slack over HTTP inside one process, for a single host; many processes take `web`."""

    def __init__(
        self,
        app: WSGIApplication,
        host: str,
        port: int,
        *,
        path: str = "/slack/events",
        named: str = "PORT",
    ) -> None:
        """Listen at once; raise Problems where the port cannot be had."""
        try:
            self._server = make_server(host, port, app, server_class=_Server, handler_class=_Quiet)
        except OSError as error:
            raise Problems([_no_port(named, host, port, error)]) from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="http")
        self._thread.start()
        self.port = self._server.server_port
        log.info("listening on http://%s:%d%s", host, self.port, path)

    def look(self) -> None:
        """Nothing: `/readyz` is looked at from outside."""

    def trouble(self) -> str | None:
        """Return None: a server that listens is well."""
        return None

    def close(self) -> None:
        """Take no more requests."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _no_port(named: str, host: str, port: int, error: OSError) -> Problem:
    return Problem(
        name=named,
        found=f"{host}:{port}, which cannot be listened on ({error.strerror})",
        expected="an address of this machine and a port that is free",
        hint="Set PORT, or CACHE_RELEASE_HOST." if named == "PORT" else f"Set {named}.",
    )
