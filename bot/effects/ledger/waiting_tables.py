"""The ledger's tables about the keys that live releases hold, who waits for them, and what people are told."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Table, Text

from bot.effects.ledger.columns import METADATA, UtcTime, maybe, needed, one_of
from bot.effects.ledger.tables import RELEASE
from bot.release.queueing import Wants

RELEASE_SCOPE = Table(
    "release_scope",
    METADATA,
    needed("release_id", ForeignKey(RELEASE.c.id), "Which release?", primary_key=True),
    needed("position", Integer, "Which of its patterns, from 0?", primary_key=True),
    needed("place", String, "In which Redis? The catalog's name for its address."),
    needed("pattern", String, "Which keys may it take?"),
    comment="The keys that a release may take; no two live releases share one.",
)

WAITING = Table(
    "waiting",
    METADATA,
    needed("id", Integer, "In which order did they come?", primary_key=True),
    needed("app", String, "Which app do they want to release?"),
    needed("environment", String, "Where?"),
    needed("routes", JSON, "Which routes?"),
    needed("place", String, "In which Redis?"),
    needed("patterns", JSON, "Which keys are that?"),
    needed("who", String, "Who waits?"),
    needed("wants", String, "A place in the queue, or only word that it is free?"),
    maybe("behind", ForeignKey(RELEASE.c.id), "Behind which release? Empty: none.", index=True),
    needed("asked_at", UtcTime, "Since when?"),
    maybe("told_at", UtcTime, "When were they told that it is free? Empty: not yet."),
    maybe("ended_at", UtcTime, "When did the waiting end? Empty: it has not."),
    one_of("wants", Wants),
    Index(None, "ended_at", "id"),
    comment="Who waits for keys that a live release holds; first come, first told.",
    sqlite_autoincrement=True,
)

NOTICE = Table(
    "notice",
    METADATA,
    needed("key", String, "Which message? From its meaning: told twice is once.", primary_key=True),
    maybe("recipient", String, "Who is told? Empty: the thread of the release."),
    maybe("about", ForeignKey(RELEASE.c.id), "About which release? Empty: none.", index=True),
    needed("body", Text, "What is said? Canonical JSON: text, lines, offers, files."),
    needed("at", UtcTime, "When was it decided?"),
    comment="What one person or one thread is told, once; the outbox sends it.",
)
