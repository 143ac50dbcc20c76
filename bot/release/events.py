"""What other systems can be told of a release."""

from __future__ import annotations

from enum import StrEnum


class Event(StrEnum):
    """What a webhook can be told: the closed list that docs/reference/webhooks.md explains."""

    RELEASE_STARTED = "release.started"
    STEP_JUDGED = "step.judged"
    STEP_APPROVED = "step.approved"
    STEP_DONE = "step.done"
    STEP_SKIPPED = "step.skipped"
    STEP_STOPPED = "step.stopped"
    STEP_PURGED = "step.purged"
    RELEASE_WATCHED = "release.watched"
    RELEASE_ROLLING_BACK = "release.rolling_back"
    RELEASE_ROLLED_BACK = "release.rolled_back"
    RELEASE_ROLLBACK_FAILED = "release.rollback_failed"
    RELEASE_ENDED = "release.ended"
    RELEASE_ABANDONED = "release.abandoned"
