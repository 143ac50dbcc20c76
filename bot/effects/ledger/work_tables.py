"""The ledger's tables about the work, the messages and the audit."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    true,
)

from bot.effects.ledger.columns import METADATA, UtcTime, maybe, needed, one_of
from bot.effects.ledger.tables import RELEASE
from bot.release.records import ActionKind, ActionState, Control
from bot.release.timers import TimerState

OP_STATES = ("started", "done", "failed", "unknown")
PHASES = ("before", "after", "check")

ACTION = Table(
    "action",
    METADATA,
    needed(
        "key", String, "Which work? Made from its meaning: asked twice is once.", primary_key=True
    ),
    needed("kind", String, "What is to be done?"),
    needed("partition", String, "What must not run twice at once?"),
    maybe("release_id", ForeignKey(RELEASE.c.id), "For which release? Empty: none.", index=True),
    maybe("step", Integer, "For which line of its checklist? Empty: none."),
    needed("args", JSON, "With what? Ids and hashes only."),
    maybe("channel", String, "Where is the answer shown? Empty: at a terminal."),
    needed("asked_by", String, "Who asked?"),
    needed("asked_at", UtcTime, "When was it asked?"),
    needed("state", String, "How far is it?"),
    needed("fence", Integer, "How often was it started? An older run stops."),
    needed("progress", JSON, "What did it report last?"),
    needed("result", JSON, "What came out? Empty until it ends."),
    maybe("started_at", UtcTime, "When did it start first?"),
    maybe("ended_at", UtcTime, "When did it end?"),
    needed("control", String, "What was it told: run, pause or stop?", server_default="run"),
    maybe("control_by", String, "Who told it? Empty: nobody yet."),
    maybe("control_at", UtcTime, "When was it told?"),
    maybe("pace", String, "At which pace? Empty: the catalog's."),
    needed("resumed", Integer, "How often did it go on after a pause?", server_default="0"),
    one_of("kind", ActionKind),
    one_of("state", ActionState),
    one_of("control", Control),
    Index(None, "state", "asked_at"),
    comment="Work that was asked for, and how it went.",
)

OP_STEP = Table(
    "op_step",
    METADATA,
    needed("action_key", ForeignKey(ACTION.c.key), "Part of which work?", primary_key=True),
    needed("name", String, "Which effect? For example hook.", primary_key=True),
    needed("state", String, "Started, done, failed, or unknown after a crash?"),
    needed("detail", Text, "What is known of its outcome?"),
    needed("started_at", UtcTime, "When was it started?"),
    maybe("ended_at", UtcTime, "When did it end?"),
    one_of("state", OP_STATES),
    comment="Effects that must never run twice silently, written down before they run.",
)

TIMER = Table(
    "timer",
    METADATA,
    needed("key", String, "Which moment? Also the name of the work it starts.", primary_key=True),
    needed("release_id", ForeignKey(RELEASE.c.id), "Of which release?", index=True),
    needed("kind", String, "What for?"),
    needed("number", Integer, "Which of them, from 1?"),
    needed("due_at", UtcTime, "When is it due?"),
    needed("state", String, "Waited for, fired, done, missed or cancelled?"),
    maybe("fired_at", UtcTime, "When was it acted on? Empty: it was not."),
    one_of("state", TimerState),
    comment="Moments that the clock waits for, such as the minutes of a watch; each is acted on once.",
)

MEASUREMENT = Table(
    "measurement",
    METADATA,
    needed("id", Integer, "Which measurement?", primary_key=True),
    maybe("release_id", ForeignKey(RELEASE.c.id), "For which release? Empty: none.", index=True),
    needed("app", String, "Of which app?"),
    needed("environment", String, "In which environment?"),
    needed("route", String, "Of which route?"),
    needed("kind", String, "What was looked at? The name of a step kind."),
    needed("phase", String, "Before the purge, after it, or a check?"),
    needed("taken_at", UtcTime, "When?"),
    needed("numbers", JSON, "What was seen? Figures only, no page bodies."),
    one_of("phase", PHASES),
    Index(None, "app", "environment", "route", "kind", "taken_at"),
    comment="What a look saw at one time, kept for comparison.",
)

OUTBOX = Table(
    "outbox",
    METADATA,
    needed("card", String, "Which message is to be drawn again?", primary_key=True),
    maybe("release_id", ForeignKey(RELEASE.c.id), "Of which release? Empty: of none.", index=True),
    needed("position", Integer, "In which place of the thread? 0 is the root."),
    needed("generation", Integer, "How often was it asked for? A newer wish outlives a sending."),
    needed("asked_at", UtcTime, "When was it first asked for?"),
    maybe("not_before", UtcTime, "Until when is it held back, to not redraw too often?"),
    maybe("retry_at", UtcTime, "When is it tried again after a failure?"),
    needed("attempts", Integer, "How many sendings failed?"),
    maybe("claim", BigInteger, "Which sending has it now?", unique=True),
    maybe("claimed_by", String, "Which sender?"),
    maybe("claimed_until", UtcTime, "Until when is it that sender's?"),
    maybe("claimed_generation", Integer, "Which wish does that sending carry out?"),
    maybe("error", Text, "Why did the last sending fail?"),
    maybe("dead_at", UtcTime, "When was it given up? Empty: it was not."),
    needed("hurry", Boolean, "Does it go before the redraws of progress?", server_default=true()),
    maybe(
        "unsure_since",
        UtcTime,
        "Since when may it stand in Slack without our knowing? Empty: it does not.",
    ),
    comment="Messages that wait to be drawn; one row a message, the newest wish wins.",
)

WAY_OUT = Table(
    "way_out",
    METADATA,
    needed(
        "name",
        String,
        "Which way out? A method, and the channel where that counts.",
        primary_key=True,
    ),
    needed("recent", JSON, "When was it called lately? Unix seconds."),
    maybe("shut_until", UtcTime, "Until when were we told to wait? Empty: we were not."),
    comment="How fast messages go out, counted over all processes.",
)

MESSAGE = Table(
    "message",
    METADATA,
    needed("card", String, "Which message? For example root:42.", primary_key=True),
    maybe("release_id", ForeignKey(RELEASE.c.id), "Of which release? Empty: of none.", index=True),
    needed("channel", String, "In which Slack channel is it?"),
    needed("ts", String, "Which message is it there? Slack's timestamp."),
    needed("digest", String, "What was drawn? A hash: the same is not sent twice."),
    needed("sent_at", UtcTime, "When was it drawn last?"),
    Index(None, "channel", "ts"),
    comment="Where each message stands in Slack.",
)

AUDIT = Table(
    "audit",
    METADATA,
    needed("seq", Integer, "Which entry? Without gaps.", primary_key=True, autoincrement=False),
    needed("at", UtcTime, "When did it happen?"),
    needed("actor", String, "Who did it?"),
    needed("act", String, "What was done?"),
    maybe("release_id", Integer, "To which release? Empty: to none.", index=True),
    needed("body", Text, "With what? Canonical JSON, no secrets."),
    needed("prev", String, "What is the hash of the entry before?"),
    needed("hash", String, "What is the hash of this entry?"),
    comment="What was done, by whom; append-only, each entry holds the hash of the one before.",
)

AUDIT_HEAD = Table(
    "audit_head",
    METADATA,
    needed("id", Integer, "Always 1: there is one head.", primary_key=True, autoincrement=False),
    needed("seq", Integer, "How many entries were written?"),
    needed("hash", String, "What is the hash of the last entry?"),
    comment="Where the audit ends; shows when its last entries were cut off.",
)
