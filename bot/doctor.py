"""Looks at everything the bot leans on, and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from bot.effects.catalog_file import LoadedCatalog, load_catalog
from bot.effects.ledger.migrate import check_migrated
from bot.effects.pagerduty_oncall import Emails, oncall_reader
from bot.effects.system_clock import SystemClock
from bot.places import open_keyspace, open_snapshots
from bot.processes import Role, door_of
from bot.release.catalog import Catalog
from bot.release.membership import Unreachable, is_schedule, schedule_id
from bot.release.problems import Problem, Problems
from bot.release.refusal import Refusal
from bot.settings import Door, Settings, read_settings
from bot.slack.whoami import whoami

Check = tuple[str, Callable[[], str]]

TROUBLE = (Problems, Refusal, SQLAlchemyError, OSError)


def doctor(environ: Mapping[str, str]) -> int:
    """Print each check with what was found, and every warning; return 0 when nothing is wrong."""
    console = Console(highlight=False)
    failed = 0
    notes: list[Problem] = []
    for name, check in checks(environ, notes):
        try:
            console.out(f"ok    {name}: {check()}")
        except TROUBLE as wrong:
            failed += 1
            for line in _lines(wrong):
                console.out(f"WRONG {name}: {line}")
    for note in dict.fromkeys(notes):
        console.out(f"note  {note}")
    return 1 if failed else 0


def _lines(wrong: Exception) -> list[str]:
    if isinstance(wrong, Problems):
        return [str(problem) for problem in wrong.problems]
    if isinstance(wrong, SQLAlchemyError):
        return [f"The database does not answer ({type(wrong).__name__})."]
    return [str(wrong)]


def checks(environ: Mapping[str, str], notes: list[Problem]) -> Iterator[Check]:
    """Yield each thing the bot leans on, with a function that finds it or raises; warnings go to `notes`."""
    try:
        settings = read_settings(environ)
    except Problems as wrong:
        yield "settings", _raising(wrong)
        return
    notes += settings.warnings
    yield "ledger", lambda: _ledger(settings)
    yield "snapshots", lambda: _snapshots(settings)
    try:
        loaded = load_catalog(settings.catalog, environ)
    except Problems as wrong:
        yield "catalog", _raising(wrong)
        yield "slack", lambda: _slack(settings, environ)
        return
    yield "catalog", lambda: _counted(loaded)
    yield "slack", lambda: _slack(settings, environ)
    yield from oncall_checks(settings, loaded.catalog)
    for app_name, app in loaded.catalog.apps.items():
        for environment in app.environments:
            keyspace = open_keyspace(loaded, settings.most_tempo, app_name, environment)
            yield f"redis of {app_name} {environment}", keyspace.describe


def oncall_checks(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Yield each PagerDuty schedule that the catalog names, with a function that asks who is on call."""
    base_url, now = settings.pagerduty_api_base_url, SystemClock().now
    emails = oncall_reader(settings.pagerduty_token, base_url, now)
    named = dict.fromkeys(name for app in catalog.apps.values() for name in app.oncall)
    for schedule in (schedule_id(name) for name in named if is_schedule(name)):
        yield f"pagerduty schedule {schedule}", partial(_oncall, emails, schedule)


def _oncall(emails: Emails, schedule: str) -> str:
    try:
        people = len(emails(schedule))
    except Unreachable as silent:
        raise _unread(schedule, silent) from silent
    return f"{people or 'nobody'} on call now"


def _unread(schedule: str, silent: Unreachable) -> Problems:
    return Problems(
        [
            Problem(
                name="PAGERDUTY_TOKEN",
                found=str(silent),
                expected=f"a read-only API key that can read the schedule {schedule}",
                hint="Until then those on call are the people of the last answer, for a rollback and for calls.",
            )
        ]
    )


def _raising(wrong: Problems) -> Callable[[], str]:
    def check() -> str:
        raise wrong

    return check


def _counted(loaded: LoadedCatalog) -> str:
    number = len(loaded.catalog.apps)
    return "1 app" if number == 1 else f"{number} apps"


def _ledger(settings: Settings) -> str:
    check_migrated(settings.database_url.get_secret_value())
    return "tables are up to date"


def _snapshots(settings: Settings) -> str:
    snapshots = open_snapshots(settings)
    return f"{len(snapshots.ids())} in {Path(settings.snapshot_url).name}"


def _slack(settings: Settings, environ: Mapping[str, str]) -> str:
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
    door = door_of(environ, Role.ALL)
    read_settings(environ, door=door)
    found = whoami(settings.slack_bot_token.get_secret_value(), settings.slack_api_base_url)
    return f"{found}, by {'Socket Mode' if door is Door.SOCKET else 'HTTP'}"
