"""What a terminal shows: sentences or one JSON object on standard output, all else on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.status import Status

from bot.release.problems import Problem
from bot.release.refusal import Refusal
from bot.terminal.ending import Ending, of_refusal
from bot.terminal.wording import plain, spelled


class Printer:
    """Prints; decides nothing. Key names and titles are never read as markup, colour or emoji."""

    def __init__(self, *, as_json: bool) -> None:
        """Take whether a machine reads: then nothing but one JSON object goes to standard output."""
        self._as_json = as_json
        self._out = Console(highlight=False, emoji=False, markup=False, soft_wrap=True)
        self._side = Console(
            file=sys.stderr, highlight=False, emoji=False, markup=False, soft_wrap=True
        )

    def say(self, lines: Iterable[str]) -> None:
        """Print sentences for people, before the end; nothing for a machine."""
        if not self._as_json:
            for line in lines:
                self._out.out(spelled(line), highlight=False)

    def note(self, line: str) -> None:
        """Print a sentence beside the result."""
        self._side.out(spelled(line), highlight=False)

    def end(self, verb: str, ending: Ending) -> None:
        """Print the end of a verb."""
        self.say(ending.lines)
        if self._as_json:
            self._object(ending.as_json(verb))

    def refuse(self, verb: str, refusal: Refusal) -> None:
        """Print a refusal as the end of a verb."""
        self.end(verb, of_refusal(refusal))

    def problems(self, verb: str, problems: Iterable[Problem]) -> None:
        """Print everything that is wrong with the configuration."""
        rows = tuple(problems)
        if self._as_json:
            found = [{"name": row.name, "problem": str(row)} for row in rows]
            self._object(
                {"verb": verb, "state": "refused", "code": "configuration", "problems": found}
            )
            return
        self._side.out("cache-release cannot start:", highlight=False)
        for row in rows:
            self._side.out(f"- {plain(str(row))}", highlight=False)

    def bar(self) -> Progress:
        """Return a progress bar on standard error that leaves no trace; drawn on a terminal only."""
        return Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TimeElapsedColumn(),
            console=self._side,
            transient=True,
            disable=self._as_json or not self._side.is_terminal,
        )

    def waiting(self, line: str) -> AbstractContextManager[Status]:
        """Return a line that stands while something is waited for; drawn on a terminal only."""
        return self._side.status(line)

    def _object(self, value: Mapping[str, Any]) -> None:
        self._out.out(json.dumps(value, default=str), highlight=False)
