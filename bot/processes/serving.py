"""Runs one role until it is told to end, then ends it in the order that loses nothing."""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from wsgiref.types import WSGIApplication

from bot.app import Bot, delivery
from bot.effects.metrics import SEVERAL
from bot.hooking import webhook_sender
from bot.listening import listen, web_of
from bot.processes.metrics_port import serve_metrics
from bot.processes.starting import Role, door_of, everything_wrong, start
from bot.processes.ticking import send_cards, tell_others, ticks
from bot.release.problems import Problems
from bot.settings import read_settings
from bot.work.clock import Ticker

log = logging.getLogger(__name__)

LOOK_AT_DOOR_S = 5.0
# Together under the 30 s that a host gives after SIGTERM.
WORK_ENDS_S = 18.0
SENDING_ENDS_S = 12.0


def serve(environ: Mapping[str, str], role: Role) -> None:
    """Run one process until SIGTERM or Ctrl-C; what runs then is left in a state that goes on later."""
    if role is Role.WEB:
        _become_gunicorn(environ)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    works = role in {Role.ALL, Role.WORKER}
    bot = start(environ, door=door_of(environ, role), role=str(role), works=works)
    with ExitStack() as ending:
        _begin(bot, role, stop, ending)
        door = listen(bot) if role is Role.ALL else None
        if door is not None:
            ending.callback(door.close)
        metrics = serve_metrics(bot)
        if metrics is not None:
            ending.callback(metrics.close)
        log.info("%s is ready", role)
        while not stop.wait(LOOK_AT_DOOR_S):
            if door is not None:
                door.look()
        log.info("%s is ending", role)


def _begin(bot: Bot, role: Role, stop: threading.Event, ending: ExitStack) -> None:
    """Start what needs no door; `ending` undoes it in the opposite order."""
    ending.callback(bot.ledger.close)
    works = role in {Role.ALL, Role.WORKER}
    if works:
        sender = threading.Thread(
            target=send_cards, args=(bot, delivery(bot), stop), name="cards", daemon=True
        )
        sender.start()
        teller = threading.Thread(
            target=tell_others, args=(bot, webhook_sender(bot), stop), name="webhooks", daemon=True
        )
        teller.start()
        ending.callback(sender.join, SENDING_ENDS_S)
        ending.callback(stop.set)
    bot.engine.launch()
    ending.callback(bot.engine.close, WORK_ENDS_S)
    if role in {Role.ALL, Role.CLOCK}:
        ticker = Ticker(ticks(bot), locks=bot.liveness)
        ticker.start()
        ending.callback(ticker.stop)


def _become_gunicorn(environ: Mapping[str, str]) -> None:
    """Replace this process by the web server, once nothing is wrong that its workers would fail on."""
    door = door_of(environ, Role.WEB)
    wrong = everything_wrong(environ, door)
    if wrong:
        raise Problems(wrong)
    settings = read_settings(environ, door=door)
    at = f"{settings.host}:{settings.port}"
    os.environ.setdefault(SEVERAL, tempfile.mkdtemp(prefix="cache-release-metrics-"))
    binds = ["--bind", at]
    if settings.metrics_address is not None:
        host, number = settings.metrics_address
        binds += ["--bind", f"[{host}]:{number}" if ":" in host else f"{host}:{number}"]
    hooks = ["--config", "python:bot.processes.gunicorn_hooks"]
    words = ["--threads", "32", "--no-control-socket", *hooks, *binds, "bot.processes:web()"]
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *words])  # noqa: S606


def web() -> WSGIApplication:
    """Return the app that gunicorn serves; it records what is asked and works on nothing."""
    door = door_of(os.environ, Role.WEB)
    bot = start(os.environ, door=door, role=str(Role.WEB), works=False)
    bot.engine.launch()
    return web_of(bot)
