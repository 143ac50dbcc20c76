"""One row of the settings: its variable, how it is read, and through which door it is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from typing import Any


class Door(StrEnum):
    """Through which door Slack comes in; the terminal needs no Slack."""

    SOCKET = "socket"
    HTTP = "http"
    TERMINAL = "terminal"


SLACK = frozenset({Door.SOCKET, Door.HTTP})


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
