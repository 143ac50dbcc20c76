"""Add a line to the timeline of a release."""

from __future__ import annotations

from bot.commands import Ask, Command, Form, FormField, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.noting import find_note, note_of, noted
from bot.release.people import Person
from bot.release.timeline import LONGEST_NOTE


class NoteIt:
    """`note the cart is slow` in a thread: the line stands in the timeline, and on the root card."""

    verb = "note"
    usage = "note [R-42] <text>"
    summary = "Add a line to the timeline of a release."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may say what they saw."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Ask for the text where it is missing, else record it; also after the release has ended."""
        story = tools.find_story(ask)
        number = "" if ask.step is None or not ask.words else f"{ask.step} "
        text = f"{number}{' '.join(ask.words)}" or ask.fields.get("text", "")
        if not text and "text" not in ask.fields:
            return Form(
                verb="note",
                title=f"Note on {story.release.name}",
                submit="Add",
                fields=(
                    FormField(
                        name="text",
                        label="What did you see?",
                        kind="long_text",
                        hint="It stands in the timeline with your name and the time.",
                        max_length=LONGEST_NOTE,
                    ),
                ),
                carry={"release": str(story.release.id)},
            )
        note = note_of(ask, story, find_note(ask, text))
        tools.keep(noted(note), otherwise="Not noted")
        return Said(text=f"Noted in the timeline of {story.release.name}.", release=note.release_id)


COMMAND: Command = NoteIt()
