"""What people type in Slack, as a verb and its words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.release.refusal import Code, Refusal
from bot.release.words import Words, parse_words, split_text

LONGEST = 2000
VERB = re.compile(r"^[a-z][a-z-]{0,30}$")
PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
CHANNEL = re.compile(r"<#([CG][A-Z0-9]+)(?:\|[^>]*)?>")
LINK = re.compile(r"<(?:https?|mailto):([^|>]*)(?:\|([^>]*))?>")
ASSIGNED = re.compile(r'(?<!\S)(--[a-z][a-z-]*)=(?=["\S])')
DASHES = re.compile(r"(?<!\S)[—–](?=[a-z])")
APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")
STAND_IN = "\ue000"


@dataclass(frozen=True, kw_only=True)
class Typed:
    """One typed request."""

    verb: str
    words: Words


def parse_text(text: str) -> Typed:
    """Return what the text of a slash command asks for; no text asks for help."""
    if len(text) > LONGEST:
        raise Refusal(
            code=Code.BAD_REQUEST,
            failed=f"{len(text):,} characters are too many.",
            expected=f"at most {LONGEST:,}.",
            retry_is_safe=True,
        )
    parts = [_plain(part) for part in split_text(_prepared(text))]
    first = parts[0].lower().rstrip(".,!?:") if parts else "help"
    if not VERB.match(first):
        raise Refusal(
            code=Code.BAD_REQUEST,
            failed=f"{parts[0][:40] or 'Nothing'} is no verb.",
            expected="a verb first, as in `status` or `rollback R-42`; `help` lists them.",
            retry_is_safe=True,
        )
    return Typed(verb=first, words=parse_words(parts[1:]))


def parse_mention(text: str, bot: str | None) -> Typed:
    """Return what a message that mentions the bot asks for; the mention itself is no word of it."""
    if bot is None:
        return parse_text(PERSON.sub(" ", text, count=1))
    return parse_text(re.sub(rf"<@{re.escape(bot)}(?:\|[^>]*)?>[:,]?", " ", text))


def _prepared(text: str) -> str:
    """Bring Slack's own notation into words that hold no blanks, and spare apostrophes from the quotes."""
    text = text.replace(STAND_IN, "").replace("\\", "").replace("\0", "")
    text = PERSON.sub(r"<@\1>", text)
    text = CHANNEL.sub(r"<#\1>", text)
    text = LINK.sub(lambda link: link[2] or link[1], text)
    text = DASHES.sub("--", text)
    text = ASSIGNED.sub(r"\1 ", text)
    return APOSTROPHE.sub(STAND_IN, text)


def _plain(part: str) -> str:
    """Undo Slack's escapes and the stand-in for apostrophes."""
    part = part.replace(STAND_IN, "'")
    return part.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def shown_text(message: Mapping[str, Any]) -> str:
    """Return the text of a message as it is read, with Slack's escapes undone and links by their names."""
    text = LINK.sub(lambda link: link[2] or link[1], str(message.get("text") or ""))
    return _plain(text)
