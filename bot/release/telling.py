"""How an action ended, in plain sentences for a terminal."""

from __future__ import annotations

from bot.release.generation import undone_words
from bot.release.records import Action, ActionKind, ActionState
from bot.release.wave_plan import came_back

SUBJECTS = {
    ActionKind.CHECK: "Response time",
    ActionKind.HEADERS: "Cache headers",
    ActionKind.PREVIEW: "Purge, counted only",
    ActionKind.VERIFY_SNAPSHOT: "Snapshot",
    ActionKind.DRILL: "Drill of the rollback",
    ActionKind.REHEARSE: "Rehearsal",
    ActionKind.RUN_STEP: "Step",
    ActionKind.PURGE: "Purge",
    ActionKind.ROLLBACK: "Rollback",
}


def told(action: Action) -> tuple[str, ...]:
    """Return the lines a person reads when the action has ended."""
    if action.state is not ActionState.DONE:
        return _told_failure(action)
    if action.kind is ActionKind.ROLLBACK:
        return _told_rollback(action)
    if action.kind is ActionKind.PURGE:
        result = action.result
        moved = tuple(f"Set: {line}." for line in result.get("generations", ()))
        if result["snapshot"] is None:
            return moved
        return (
            *moved,
            f"{result['taken']:,} keys taken out, {result['left']:,} left, "
            f"in {result['seconds']:.1f} s. Snapshot {result['snapshot']}.",
            *([came_back(result["left"], result.get("old"))] if result["left"] else []),
        )
    measured = str(action.result.get("actual", "")).splitlines()
    outcome = f"{SUBJECTS[action.kind]}: {action.result['outcome'].upper()}"
    return (f"{outcome}. {action.result['evidence']}", *measured)


def _told_failure(action: Action) -> tuple[str, ...]:
    result = action.result
    retry = "Retry is safe." if result["retry_is_safe"] else "Do not retry before looking."
    word = "is not known to have ended" if action.state is ActionState.UNKNOWN else "failed"
    return (
        f"{SUBJECTS[action.kind]} {word}: {result['failed']}",
        f"Expected: {result['expected']}",
        retry,
    )


def _told_rollback(action: Action) -> tuple[str, ...]:
    result = action.result
    lines = [
        f"R-{action.release_id} rolled back: {result['restored']:,} of {result['expected']:,} keys "
        f"restored in {result['seconds']:.1f} s."
    ]
    counts = {
        "purged_new": "written by the new release, taken out",
        "kept_fresher": "written again by the old version, kept",
        "expired": "past their time, stay gone",
        "failed": "could not be put back",
    }
    lines += [f"{_keys(result[name])} {text}" for name, text in counts.items() if result[name]]
    lines += [f"{undone_words(row)}." for row in result.get("generations", ())]
    lines.append(
        "The app's version was left as it is."
        if result["hook"] == "none"
        else f"Deploy command: {result['hook']}"
    )
    lines.append("The app is locked until someone unlocks it.")
    return tuple(lines)


def _keys(number: int) -> str:
    return f"{number:,} {'key' if number == 1 else 'keys'}"
