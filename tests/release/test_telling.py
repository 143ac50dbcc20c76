from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.release.records import Action, ActionKind, ActionState, Json
from bot.release.telling import told

ROLLBACK = {
    "restored": 13010,
    "expected": 13012,
    "seconds": 0.61,
    "purged_new": 1,
    "kept_fresher": 2,
    "expired": 0,
    "failed": 0,
    "hook": "ran --to v1",
}
REFUSED = {
    "code": "redis_unreachable",
    "failed": "Redis does not answer.",
    "expected": "a server that answers.",
    "retry_is_safe": True,
}


def _action(kind: ActionKind, result: Json, state: ActionState = ActionState.DONE) -> Action:
    return Action(
        key="k",
        kind=kind,
        partition="p",
        release_id=1,
        step=None,
        args={},
        channel=None,
        asked_by="terminal:ana",
        asked_at=datetime(2026, 3, 1, tzinfo=UTC),
        state=state,
        result=result,
    )


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (
            _action(ActionKind.ROLLBACK, ROLLBACK),
            (
                "R-1 rolled back: 13,010 of 13,012 keys restored in 0.6 s.",
                "1 key written by the new release, taken out",
                "2 keys written again by the old version, kept",
                "Deploy command: ran --to v1",
                "The app is locked until someone unlocks it.",
            ),
        ),
        (
            _action(
                ActionKind.PURGE,
                {"taken": 1200, "left": 0, "seconds": 0.25, "snapshot": "r1-s1-v3"},
            ),
            ("1,200 keys taken out, 0 left, in 0.2 s. Snapshot r1-s1-v3.",),
        ),
        (
            _action(
                ActionKind.HEADERS,
                {"outcome": "pass", "evidence": "All rules hold.", "actual": "/a  200\n/b  200"},
            ),
            ("Cache headers: PASS. All rules hold.", "/a  200", "/b  200"),
        ),
        (
            _action(ActionKind.PURGE, REFUSED, ActionState.FAILED),
            (
                "Purge failed: Redis does not answer.",
                "Expected: a server that answers.",
                "Retry is safe.",
            ),
        ),
        (
            _action(ActionKind.ROLLBACK, {**REFUSED, "retry_is_safe": False}, ActionState.UNKNOWN),
            (
                "Rollback is not known to have ended: Redis does not answer.",
                "Expected: a server that answers.",
                "Do not retry before looking.",
            ),
        ),
    ],
    ids=["rollback", "purge", "look", "failed", "unknown"],
)
def test_an_end_is_told_in_sentences(action: Action, expected: tuple[str, ...]) -> None:
    assert told(action) == expected
