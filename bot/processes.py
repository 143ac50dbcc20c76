"""The bot's processes: what each role starts, in which order it ends, and what the clock asks for."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from wsgiref.types import WSGIApplication

from sqlalchemy.exc import SQLAlchemyError

from bot.app import Bot, build, delivery
from bot.effects.log_lines import log_to_stderr
from bot.listening import listen, web_of
from bot.release.refusal import Refusal
from bot.settings import Door, Settings, read_settings
from bot.slack.delivery import Delivery
from bot.work.clock import Tick, Ticker

log = logging.getLogger(__name__)

LOOK_FOR_CARDS_S = 0.25
SWEEP_AFTER_S = 5.0
STUCK_AFTER_S = 600.0


class Role(StrEnum):
    """What one process does."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"
    CLOCK = "clock"


def settings_for(environ: Mapping[str, str], role: Role) -> Settings:
    """Return the settings; the app token decides whether Slack comes in by Socket Mode or by HTTP."""
    by_socket = bool(environ.get("SLACK_APP_TOKEN") or environ.get("SLACK_APP_TOKEN_FILE"))
    door = Door.SOCKET if by_socket and role is not Role.WEB else Door.HTTP
    return read_settings(environ, door=door)


def start_log(settings: Settings, bot: Bot | None = None) -> None:
    """Log to standard error, with every known secret replaced."""
    secrets = [
        settings.slack_bot_token,
        settings.slack_app_token,
        settings.slack_signing_secret,
        settings.snapshot_hmac_key,
        settings.snapshot_encryption_key,
        *(bot.loaded.secrets.values() if bot is not None else ()),
    ]
    log_to_stderr(secret.get_secret_value() for secret in secrets if secret is not None)


def serve(environ: Mapping[str, str], role: Role) -> None:
    """Run one process until SIGTERM or Ctrl-C; what runs then is left in a state that goes on later."""
    settings = settings_for(environ, role)
    if role is Role.WEB:
        at = f"{settings.host}:{settings.port}"
        words = ["--threads", "32", "--no-control-socket", "--bind", at, "bot.processes:web()"]
        os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *words])  # noqa: S606
    works = role in {Role.ALL, Role.WORKER}
    bot = build(settings, environ, role=str(role), works=works)
    start_log(settings, bot)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    bot.engine.launch()
    sender = threading.Thread(target=send_cards, args=(bot, delivery(bot), stop), name="cards")
    if works:
        sender.start()
    ticker = Ticker(ticks(bot), locks=bot.liveness)
    if role in {Role.ALL, Role.CLOCK}:
        ticker.start()
    door = listen(bot) if role is Role.ALL else None
    log.info("%s is ready", role)
    stop.wait()
    log.info("%s is ending", role)
    if door is not None:
        door.close()
    ticker.stop()
    bot.engine.close()
    if works:
        sender.join()
    bot.ledger.close()


def send_cards(bot: Bot, cards: Delivery, stop: threading.Event) -> None:
    """Send what is due until the process ends, at once when this process changed something."""
    while not stop.is_set():
        bot.wake.wait(LOOK_FOR_CARDS_S)
        bot.wake.clear()
        try:
            while cards.deliver_once(bot.clock.now()) and not stop.is_set():
                # More may have come due while these were sent.
                pass
        except (SQLAlchemyError, Refusal):
            # The ledger could not be read; the cards wait in it, so the next look finds them.
            log.exception("cards could not be looked for")
            stop.wait(1.0)


def ticks(bot: Bot) -> tuple[Tick, ...]:
    """Return what the clock asks for, each by its name."""
    return (
        Tick(name="sweep", every_s=10, run=lambda: sweep(bot)),
        Tick(name="snapshot expiry", every_s=60, run=lambda: expire_snapshots(bot)),
        Tick(name="watchdog", every_s=30, run=lambda: report_stuck(bot)),
    )


def sweep(bot: Bot) -> None:
    """Enqueue what was recorded and not enqueued: the process died between the two."""
    for action in bot.ledger.unqueued(bot.clock.now(), SWEEP_AFTER_S):
        bot.engine.enqueue(action.key, action.partition)


def expire_snapshots(bot: Bot) -> None:
    """Delete snapshots whose time is over; the row stays and says so."""
    now = bot.clock.now()
    for row in bot.ledger.expired_snapshots(now):
        bot.ledger.snapshot_state(row.id, "expired", now)
        bot.snapshots.delete(row.id)


def report_stuck(bot: Bot) -> None:
    """Log work that has not ended for ten minutes."""
    for key in bot.engine.stuck(STUCK_AFTER_S):
        log.warning("%s has been running for over %.0f s", key, STUCK_AFTER_S)


def web() -> WSGIApplication:
    """Return the app that gunicorn serves; it records what is asked and works on nothing."""
    settings = settings_for(os.environ, Role.WEB)
    bot = build(settings, os.environ, role=str(Role.WEB), works=False)
    start_log(settings, bot)
    bot.engine.launch()
    return web_of(bot)


def folder_of(database_url: str) -> Path | None:
    """Return the folder a SQLite file lies in, None for a database server."""
    file = database_url.removeprefix("sqlite:///")
    return None if file == database_url else Path(file).parent
