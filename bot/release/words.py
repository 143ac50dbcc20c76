"""The words a person types after a verb, the same in a slash command, a mention and the terminal."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.release.refusal import Code, Refusal

RELEASE_NAME = re.compile(r"^[Rr]-(\d{1,9})$")
STEP_NUMBER = re.compile(r"^[1-9]$")
FLAGS = frozenset({"dry-run", "cold", "no-deploy", "steal"})
OPTIONS = frozenset(
    {
        "environment",
        "n",
        "previous",
        "owner",
        "reason",
        "for",
        "until",
        "hotfix",
        "text",
        "snooze",
        "before",
        "after",
        "outcome",
        "link",
    }
)
SHORT = {"env": "environment"}
SMART_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "—": "--"})


@dataclass(frozen=True, kw_only=True)
class Words:
    """What was typed: plain words, `--name value` fields, the release and the step that were named."""

    words: tuple[str, ...]
    fields: Mapping[str, str]
    release: int | None
    step: int | None


def split_text(text: str) -> tuple[str, ...]:
    """Split a typed line at blanks, keeping what stands in quotes together; phones' quotes count too."""
    try:
        return tuple(shlex.split(text.translate(SMART_QUOTES)))
    except ValueError as broken:
        raise Refusal(
            code=Code.BAD_REQUEST,
            failed="A quotation mark has no partner.",
            expected='quotes in pairs, as in "New price table".',
            retry_is_safe=True,
        ) from broken


def parse_words(parts: Sequence[str]) -> Words:
    """Sort the words; refuse an option nobody knows or one without its value."""
    words: list[str] = []
    fields: dict[str, str] = {}
    release: int | None = None
    step: int | None = None
    rest = iter(parts)
    for part in rest:
        name = RELEASE_NAME.match(part)
        if part.startswith("--"):
            option = SHORT.get(part[2:], part[2:])
            fields[option] = _value(option, rest)
        elif name and release is None:
            release = int(name[1])
        elif STEP_NUMBER.match(part) and step is None and not words:
            step = int(part)
        else:
            words.append(part)
    return Words(words=tuple(words), fields=fields, release=release, step=step)


def _value(name: str, rest: Iterator[str]) -> str:
    if name in FLAGS:
        return "1"
    value = next(rest, None) if name in OPTIONS else None
    if isinstance(value, str):
        return value
    known = ", ".join(f"--{known}" for known in sorted(FLAGS | OPTIONS))
    raise Refusal(
        code=Code.BAD_REQUEST,
        failed=f"--{name[:40]} is no option here, or its value is missing.",
        expected=f"one of: {known}.",
        retry_is_safe=True,
    )
