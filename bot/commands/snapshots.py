"""List the snapshots that the ledger knows."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.finding import find_app
from bot.release.people import Person
from bot.release.records import Release, SnapshotRow

RELEASES = 20
PURPOSES = {"purge": "what was purged", "forward": "what the rollback took out"}
STATES = {"open": "not closed", "sealed": "complete"}


class Snapshots:
    """`snapshots shop`: what can still be put back, and until when."""

    verb = "snapshots"
    usage = "snapshots [app]"
    summary = "List the snapshots of the last releases, newest first."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may look."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Read the ledger and say it in lines."""
        app = ask.words[0] if ask.words else None
        if app is not None:
            find_app(tools.catalog, app)
        found = [
            (row, release)
            for release in tools.ledger.releases(app=app, limit=RELEASES)
            for row in _rows(tools, release)
        ]
        found.sort(key=lambda pair: (pair[0].created_at, pair[0].id), reverse=True)
        if not found:
            return Said(text="The last releases left no snapshot.")
        counted = "1 snapshot" if len(found) == 1 else f"{len(found)} snapshots"
        return Said(
            text=f"{counted} of the last {RELEASES} releases, newest first.",
            lines=tuple(_line(row, release) for row, release in found),
        )


def _rows(tools: Tools, release: Release) -> tuple[SnapshotRow, ...]:
    story = tools.ledger.story(release.id)
    return () if story is None else story.snapshots


def _line(row: SnapshotRow, release: Release) -> str:
    until = "" if row.state == "expired" else f", until {row.expires_at:%Y-%m-%d %H:%M} UTC"
    return (
        f"{row.id} · {release.name} · {release.app} {release.environment} · "
        f"{PURPOSES.get(row.purpose, row.purpose)} · {_size(row)} · "
        f"{STATES.get(row.state, row.state)}{until}"
    )


def _size(row: SnapshotRow) -> str:
    """Return what was counted when the snapshot was closed; before that nobody counted."""
    if row.state == "open" and row.keys == 0:
        return "not counted"
    keys = "1 key" if row.keys == 1 else f"{row.keys:,} keys"
    return f"{keys} · {row.bytes:,} bytes captured"


COMMAND: Command = Snapshots()
