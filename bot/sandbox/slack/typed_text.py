"""Turns what a person typed into the text that Slack hands to the app."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.sandbox.slack.workspace import Channel, Workspace

ENTITY = re.compile(
    r"<(?:@[UW]\w+|#[CG]\w+|!subteam\^S\w+|!here|!channel|https?://[^<>\s]+)(?:\|[^<>]*)?>"
)
NAMED = re.compile(r"(?<![\w@#<|/])([@#])([\w-]+)")


def escaped(text: str) -> str:
    """Return the text with `& < >` escaped everywhere but in mentions that are written as such."""
    parts: list[str] = []
    end = 0
    for entity in ENTITY.finditer(text):
        parts += [_plain(text[end : entity.start()]), entity.group()]
        end = entity.end()
    return "".join([*parts, _plain(text[end:])])


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def with_mentions(
    text: str, workspace: Workspace, channels: Iterable[Channel], *, with_names: bool
) -> str:
    """Return the text with `@name` and `#channel` as Slack's ids; unknown names stay as typed.

    `with_names` adds the name, `<@U04DEV|dana>`, as slash commands with should_escape get it.
    """
    known: dict[str, tuple[str, str]] = {
        f"@{person.name}": (f"@{person.id}", person.name) for person in workspace.people
    }
    known[f"@{workspace.bot.name}"] = (f"@{workspace.bot.id}", workspace.bot.name)
    known |= {f"@{g.handle}": (f"!subteam^{g.id}", f"@{g.handle}") for g in workspace.groups}
    known |= {f"#{c.name}": (f"#{c.id}", c.name) for c in channels if c.person is None}

    def replace(found: re.Match[str]) -> str:
        if found.group() not in known:
            return found.group()
        target, name = known[found.group()]
        return f"<{target}|{name}>" if with_names else f"<{target}>"

    return NAMED.sub(replace, text)
