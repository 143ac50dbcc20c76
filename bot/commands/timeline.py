"""Say who did what when on one release."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.offers import Offer
from bot.release.people import Person
from bot.release.timeline import moment_line, timeline

ON_A_SCREEN = 8
MOST = 1000


class Timeline:
    """`timeline R-7`: the newest page of it, with buttons to the others; a terminal gets all of it."""

    verb = "timeline"
    usage = "timeline [R-42]"
    summary = "Say who did what when on a release, and what people noted."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may look."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Read the audit and the notes, and say one page of them."""
        story = tools.find_story(ask)
        rows = timeline(story, tools.ledger.audit(story.release.id, MOST))
        name = story.release.name
        if ask.who.terminal:
            lines = tuple(map(moment_line, rows))
            return Said(text=f"Timeline of {name}.", lines=lines, release=story.release.id)
        pages = max(1, -(-len(rows) // ON_A_SCREEN))
        typed = ask.fields.get("page", "")
        page = min(max(int(typed), 1), pages) if typed.isdecimal() and len(typed) < 5 else pages
        shown = rows[(page - 1) * ON_A_SCREEN : page * ON_A_SCREEN]
        return Said(
            text=f"Timeline of {name}, page {page} of {pages}."
            if pages > 1
            else f"Timeline of {name}.",
            lines=tuple(map(moment_line, shown)),
            release=story.release.id,
            offers=_beside(story.release.id, page, pages),
        )


def _beside(release: int, page: int, pages: int) -> tuple[Offer, ...]:
    places = (("Older", page - 1), ("Newer", page + 1))
    pages_beside = tuple(
        Offer(label=label, verb="timeline", release=release, fields={"page": str(place)})
        for label, place in places
        if 1 <= place <= pages
    )
    return (*pages_beside, Offer(label="Add a note", verb="note", release=release))


COMMAND: Command = Timeline()
