"""What an operator does at the terminal: migrate, ask the doctor, carry out a verb."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from bot.app import build, open_keyspace, open_snapshots
from bot.effects.catalog_file import load_catalog
from bot.effects.ledger_migrate import check_migrated, migrate
from bot.processes import folder_of, start_log
from bot.release.problems import Problem, Problems
from bot.release.refusal import Refusal
from bot.settings import Settings, read_settings
from bot.slack.whoami import whoami
from bot.terminal import Terminal
from bot.work.engine import engine_url, migrate_engine

Check = tuple[str, Callable[[], str]]


def migrate_all(environ: Mapping[str, str]) -> None:
    """Bring the ledger's and the engine's tables up to date; twice is as good as once."""
    settings = read_settings(environ)
    url = settings.database_url.get_secret_value()
    folder = folder_of(url)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    revision = migrate(url)
    migrate_engine(engine_url(url))
    Console(highlight=False).print(f"The ledger is at revision {revision}.", markup=False)


def run_terminal(
    environ: Mapping[str, str], verb: str, words: Sequence[str], *, yes: bool, as_json: bool
) -> int:
    """Carry out one verb here; this process works on it unless a worker is faster."""
    settings = read_settings(environ)
    start_log(settings)
    bot = build(settings, environ, role="terminal", works=True)
    bot.engine.launch()
    try:
        terminal = Terminal(bot.run, bot.ledger, bot.clock, as_json=as_json)
        return terminal.do(verb, words, yes=yes)
    finally:
        bot.engine.close()
        bot.ledger.close()


def doctor(environ: Mapping[str, str]) -> int:
    """Print each check with what was found; return 0 when all is well."""
    console = Console(highlight=False)
    settings = read_settings(environ)
    failed = 0
    for name, check in checks(settings, environ):
        try:
            console.print(f"ok    {name}: {check()}", markup=False)
        except (Problems, Refusal, SQLAlchemyError, OSError) as wrong:
            failed += 1
            console.print(f"WRONG {name}: {wrong}", markup=False)
    for warning in settings.warnings:
        console.print(f"note  {warning}", markup=False)
    return 1 if failed else 0


def checks(settings: Settings, environ: Mapping[str, str]) -> Iterator[Check]:
    """Yield each thing the bot leans on, with a function that finds it or raises."""
    yield "ledger", lambda: _ledger(settings)
    yield "snapshots", lambda: _snapshots(settings)
    yield "catalog", lambda: f"{len(load_catalog(settings.catalog, environ).catalog.apps)} apps"
    yield "slack", lambda: _slack(settings)
    try:
        loaded = load_catalog(settings.catalog, environ)
    except Problems:
        return
    for app_name, app in loaded.catalog.apps.items():
        for environment in app.environments:
            keyspace = open_keyspace(loaded, app_name, environment)
            yield f"redis of {app_name} {environment}", keyspace.describe


def _ledger(settings: Settings) -> str:
    check_migrated(settings.database_url.get_secret_value())
    return "tables are up to date"


def _snapshots(settings: Settings) -> str:
    snapshots = open_snapshots(settings)
    return f"{len(snapshots.ids())} in {Path(settings.snapshot_url).name}"


def _slack(settings: Settings) -> str:
    if settings.slack_bot_token is None:
        raise Problems(
            [
                Problem(
                    name="SLACK_BOT_TOKEN",
                    found="nothing",
                    expected="the bot's token",
                    hint="Without it only the terminal works.",
                )
            ]
        )
    return whoami(settings.slack_bot_token.get_secret_value(), settings.slack_api_base_url)
