"""Text that is safe on a terminal, and says people and commands as a terminal knows them."""

from __future__ import annotations

import re
import unicodedata

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
MENTION = re.compile(r"<(?:@|(#)|!subteam\^)([^>|<]{1,80})(?:\|[^>]*)?>")
SLASH = re.compile(r"/(?=cache-release\b)")


def plain(text: str) -> str:
    """Return one line without control characters: what people and Redis wrote moves no cursor."""
    return "".join(char for char in text if unicodedata.category(char) not in HIDDEN)


def spelled(text: str) -> str:
    """Return a sentence without Slack's marks: `<@U1>` is `@U1`, `/cache-release x` is `cache-release x`."""
    return plain(SLASH.sub("", MENTION.sub(_name, text)))


def _name(found: re.Match[str]) -> str:
    kind, _, name = found[2].partition(":")
    if kind == "terminal" and name:
        return f"{name} at the terminal"
    return f"{found[1] or '@'}{found[2]}"


def size(number: int) -> str:
    """Return bytes as people read them: `812 B`, `3.1 MB`."""
    value = float(number)
    for unit in ("B", "KB", "MB"):
        if value < 1000:
            return f"{value:,.0f} {unit}" if unit == "B" else f"{value:,.1f} {unit}"
        value /= 1000
    return f"{value:,.1f} GB"
