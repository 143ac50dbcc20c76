"""The drill of a rollback: how it is asked for, and what its figures say about a real one."""

from __future__ import annotations

from datetime import datetime

from bot.release.checklist import purge_snapshots
from bot.release.plan import plan_from_json
from bot.release.records import Action, ActionKind, Change, Json, Outcome, Release, Story

DRILL = "drill"
BUDGET_S = 20 * 60
MINUTE_S = 60
BOT = "cache-release"


def drill_request(
    release: Release, *, key: str, by: str, at: datetime, channel: str | None
) -> Action:
    """Return the work of one drill; it runs beside the release's own work, so that no rollback waits for it."""
    return Action(
        key=key,
        kind=ActionKind.DRILL,
        partition=f"drill:{release.app}/{release.environment}",
        release_id=None,
        step=None,
        args={
            "app": release.app,
            "environment": release.environment,
            "routes": list(release.routes),
            "release": release.id,
        },
        channel=channel,
        asked_by=by,
        asked_at=at,
    )


def drill_change(request: Action) -> Change:
    """Return the change that asks for it."""
    return Change(
        act=str(request.kind),
        by=request.asked_by,
        at=request.asked_at,
        body=request.args,
        requests=(request,),
        cards=(f"action:{request.key}",),
    )


def monthly_key(app: str, at: datetime) -> str:
    """Return the key of an app's drill of a calendar month (UTC): asked for twice, it is done once."""
    return f"drill:monthly:{app}:{at:%Y-%m}"


def rollback_s(numbers: Json, keys: int) -> float:
    """Return about how many seconds a rollback of so many keys takes: the walk once, the rest for each key."""
    each = (float(numbers["restore_s"]) + float(numbers["verify_s"])) / max(int(numbers["keys"]), 1)
    return float(numbers["walk_s"]) + each * keys


def timed_keys(numbers: Json) -> str:
    """Return `200 keys in 0.9 s`."""
    keys = int(numbers["keys"])
    return f"{keys:,} {'key' if keys == 1 else 'keys'} in {float(numbers['seconds']):.1f} s"


def budget_words(name: str, numbers: Json, keys: int) -> str:
    """Return how long a rollback of a release would take, beside the 20 minutes that it may."""
    held = "1 key" if keys == 1 else f"{keys:,} keys"
    about = _about(rollback_s(numbers, keys))
    return (
        f"a rollback of {name} ({held}) would take about {about}; the budget is {_about(BUDGET_S)}."
    )


def keys_of(story: Story | None) -> int:
    """Return how many keys a rollback puts back: those that were taken out, before that those of the plan."""
    if story is None:
        return 0
    taken = sum(row.keys for row in purge_snapshots(story))
    planned = (plan_from_json(line.plan).keys for line in story.steps if line.plan is not None)
    return taken or next(planned, 0)


def drill_result(name: str, numbers: Json, keys: int) -> Json:
    """Return what a drill's card says; `keys` is what a rollback would put back, 0 where that is not known yet."""
    if numbers["keys"] == 0:
        evidence = f"{name}: not rehearsed, its scope holds no key now that could be copied."
        return {"outcome": Outcome.UNSURE, "evidence": evidence, "actual": "", "numbers": numbers}
    evidence = f"Rehearsed: {timed_keys(numbers)}."
    if keys:
        evidence = f"Rehearsed; {budget_words(name, numbers, keys)}"
    lines = (
        f"rehearsed: {timed_keys(numbers)}",
        f"taken out by a walk of {_short(numbers['walk_s'])}",
        f"put back in {_short(numbers['restore_s'])}",
        f"compared in {_short(numbers['verify_s'])}",
    )
    return {
        "outcome": Outcome.FAIL if rollback_s(numbers, keys) > BUDGET_S else Outcome.PASS,
        "evidence": evidence,
        "actual": "\n".join(lines),
        "numbers": numbers,
    }


def _short(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _about(seconds: float) -> str:
    if seconds < 2 * MINUTE_S:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / MINUTE_S):,} minutes"
