"""What a person is told when the bot does not do what was asked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.release.offers import Offer


class Code(StrEnum):
    """Why something was refused; the closed list that docs/reference/refusals.md explains."""

    BAD_REQUEST = "bad_request"
    UNKNOWN_NAME = "unknown_name"
    NOT_ALLOWED = "not_allowed"
    MOVED_ON = "moved_on"
    NOT_NOW = "not_now"
    ALREADY_ASKED = "already_asked"
    LOCKED = "locked"
    FROZEN = "frozen"
    SCOPE_BUSY = "scope_busy"
    SCOPE_INVALID = "scope_invalid"
    PLAN_CHANGED = "plan_changed"
    PLAN_DRIFTED = "plan_drifted"
    APPROVAL_CLOSED = "approval_closed"
    DRILL_FAILED = "drill_failed"
    REHEARSAL_NEEDED = "rehearsal_needed"
    SNAPSHOT_DAMAGED = "snapshot_damaged"
    SNAPSHOT_EXPIRED = "snapshot_expired"
    SNAPSHOT_TOO_LARGE = "snapshot_too_large"
    SNAPSHOT_UNWRITABLE = "snapshot_unwritable"
    SNAPSHOT_FORMAT = "snapshot_format"
    REDIS_UNREACHABLE = "redis_unreachable"
    REDIS_REFUSED = "redis_refused"
    REDIS_FULL = "redis_full"
    ADDRESS_FORBIDDEN = "address_forbidden"
    HOOK_FAILED = "hook_failed"
    HOOK_UNKNOWN = "hook_unknown"
    OUTCOME_UNKNOWN = "outcome_unknown"
    NOT_SIGNED = "not_signed"
    REPLAYED = "replayed"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    NOT_RECORDED = "not_recorded"
    INTERNAL = "internal"


@dataclass(eq=False)
class Refusal(Exception):
    """A request that was not carried out: what failed, what was expected, is a retry safe.

    `offers` are what the person may do instead; `about` is the release that stands in the way.
    Not frozen: raising an exception assigns its traceback.
    """

    code: Code
    failed: str
    expected: str
    retry_is_safe: bool
    offers: tuple[Offer, ...] = ()
    about: int | None = None

    def __str__(self) -> str:
        """Return the refusal as the sentences a person reads."""
        retry = "Retry is safe." if self.retry_is_safe else "Do not retry before looking."
        return f"{self.failed} Expected: {self.expected} {retry}"
