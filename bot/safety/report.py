"""Everything that a look at an installation's safety finds, printed for a person or a machine."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping

from rich.console import Console

from bot.effects.catalog_file import LoadedCatalog, load_catalog
from bot.processes import Role, door_of
from bot.release.problems import Problem, Problems
from bot.release.safety import Finding, How, finding_json, finding_lines
from bot.safety.places import permissions, secrets_found
from bot.safety.ways import redis_rights, transport
from bot.settings import SETTINGS, Door, Settings, read_settings
from bot.slack.web import HEADERS

UNUSABLE = 2
LIMITS = (
    "body_kib",
    "asks_per_min",
    "clicks_per_min",
    "rollbacks_per_min",
    "live_releases",
    "large_purge_keys",
    "large_purge_percent",
    "snapshot_max_mib",
    "snapshot_days",
    "probes_per_second",
    "slack_edits",
)


def report(environ: Mapping[str, str], *, as_json: bool) -> int:
    """Print the look; return 0 where nothing is wrong, 1 where something is, 2 where the settings cannot be read."""
    findings: list[Finding] = []
    try:
        settings = read_settings(environ)
    except Problems as wrong:
        findings = [_of("settings", problem) for problem in wrong.problems]
        _print(findings, as_json=as_json)
        return UNUSABLE
    loaded: LoadedCatalog | None = None
    try:
        loaded = load_catalog(settings.catalog, environ)
    except Problems as wrong:
        findings = [_of("catalog", problem) for problem in wrong.problems]
    findings += _looked(environ, settings, loaded)
    _print(findings, as_json=as_json)
    return 0 if all(row.how is not How.WRONG for row in findings) else 1


def _looked(
    environ: Mapping[str, str], settings: Settings, loaded: LoadedCatalog | None
) -> Iterator[Finding]:
    yield from permissions(settings, loaded)
    yield from secrets_found(environ, loaded)
    yield from _limits(settings)
    yield from _door(environ)
    yield from _logging(loaded)
    if loaded is not None:
        yield from redis_rights(loaded)
    yield from transport(settings, loaded)


def _limits(settings: Settings) -> Iterator[Finding]:
    for field in LIMITS:
        name = SETTINGS[field].name
        yield Finding(section="limits", name=name, found=f"{getattr(settings, field):,}")
    yield Finding(section="limits", name="uploads", found="none are taken, of no size and no type")


def _door(environ: Mapping[str, str]) -> Iterator[Finding]:
    if door_of(environ, Role.ALL) is Door.SOCKET:
        yield Finding(
            section="door", name="slack", found="Socket Mode: no address is open to anybody"
        )
    for name, value in HEADERS:
        yield Finding(
            section="door", name="header of each answer over HTTP", found=f"{name}: {value}"
        )
    asked = "X-Slack-Signature and X-Slack-Request-Timestamp, at most 5 minutes old, each once"
    yield Finding(section="door", name="asked of each request", found=asked)


def _logging(loaded: LoadedCatalog | None) -> Iterator[Finding]:
    known = [row.name for row in SETTINGS.values() if row.secret]
    number = len(known) + (0 if loaded is None else len(loaded.secrets))
    yield Finding(
        section="logging", name="where", found="standard error, one JSON object a line, UTC"
    )
    yield Finding(section="logging", name="level", found="info; libraries from warning on")
    yield Finding(
        section="logging",
        name="replaced by stars",
        found=f"{number} known secrets, tokens, passwords in URLs, cookies, Authorization",
    )
    yield Finding(section="logging", name="never logged", found="values of keys, bodies of pages")
    debug = bool(os.environ.get("PYTHONASYNCIODEBUG") or os.environ.get("PYTHONDEVMODE"))
    yield Finding(
        section="logging",
        name="debug",
        found="on" if debug else "off",
        how=How.NOTE if debug else How.OK,
        expected="off" if debug else "",
    )


def _of(section: str, problem: Problem) -> Finding:
    return Finding(
        section=section,
        name=problem.name,
        found=problem.found,
        how=How.WRONG,
        expected=problem.expected,
    )


def _print(findings: list[Finding], *, as_json: bool) -> None:
    console = Console(highlight=False, soft_wrap=True)
    if as_json:
        console.out(json.dumps(finding_json(findings)), highlight=False)
        return
    for line in finding_lines(findings):
        console.out(line, highlight=False)
