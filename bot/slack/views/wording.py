"""Text that is safe and fits in Slack: escaped, without hidden characters, cut with a count of what is missing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime

Names = Callable[[str], str]

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
MENTION = re.compile(
    r"&lt;(@[UW][A-Z0-9]{2,20}|#[CG][A-Z0-9]{2,20}|!subteam\^S[A-Z0-9]{2,20})(?:\|[^&|<>]*)?&gt;"
)
STYLED = re.compile(r"(?<!\w)([*_~])(?=\S)([^\n]*?\S)\1(?!\w)")
NAMED = re.compile(r"<@([UW][A-Z0-9]{2,20})(?:\|[^<>]*)?>")
FULL_TIME = re.compile(r"\b(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}) UTC\b")
CUT_ENTITY = re.compile(r"(?:&[a-z]{0,3}|<[^>]{0,120})$")


def plain(text: str) -> str:
    """Return the text without control, bidirectional and zero-width characters; line ends stay."""
    lines = text.replace("\r\n", "\n").replace("\t", " ").split("\n")
    return "\n".join(
        "".join(char for char in line if unicodedata.category(char) not in HIDDEN) for line in lines
    )


def escape(text: str) -> str:
    """Return what a person or Redis wrote so that Slack's mrkdwn shows it and follows none of it."""
    return plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unstyled(text: str) -> str:
    """Return what people wrote, escaped, and without the marks that mrkdwn would read as bold, italic or code."""
    flat = plain(text).replace("`", "'")
    for _ in range(3):
        flat = STYLED.sub(r"\2", flat)
    return escape(flat)


def spelled(text: str, names: Names) -> str:
    """Return a sentence of the bot's own with the names of the people it mentions, for where nothing is parsed."""
    return NAMED.sub(lambda found: names(found[1]), text)


def escape_but_mentions(text: str) -> str:
    """Return a sentence of the bot's own, escaped but for mentions of people, groups and channels."""
    return MENTION.sub(r"<\1>", escape(text))


def clamp(text: str, limit: int) -> str:
    """Return at most `limit` characters; a cut never falls inside an entity or a mention."""
    if len(text) <= limit:
        return text
    return CUT_ENTITY.sub("", text[: limit - 1]) + "…"


def clamp_words(text: str, limit: int) -> str:
    """Return at most `limit` characters of one line, cut between words where that is possible."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:.") + "…"


def clamp_lines(lines: Iterable[str], limit: int) -> str:
    """Return as many lines as fit, then how many more there are."""
    rows = list(lines)
    tail = 24
    kept: list[str] = []
    used = 0
    for row in rows:
        cut = clamp(row, 600)
        if used + len(cut) + 1 > limit - tail:
            break
        kept.append(cut)
        used += len(cut) + 1
    missing = len(rows) - len(kept)
    return "\n".join([*kept, f"… {missing:,} more"] if missing else kept)


def sentence(text: str) -> str:
    """Return one line with a full stop at its end."""
    line = " ".join(text.split())
    return line if line.endswith((".", "!", "?", "…")) else f"{line}."


def counted(number: int, noun: str) -> str:
    """Return `1 key`, `1,204 keys`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def size(number: int) -> str:
    """Return bytes as people read them: `812 B`, `3.1 MB`."""
    value = float(number)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:,.0f} {unit}" if unit == "B" else f"{value:,.1f} {unit}"
        value /= 1000
    return f"{number:,} B"


def moment(at: datetime) -> str:
    """Return a time that each reader sees in their own zone, with UTC where Slack cannot."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at:%Y-%m-%d %H:%M} UTC>"


def zoned(text: str) -> str:
    """Return a sentence of the bot's own whose full times in UTC each reader sees in their own zone."""
    return FULL_TIME.sub(_zoned, text)


def _zoned(found: re.Match[str]) -> str:
    try:
        return moment(datetime.fromisoformat(f"{found[1]}T{found[2]}+00:00"))
    except ValueError:
        return found[0]  # a day that no calendar has: somebody wrote it


def mention(person: str) -> str:
    """Return a mention that calls the person; `terminal:ana` is a name and calls nobody."""
    if re.fullmatch(r"[UW][A-Z0-9]{2,20}", person):
        return f"<@{person}>"
    if re.fullmatch(r"S[A-Z0-9]{2,20}", person):
        return f"<!subteam^{person}>"
    return at_terminal(person)


def named(names: Names, person: str) -> str:
    """Return a person's name, safe in mrkdwn; calls them only where the name is not known."""
    shown = names(person)
    return shown if shown == mention(person) else escape(shown)


def at_terminal(person: str) -> str:
    """Return how someone without a Slack id is named."""
    kind, _, name = person.partition(":")
    return escape(f"{name} at the terminal" if kind == "terminal" and name else person)


def phrase(state: str) -> str:
    """Return a state of the ledger in words: `rolling_back` is `rolling back`."""
    return state.replace("_", " ")
