"""The ledger's table of who is in a user group, or on call by a schedule."""

from __future__ import annotations

from sqlalchemy import JSON, Integer, String, Table

from bot.effects.ledger.columns import METADATA, UtcTime, maybe, needed

MEMBERSHIP = Table(
    "membership",
    METADATA,
    needed(
        "name", String, "Which user group or schedule? As the catalog names it.", primary_key=True
    ),
    needed("people", JSON, "Who is in it? Slack ids."),
    needed("strangers", Integer, "How many more does it name, whom Slack does not know?"),
    maybe("at", UtcTime, "When was that asked? Empty: only a change is known."),
    maybe("doubted_at", UtcTime, "When did Slack say last that it changed? Empty: never."),
    comment="The last good copy of each user group and schedule, for when Slack or PagerDuty is silent.",
)
