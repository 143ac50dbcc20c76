"""The ledger's table of what stands in place of pruned entries of the audit."""

from __future__ import annotations

from sqlalchemy import Integer, String, Table

from bot.effects.ledger.columns import METADATA, UtcTime, needed

AUDIT_STONE = Table(
    "audit_stone",
    METADATA,
    needed("seq", Integer, "Up to which entry was pruned?", primary_key=True, autoincrement=False),
    needed("hash", String, "What was that entry's hash? The chain goes on from it."),
    needed("entries", Integer, "How many entries went?"),
    needed("at", UtcTime, "When?"),
    needed("by", String, "Who pruned?"),
    needed("digest", String, "What is the SHA-256 of the exported lines?"),
    needed("signature", String, "The HMAC over all of this, with a key outside the database."),
    comment="What stands for a beginning of the audit that was exported and pruned; append-only.",
)
