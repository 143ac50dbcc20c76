"""The ledger's tables about releases and what people decided."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Table, Text

from bot.effects.ledger.columns import METADATA, UtcTime, maybe, needed, one_of
from bot.release.records import Outcome
from bot.release.states import ReleaseState, StepState

RELEASE = Table(
    "release",
    METADATA,
    needed("id", Integer, "Which release? The number in R-42.", primary_key=True),
    needed("app", String, "Which app of the catalog is released?"),
    needed("environment", String, "Where: which environment of the app?"),
    needed("title", Text, "What changes, in the words of the one who started it?"),
    needed("starter", String, "Who started it? A Slack user id or terminal:<name>."),
    needed("owner", String, "Who answers for it now?"),
    needed("state", String, "Where is it in its life?"),
    needed("version", Integer, "How often was it changed? A press must have seen this number."),
    needed("channel", String, "In which Slack channel is its thread?"),
    maybe("previous", String, "To which version does the deploy go back? Empty: not known yet."),
    needed("catalog_hash", String, "Which catalog was in force? SHA-256 of it."),
    needed("started_at", UtcTime, "When was it started?"),
    maybe("ended_at", UtcTime, "When did it end? Empty while it is live."),
    maybe("hotfix", Text, "Why does it go on through a freeze? Empty: it does not."),
    one_of("state", ReleaseState),
    Index(None, "app", "environment", "state"),
    Index(None, "state", "id"),
    Index(None, "app", "id"),
    comment="One run of the checklist for some routes of one app.",
    sqlite_autoincrement=True,
)

RELEASE_ROUTE = Table(
    "release_route",
    METADATA,
    needed(
        "release_id", ForeignKey(RELEASE.c.id), "Which release takes the route?", primary_key=True
    ),
    needed("route", String, "Which route of the catalog?", primary_key=True),
    needed("position", Integer, "In which place was it named, from 0?"),
    Index(None, "route", "release_id"),
    comment="The routes of a release; only their keys can be purged.",
)

STEP = Table(
    "step",
    METADATA,
    needed("release_id", ForeignKey(RELEASE.c.id), "Whose checklist is it?", primary_key=True),
    needed("number", Integer, "Which line of the checklist, from 1?", primary_key=True),
    needed("kind", String, "What is done? The name of a file in steps."),
    needed("title", Text, "What does the line say?"),
    needed("owner", String, "Who does it?"),
    needed("expected", Text, "What should be seen?"),
    needed("rollback_note", Text, "How is it undone?"),
    needed("state", String, "Where is the line in its life?"),
    needed("version", Integer, "How often was it changed? A press must have seen this number."),
    maybe("outcome", String, "What is the verdict? Empty: not judged yet."),
    maybe("evidence", Text, "Which sentence supports the verdict?"),
    maybe("actual", Text, "What was measured, beside what was expected?"),
    maybe("numbers", JSON(none_as_null=True), "Which figures were kept of it?"),
    maybe("plan", JSON(none_as_null=True), "What would the purge do? Empty: no purge."),
    maybe("plan_hash", String, "Which plan does an approval bind to? SHA-256 of it."),
    maybe("reason", Text, "Why was it skipped or stopped?"),
    maybe("moved_at", UtcTime, "When was it changed last?"),
    one_of("state", StepState),
    one_of("outcome", Outcome),
    comment="One line of the checklist: owner, expected, actual, rollback note, state.",
)

APPROVAL = Table(
    "approval",
    METADATA,
    needed("release_id", ForeignKey(RELEASE.c.id), "Which release?", primary_key=True),
    needed("step", Integer, "Which line of its checklist?", primary_key=True),
    needed("given_by", String, "Who said yes?", primary_key=True),
    needed("plan_hash", String, "To exactly what? A plan's hash, or a run.", primary_key=True),
    needed("given_at", UtcTime, "When?"),
    maybe(
        "required_from",
        String,
        "For which group or person that is required does it count? Empty: for none.",
    ),
    comment="One person's yes to one step; once for each person and plan.",
)

REHEARSAL_WAIVER = Table(
    "rehearsal_waiver",
    METADATA,
    needed("release_id", ForeignKey(RELEASE.c.id), "Which release may start so?", primary_key=True),
    needed("given_by", String, "Which approver said so?"),
    needed("given_at", UtcTime, "When?"),
    needed("reason", Text, "Why is there no rehearsal?"),
    comment="Releases that may start without a rehearsal; once for each.",
)

SNAPSHOT = Table(
    "snapshot",
    METADATA,
    needed("id", String, "Which snapshot? Also the name of its folder.", primary_key=True),
    needed("release_id", ForeignKey(RELEASE.c.id), "Which release took the keys out?", index=True),
    needed("purpose", String, "Taken by a purge, or forward by a rollback?"),
    needed("state", String, "Is it being written, complete, restored, expired?"),
    needed("keys", BigInteger, "How many keys does it hold?"),
    needed("bytes", BigInteger, "How large is it on disk, in bytes?"),
    needed("created_at", UtcTime, "When was it begun?"),
    needed("expires_at", UtcTime, "Until when can it be restored?", index=True),
    one_of("purpose", ("purge", "forward")),
    comment="The purged keys, restorable until they expire.",
)

APP_LOCK = Table(
    "app_lock",
    METADATA,
    needed("app", String, "Which app may not be released?", primary_key=True),
    needed("environment", String, "In which environment?", primary_key=True),
    needed("reason", Text, "Why?"),
    needed("locked_by", String, "Who locked it?"),
    needed("locked_at", UtcTime, "When?"),
    maybe("until", UtcTime, "Until when? Empty: until somebody unlocks it."),
    maybe("remind_at", UtcTime, "When is the one who locked it reminded next? Empty: never."),
    comment="Apps that may not be released until someone unlocks them.",
)
