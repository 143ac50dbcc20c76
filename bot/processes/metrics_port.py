"""Serves metrics and health on a port of their own, beside a process's work."""

from __future__ import annotations

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from bot.app import Bot
from bot.listening import HttpDoor
from bot.measuring import metrics_of, readable
from bot.slack.web import checked_app


def serve_metrics(bot: Bot) -> HttpDoor | None:
    """Listen where the settings say; None where they do not."""
    where = bot.settings.metrics_address
    if where is None:
        return None
    app = metrics_and_health(bot)
    return HttpDoor(app, *where, path="/metrics", named="CACHE_RELEASE_METRICS")


def metrics_and_health(bot: Bot) -> WSGIApplication:
    """Return the app: `/metrics`, `/healthz` and `/readyz`, nothing else."""
    metrics, health = metrics_of(bot, own=lambda environ: True), checked_app(readable(bot))

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == "/metrics":
            return metrics(environ, start)
        return health(environ, start)

    return answer
