"""Prints the whole story of one release at the terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from bot.effects.ledger.canonical import moment
from bot.effects.ledger.migrate import check_migrated
from bot.effects.ledger.sql_ledger import open_ledger
from bot.effects.log_lines import redact
from bot.release.refusal import Code, Refusal
from bot.release.tracing import Traced, in_order, trace_line
from bot.settings import read_settings
from bot.terminal.wording import plain
from bot.work.engine import engine_url
from bot.work.engine_trace import traced_work

NAME = re.compile(r"(?:R-)?([0-9]{1,9})", re.IGNORECASE)


def trace(environ: Mapping[str, str], release: str, *, as_json: bool) -> int:
    """Print every part of a release's story in order; return 0, or 1 where a part could not be read."""
    number = _number(release)
    url = read_settings(environ).database_url.get_secret_value()
    check_migrated(url)
    ledger = open_ledger(url)
    try:
        found, turns = ledger.traced(number), ledger.turns_of(number)
    finally:
        ledger.close()
    if found is None:
        raise _unknown(release)
    missing = None
    try:
        found += traced_work(engine_url(url), turns)
    except SQLAlchemyError as away:
        missing = (
            f"The engine's database does not answer ({type(away).__name__}): its part is missing."
        )
    _show(number, in_order(found), missing, as_json=as_json)
    return 0 if missing is None else 1


def _number(release: str) -> int:
    named = NAME.fullmatch(release)
    if named is None:
        raise _unknown(release)
    return int(named[1])


def _show(number: int, rows: tuple[Traced, ...], missing: str | None, *, as_json: bool) -> None:
    out = Console(highlight=False, emoji=False, markup=False, soft_wrap=True)
    if as_json:
        parts = [
            {
                "at": moment(row.at),
                "source": str(row.source),
                "about": row.about,
                "what": redact(row.what),
            }
            for row in rows
        ]
        told = {"release": f"R-{number}", "parts": parts, "missing": missing}
        out.out(json.dumps(told), highlight=False)
        return
    for row in rows:
        out.out(plain(redact(trace_line(row))), highlight=False)
    if missing is not None:
        out.out(missing, highlight=False)


def _unknown(release: str) -> Refusal:
    return Refusal(
        code=Code.UNKNOWN_NAME,
        failed=f"There is no release {release[:40]}.",
        expected="a release such as R-42; `cache-release history` lists them.",
        retry_is_safe=True,
    )
