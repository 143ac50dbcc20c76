"""What an operator does at the terminal: migrate, carry out a verb."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import sys
from collections.abc import Callable, Mapping, Sequence

from rich.console import Console

from bot.app import Bot
from bot.effects.ledger.migrate import migrate
from bot.effects.private import private_folder
from bot.processes import folder_of, start, sweep
from bot.release.problems import Problems
from bot.release.refusal import Code, Refusal
from bot.settings import Door, read_settings
from bot.terminal import Behind, Printer, Terminal
from bot.work.engine import engine_url, migrate_engine

log = logging.getLogger(__name__)

ENDS_IN_S = 20.0
UNUSABLE = 2


def migrate_all(environ: Mapping[str, str]) -> None:
    """Bring the ledger's and the engine's tables up to date; twice is as good as once."""
    settings = read_settings(environ)
    url = settings.database_url.get_secret_value()
    folder = folder_of(url)
    if folder is not None:
        private_folder(folder)
    revision = migrate(url)
    migrate_engine(engine_url(url))
    Console(highlight=False).out(f"The ledger is at revision {revision}.")


def run_terminal(
    environ: Mapping[str, str], verb: str, words: Sequence[str], *, yes: bool, as_json: bool
) -> int:
    """Carry out one verb here; this process works on it unless a worker is faster."""
    printer = Printer(as_json=as_json)
    try:
        level = logging.WARNING
        bot = start(environ, door=Door.TERMINAL, role="terminal", works=True, level=level)
    except Problems as wrong:
        printer.problems(verb, wrong.problems)
        return UNUSABLE
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    terminal = Terminal(
        Behind(
            run=bot.run,
            ledger=bot.ledger,
            catalog=bot.loaded.catalog,
            clock=bot.clock,
            work=_working(bot),
        ),
        printer,
    )
    code = 1
    try:
        code = _done(terminal, printer, verb, words, yes=yes)
        if not terminal.left:
            with printer.waiting("Ending what was begun here; Ctrl-C leaves it to others"):
                bot.engine.close(ENDS_IN_S)
            return code
    except KeyboardInterrupt:
        printer.note("Left as it is; `cache-release status` says where it stands.")
    # At once, as in a power cut: what was said of the work that is left stays true.
    sys.stdout.flush()
    os._exit(code)


def _done(
    terminal: Terminal, printer: Printer, verb: str, words: Sequence[str], *, yes: bool
) -> int:
    try:
        return terminal.do(verb, words, yes=yes)
    except Exception:
        # The last resort: a person and a machine get an answer, and the log the cause.
        token = secrets.token_hex(4)
        log.exception("%s failed, token %s", verb, token)
        printer.refuse(verb, _internal(token))
        return 1


def _working(bot: Bot) -> Callable[[], None]:
    """Return what makes this process work too, and hands on what was recorded and not queued."""
    launched: list[Bot] = []

    def work() -> None:
        if not launched:
            bot.engine.launch()
            launched.append(bot)
        try:
            sweep(bot)
        except Refusal as refusal:
            log.warning("what was not queued waits: %s", refusal)

    return work


def _internal(token: str) -> Refusal:
    return Refusal(
        code=Code.INTERNAL,
        failed=f"An unexpected error, token {token}; the log on standard error says why.",
        expected="no error; `cache-release status` says what was recorded.",
        retry_is_safe=False,
    )
