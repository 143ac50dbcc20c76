"""Write the record of a release down: a page for people, JSON for machines."""

from __future__ import annotations

import json

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.exporting import record
from bot.release.markdown import page
from bot.release.notices import Attached, Notice
from bot.release.people import Person
from bot.release.records import Change

MOST_ENTRIES = 1000


class Export:
    """`export R-7`: two files in its thread; at the terminal the page, or with --json the record."""

    verb = "export"
    usage = "export R-42"
    summary = (
        "Write a release down: expected, actual, approvals, commands to repeat it, audit hash."
    )
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may look."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Put the files into the thread; a terminal prints them instead."""
        story = tools.find_story(ask)
        release = story.release
        entries = tools.ledger.audit(release.id, MOST_ENTRIES)
        told = record(story, tools.catalog, entries)
        written = page(told)
        if ask.who.terminal:
            first, *rest = written.splitlines()
            return Said(text=first, lines=tuple(rest), release=release.id)
        name = f"{release.name}-{release.app}-{release.environment}"
        notice = Notice(
            key=f"export:{release.id}:{entries[0].seq if entries else 0}:{ask.who.id}",
            to=None,
            about=release.id,
            at=ask.at,
            text=f"The record of {release.name} as it stands now.",
            files=(
                Attached(name=f"{name}.md", content=written),
                Attached(name=f"{name}.json", content=json.dumps(told, indent=2, default=str)),
            ),
        )
        tools.keep(
            Change(
                act="export",
                by=ask.who.id,
                at=ask.at,
                release_id=release.id,
                notices=(notice,),
            ),
            otherwise="Not exported",
        )
        return Said(
            text=f"The record of {release.name} comes into its thread, as two files.",
            release=release.id,
        )


COMMAND: Command = Export()
