"""The bot's door to Slack, opened in this process or served by gunicorn."""

from __future__ import annotations

import logging
import threading
from socketserver import ThreadingMixIn
from typing import Protocol
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import WSGIApplication

from sqlalchemy.exc import SQLAlchemyError

from bot.app import Bot, build_slack
from bot.release.refusal import Refusal
from bot.slack.door import start_socket_mode, wsgi_app

log = logging.getLogger(__name__)


class Closable(Protocol):
    """Something that was started."""

    def close(self) -> None:
        """End it."""
        ...


def listen(bot: Bot) -> Closable:
    """Open the door to Slack: Socket Mode with an app token, else HTTP in a thread of this process."""
    token = bot.settings.slack_app_token
    if token is not None:
        return start_socket_mode(build_slack(bot), token.get_secret_value())
    return HttpDoor(web_of(bot), bot.settings.host, bot.settings.port)


def web_of(bot: Bot) -> WSGIApplication:
    """Return the web process's one app."""
    secret = bot.settings.slack_signing_secret
    assert secret is not None

    def healthy() -> str | None:
        try:
            bot.ledger.locks()
        except (SQLAlchemyError, Refusal) as error:
            return f"The ledger cannot be read: {type(error).__name__}."
        return None

    return wsgi_app(
        build_slack(bot), signing_secret=secret.get_secret_value(), healthy=healthy, ready=healthy
    )


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what matters is logged where it is decided."""


class HttpDoor:
    """Slack over HTTP inside one process, for a single host; many processes take `web`."""

    def __init__(self, app: WSGIApplication, host: str, port: int) -> None:
        """Listen at once."""
        self._server = make_server(host, port, app, server_class=_Server, handler_class=_Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, name="http")
        self._thread.start()
        log.info("listening on http://%s:%d/slack/events", host, self._server.server_port)

    def close(self) -> None:
        """Take no more requests."""
        self._server.shutdown()
        self._thread.join()
