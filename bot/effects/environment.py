"""Reads a variable of the environment, or the file that its `_FILE` twin names."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.release.problems import Problem


@dataclass(frozen=True, kw_only=True)
class Variable:
    """What a variable holds; `text` is None where it is not set or cannot be used."""

    text: str | None = None
    problem: Problem | None = None


def read_variable(environ: Mapping[str, str], name: str, *, secret: bool) -> Variable:
    """Return what NAME holds, or the file that NAME_FILE names, without its last line break.

    An empty variable counts as not set. A secret's file that others may read is not used.
    """
    direct, path = environ.get(name), environ.get(f"{name}_FILE")
    if direct and path:
        return Variable(
            problem=Problem(
                name=name,
                found=f"both {name} and {name}_FILE",
                expected="one of them",
                hint="Take one away.",
            )
        )
    if not path:
        return Variable(text=direct or None)
    return _read_file(f"{name}_FILE", Path(path), secret=secret)


def _read_file(name: str, path: Path, *, secret: bool) -> Variable:
    try:
        text = path.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
        mode = stat.S_IMODE(path.stat().st_mode)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        return Variable(
            problem=Problem(
                name=name,
                found=f"{path}, which cannot be read ({reason})",
                expected="a text file that the bot's user can read",
                hint="Check the path and its owner.",
            )
        )
    if not text:
        return Variable(
            problem=Problem(
                name=name,
                found=f"{path}, which is empty",
                expected="the value on one line",
                hint="Write the value into the file.",
            )
        )
    problem = _open_to_others(name, path, mode) if secret else None
    return Variable(text=None if problem else text, problem=problem)


def _open_to_others(name: str, path: Path, mode: int) -> Problem | None:
    if not mode & 0o077:
        return None
    return Problem(
        name=name,
        found=f"{path} with mode {mode:04o}, which others may read or write",
        expected="mode 0600",
        hint=f"chmod 600 {path}",
    )
