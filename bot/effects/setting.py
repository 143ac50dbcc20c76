"""One setting: how it is named, read and explained; and the reading of all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from typing import Any

from bot.effects.environment import read_variable
from bot.release.problems import Problem, Problems
from bot.release.reading import Unfit, strange_names


class Door(StrEnum):
    """Through which door Slack comes in; the terminal needs no Slack."""

    SOCKET = "socket"
    HTTP = "http"
    TERMINAL = "terminal"


SLACK = frozenset({Door.SOCKET, Door.HTTP})


class SettingsProblems(Problems):
    """Settings that cannot be used."""


@dataclass(frozen=True)
class Setting:
    """One setting: its variable, how its text is read, what it means, and the doors that need it."""

    name: str
    read: Callable[[str], Any]
    meaning: str
    _: KW_ONLY
    default: str | None = None
    secret: bool = False
    needed: frozenset[Door] = frozenset()


def read_all(
    environ: Mapping[str, str], rows: Mapping[str, Setting], *, door: Door
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the values by field, and the warnings; raise SettingsProblems with everything that is wrong."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    warnings = strange_names(environ, "CACHE_RELEASE_", [row.name for row in rows.values()])
    for field, setting in rows.items():
        variable = read_variable(environ, setting.name, secret=setting.secret)
        if variable.problem:
            problems.append(variable.problem)
            continue
        try:
            values[field] = _value(setting, variable.text, door)
        except Unfit as unfit:
            problems.append(unfit.of(setting.name))
    if problems:
        raise SettingsProblems(problems)
    return values, warnings


def _value(setting: Setting, text: str | None, door: Door) -> Any:
    chosen = setting.default if text is None else text
    if chosen is not None or door in setting.needed:
        return setting.read(chosen or "")
    return None
