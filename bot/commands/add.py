"""Add a message that somebody wrote to the timeline of a release."""

from __future__ import annotations

from bot.commands import Ask, Choice, Command, Form, FormField, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.noting import find_note, note_of, noted
from bot.release.people import Person
from bot.release.records import Release
from bot.release.refusal import Code, Refusal
from bot.release.timeline import LONGEST_NOTE
from bot.release.words import RELEASE_NAME

MOST = 100
CARRIED = ("said_channel", "said_ts", "said_by", "said_link")


class Add:
    """The message shortcut “Add to release”: the message with its own time, author and link."""

    verb = "add"
    usage = "add"
    summary = "Add a message to a release's timeline: the shortcut in a message's menu."
    in_help = False

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may say what they saw."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Ask for the release where it is not chosen yet, else record the message."""
        if not ask.fields.get("said_ts"):
            raise Refusal(
                code=Code.BAD_REQUEST,
                failed="Not added: no message was named.",
                expected="“Add to release” in the menu of a message, or `note` with a text.",
                retry_is_safe=True,
            )
        chosen = RELEASE_NAME.match(f"R-{ask.fields.get('chosen', '')}")
        if chosen is None:
            return _form(ask, tools)
        story = tools.ledger.story(int(chosen[1]))
        if story is None:
            raise Refusal(
                code=Code.UNKNOWN_NAME,
                failed=f"There is no R-{chosen[1]}.",
                expected="a release of the list.",
                retry_is_safe=True,
            )
        note = note_of(ask, story, find_note(ask, ask.fields.get("text", "")))
        tools.keep(noted(note), otherwise="Not added")
        return Said(
            text=f"Added to the timeline of {story.release.name}.", release=story.release.id
        )


def _form(ask: Ask, tools: Tools) -> Form:
    live = tools.ledger.releases(live=True, limit=MOST)
    here = None if ask.release is None else tools.ledger.story(ask.release)
    rows = (*(() if here is None or here.release in live else (here.release,)), *live)
    if not rows:
        raise Refusal(
            code=Code.NOT_NOW,
            failed="Not added: no release is live.",
            expected="a live release, or a message in the thread of an older one.",
            retry_is_safe=True,
        )
    first = rows[0] if here is None else here.release
    return Form(
        verb="add",
        title="Add to release",
        submit="Add",
        fields=(
            FormField(
                name="chosen",
                label="Release",
                kind="choice",
                value=str(first.id),
                choices=tuple(Choice(value=str(row.id), label=_label(row)) for row in rows),
            ),
            FormField(
                name="text",
                label="What the timeline says",
                kind="long_text",
                value=" ".join(ask.fields.get("text", "").split())[:LONGEST_NOTE],
                hint="With it stand the author, the time and the link of the message.",
                max_length=LONGEST_NOTE,
            ),
        ),
        carry={name: ask.fields[name] for name in CARRIED if ask.fields.get(name)},
    )


def _label(row: Release) -> str:
    return f"{row.name} · {row.app} {row.environment} · {row.title}"


COMMAND: Command = Add()
