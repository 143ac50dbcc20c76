"""The ledger's tables about webhooks: what goes out, what came in, and what it said of a step."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Table, Text

from bot.effects.ledger.columns import METADATA, UtcTime, maybe, needed
from bot.effects.ledger.tables import RELEASE

WEBHOOK_OUT = Table(
    "webhook_out",
    METADATA,
    needed("id", Integer, "In which order did they happen?", primary_key=True),
    needed(
        "event_id", String, "Which event, to which hook? Sent along with each try.", unique=True
    ),
    needed("release_id", ForeignKey(RELEASE.c.id), "Of which release?", index=True),
    needed("app", String, "Of which app?"),
    needed("hook", Integer, "To which of the app's webhooks, from 0?"),
    needed("body", Text, "What is sent? JSON, the same at each try."),
    needed("asked_at", UtcTime, "When did it happen?"),
    needed("attempts", Integer, "How often was it tried?"),
    maybe("retry_at", UtcTime, "When is it tried again?"),
    maybe("claim", BigInteger, "Which sending has it now?", unique=True),
    maybe("claimed_until", UtcTime, "Until when is it that sending's?"),
    maybe("error", Text, "Why did the last try fail?"),
    maybe("sent_at", UtcTime, "When was it taken? Empty: not yet."),
    maybe("dead_at", UtcTime, "When was it given up? Empty: it was not."),
    Index(None, "sent_at", "dead_at", "id"),
    comment="Events that other systems are told, in the order in which they happened.",
    sqlite_autoincrement=True,
)

WEBHOOK_IN = Table(
    "webhook_in",
    METADATA,
    needed("app", String, "For which app?", primary_key=True),
    needed(
        "event_id", String, "Which call? A second one with this id is refused.", primary_key=True
    ),
    needed("received_at", UtcTime, "When did it come?"),
    maybe("release_id", ForeignKey(RELEASE.c.id), "Which release did it lead to? Empty: none yet."),
    Index(None, "app", "received_at"),
    comment="Calls that came in from other systems, so that none is carried out twice.",
)

EVIDENCE = Table(
    "evidence",
    METADATA,
    needed("key", String, "Which report? Reported twice is once.", primary_key=True),
    needed("release_id", ForeignKey(RELEASE.c.id), "Of which release?", index=True),
    needed("step", Integer, "On which line of its checklist?"),
    needed("outcome", String, "Pass, fail or unsure, in the words of the one who reports?"),
    needed("text", Text, "What was seen?"),
    maybe("link", Text, "Where can it be read? Empty: nowhere."),
    needed("by", String, "Who reported it?"),
    needed("at", UtcTime, "When?"),
    comment="What other systems and people report of a step; it approves nothing.",
)
