"""Everything that is wrong with what was configured, said at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong: where, what was found, what was expected, and what to do.

    `found` never holds a secret's value.
    """

    name: str
    found: str
    expected: str
    hint: str

    def __str__(self) -> str:
        """Return the problem as one line."""
        return f"{self.name}: found {self.found}; expected {self.expected}. {self.hint}".rstrip()


class Problems(Exception):
    """Configuration that cannot be used; `problems` lists all of it, not the first only."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Take what is wrong, in the order in which it is shown."""
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
