"""How a process starts: its settings read, its parts joined, and all that is wrong said at once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.app import Bot, build, open_snapshots
from bot.effects.catalog_file import load_catalog
from bot.effects.environment import read_variable
from bot.effects.ledger.migrate import check_migrated
from bot.effects.log_lines import log_to_stderr
from bot.release.problems import Problem, Problems
from bot.release.refusal import Refusal
from bot.settings import SETTINGS, Door, Settings, read_settings

log = logging.getLogger(__name__)


class Role(StrEnum):
    """What one process does."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"
    CLOCK = "clock"


def door_of(environ: Mapping[str, str], role: Role) -> Door:
    """Return how Slack comes in: by Socket Mode where there is an app token, else by HTTP."""
    by_socket = bool(environ.get("SLACK_APP_TOKEN") or environ.get("SLACK_APP_TOKEN_FILE"))
    return Door.SOCKET if by_socket and role is not Role.WEB else Door.HTTP


def start(
    environ: Mapping[str, str], *, door: Door, role: str, works: bool, level: int = logging.INFO
) -> Bot:
    """Return the joined parts, the log going; raise Problems with everything that is wrong.

    `level` is from where on our own loggers speak.
    """
    try:
        settings = read_settings(environ, door=door)
        bot = build(settings, environ, role=role, works=works)
    except (Problems, Refusal, SQLAlchemyError, OSError) as error:
        raise Problems(everything_wrong(environ, door) or (_problem(error),)) from error
    start_log(settings, bot, level)
    for warning in (*settings.warnings, *bot.loaded.warnings):
        log.info("%s", warning)
    return bot


def start_log(settings: Settings, bot: Bot, level: int) -> None:
    """Log to standard error, with every known secret replaced."""
    secrets = [
        settings.slack_bot_token,
        settings.slack_app_token,
        settings.slack_signing_secret,
        settings.snapshot_hmac_key,
        settings.snapshot_encryption_key,
        settings.audit_hmac_key,
        settings.metrics_token,
        *bot.loaded.secrets.values(),
    ]
    known = [secret.get_secret_value() for secret in secrets if secret is not None]
    log_to_stderr(known, level=level)


def everything_wrong(environ: Mapping[str, str], door: Door) -> tuple[Problem, ...]:
    """Return what is wrong with the settings, the catalog, the ledger's tables and the snapshots' folder."""
    found: list[Problem] = []
    settings = None
    try:
        settings = read_settings(environ, door=door)
    except Problems as wrong:
        found += wrong.problems
    try:
        load_catalog(_catalog(environ, settings), environ)
    except Problems as wrong:
        found += wrong.problems
    if settings is not None:
        found += _places_wrong(settings)
    return tuple(found)


def _catalog(environ: Mapping[str, str], settings: Settings | None) -> Path:
    if settings is not None:
        return settings.catalog
    row = SETTINGS["catalog"]
    named = read_variable(environ, row.name, secret=False).text
    return Path(named or row.default or "")


def _places_wrong(settings: Settings) -> list[Problem]:
    found = []
    try:
        check_migrated(settings.database_url.get_secret_value())
    except (Refusal, SQLAlchemyError, OSError) as error:
        found.append(_problem(error, "DATABASE_URL"))
    try:
        open_snapshots(settings)
    except (Refusal, OSError) as error:
        found.append(_problem(error, "SNAPSHOT_URL"))
    return found


def _problem(error: Exception, name: str = "Configuration") -> Problem:
    if isinstance(error, Refusal):
        return Problem(
            name=name, found=f"trouble: {error.failed}", expected=error.expected[:-1], hint=""
        )
    said = error.strerror if isinstance(error, OSError) else type(error).__name__
    return Problem(
        name=name,
        found=f"no answer ({said})",
        expected="a place that can be read and written",
        hint="Look whether it is there, and whether the bot's user may use it.",
    )


def folder_of(database_url: str) -> Path | None:
    """Return the folder a SQLite file lies in, None for a database server."""
    file = database_url.removeprefix("sqlite:///")
    return None if file == database_url else Path(file).parent
