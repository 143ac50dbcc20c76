"""The few kinds of Block Kit blocks that the messages are built of, each within Slack's limits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.release.notices import Attached
from bot.slack.views.wording import clamp, plain

Block = dict[str, Any]
Part = Block | list[Block]

HEADER = 150
SECTION = 3000
FIELD = 2000
LABEL = 24
VALUE = 2000
NOTIFICATION = 300
RICH = 2500
CARD_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Card:
    """A message: a full sentence for notifications and screen readers, and what is drawn.

    With `files` it is the message of an upload: Slack shows the text and the files, and no blocks.
    """

    text: str
    blocks: tuple[Block, ...]
    files: tuple[Attached, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Press:
    """What a button asks for; it carries ids and what was seen, never authority."""

    verb: str
    release: int | None = None
    step: int | None = None
    seen: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def value(self) -> str:
        """Return the button's value: JSON with the version of its own form."""
        row = {
            "v": CARD_VERSION,
            "verb": self.verb,
            "release": self.release,
            "step": self.step,
            "seen": self.seen,
            "fields": dict(self.fields) or None,
        }
        kept = {name: value for name, value in row.items() if value is not None}
        return json.dumps(kept, separators=(",", ":"))


def card(text: str, blocks: Iterable[Block | None]) -> Card:
    """Return a card of the blocks that are there; its text is one clamped line."""
    return Card(
        text=clamp(" ".join(text.split()), NOTIFICATION),
        blocks=tuple(block for block in blocks if block is not None),
    )


def header(text: str) -> Block:
    """Return a headline in plain text."""
    return {"type": "header", "text": _plain_text(text, HEADER)}


def section(text: str) -> Block:
    """Return a paragraph; `text` is mrkdwn whose foreign parts are escaped already."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": clamp(text, SECTION)}}


def fields(texts: Sequence[str]) -> Block:
    """Return up to ten short paragraphs in two columns."""
    rows = [{"type": "mrkdwn", "text": clamp(text, FIELD)} for text in texts[:10]]
    return {"type": "section", "fields": rows}


def context(text: str) -> Block | None:
    """Return small print; nothing where there is nothing to say."""
    if not text:
        return None
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": clamp(text, 2000)}]}


def actions(name: str, buttons: Sequence[Block]) -> Block | None:
    """Return a row of at most three buttons; nothing where there is none."""
    if not buttons:
        return None
    return {"type": "actions", "block_id": name, "elements": list(buttons[:3])}


def button(
    label: str, press: Press, *, style: str | None = None, hint: str = "", name: str | None = None
) -> Block:
    """Return a button; `hint` is what a screen reader says, `name` its action id where the verb is not unique."""
    drawn: Block = {
        "type": "button",
        "action_id": name or press.verb,
        "text": _plain_text(label, LABEL),
        "value": press.value,
    }
    if style:
        drawn["style"] = style
    if hint:
        drawn["accessibility_label"] = clamp(plain(hint), 75)
    return drawn


def confirm(title: str, text: str, *, yes: str, no: str) -> Block:
    """Return the question before a dangerous press; the server stays the guard."""
    return {
        "title": _plain_text(title, 100),
        "text": _plain_text(text, 300),
        "confirm": _plain_text(yes, 30),
        "deny": _plain_text(no, 30),
        "style": "danger",
    }


def labelled(label: str, text: str, *, loud: bool = False) -> list[Block]:
    """Return the rich-text elements of `Label: text`, all of it bold where loud; nothing in it is parsed."""
    return [_words(label, bold=True), _words(f": {text}", bold=loud)]


def headline(text: str) -> list[Block]:
    """Return the rich-text element of a bold line that people wrote; nothing in it is parsed."""
    return [_words(text, bold=True)]


def as_is(text: str) -> list[Block]:
    """Return the rich-text elements of lines that are shown as they are, and wrap on a phone."""
    return [_words(text)]


def preformatted(text: str) -> Block:
    """Return figures and key names as they are, each line in its place."""
    elements = [{"type": "text", "text": plain(text) or " "}]
    return {"type": "rich_text_preformatted", "elements": elements}


def rich(*parts: Part | None) -> Block:
    """Return one rich-text block: lists of elements are lines, dicts stand between them as they are."""
    drawn: list[Block] = []
    lines: list[list[Block]] = []
    for part in parts:
        if isinstance(part, list):
            lines.append(part)
        elif part is not None:
            drawn += [*_lines(lines), part]
            lines = []
    return {"type": "rich_text", "elements": drawn + _lines(lines)}


def _lines(lines: list[list[Block]]) -> list[Block]:
    elements: list[Block] = []
    for line in lines:
        if elements:
            elements.append(_words("\n"))
        elements += line
    return [{"type": "rich_text_section", "elements": elements}] if elements else []


def _words(text: str, *, bold: bool = False) -> Block:
    element: Block = {"type": "text", "text": clamp(plain(text), RICH) or " "}
    if bold:
        element["style"] = {"bold": True}
    return element


def _plain_text(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": clamp(plain(text), limit) or " ", "emoji": True}
