"""The ledger's table of the reminders that went out, and what became of each."""

from __future__ import annotations

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Table

from bot.effects.ledger.columns import METADATA, UtcTime, maybe, needed, one_of
from bot.effects.ledger.tables import RELEASE
from bot.release.reminders import Answer, Kind

REMINDER = Table(
    "reminder",
    METADATA,
    needed("key", String, "Which reminder? Also the name of its message.", primary_key=True),
    needed("release_id", ForeignKey(RELEASE.c.id), "Of which release?", index=True),
    needed("wait", String, "What is waited for? The same as long as it is the same wait."),
    needed("kind", String, "What for?"),
    maybe("step", Integer, "For which line of the checklist? Empty: for none."),
    needed("stage", Integer, "Which of the moments of this wait was it, from 1?"),
    needed("person", String, "Who was reminded?"),
    needed("sent_at", UtcTime, "When?"),
    needed("can_wait", Boolean, "Does it keep to working hours?"),
    maybe("answer", String, "What became of it? Empty: nothing yet."),
    maybe("answered_at", UtcTime, "When was that?"),
    maybe("again_at", UtcTime, "When is the person reminded again? Empty: it is not snoozed."),
    maybe("passed_to", String, "To whom was it handed over? Empty: to nobody."),
    one_of("kind", Kind),
    one_of("answer", Answer),
    Index(None, "kind", "release_id"),
    comment="Who was reminded of what, and what they answered; each reminder goes out once.",
)
