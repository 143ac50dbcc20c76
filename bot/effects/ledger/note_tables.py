"""The ledger's table of what people added to a release's timeline."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Table, Text

from bot.effects.ledger.columns import METADATA, UtcTime, maybe, needed
from bot.effects.ledger.tables import RELEASE

NOTE = Table(
    "note",
    METADATA,
    needed("key", String, "Which line? From its message: added twice is once.", primary_key=True),
    needed("release_id", ForeignKey(RELEASE.c.id), "To which release?", index=True),
    needed("text", Text, "What was said?"),
    needed("by", String, "Who added it?"),
    needed("at", UtcTime, "When was it added?"),
    needed("said_by", String, "Who said it?"),
    needed("said_at", UtcTime, "When was it said?"),
    maybe("link", Text, "Where does the message stand? Empty: it is no message of its own."),
    comment="What people added to the timeline of a release.",
)
