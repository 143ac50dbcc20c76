"""What a terminal adds to an answer: what has not ended yet, and the rows behind the sentences."""

from __future__ import annotations

from typing import Protocol

from bot.commands import Ask, Ledger, Said
from bot.release.catalog import Catalog
from bot.release.exporting import record
from bot.release.records import Action, ActionKind, Json
from bot.terminal import facts
from bot.terminal.ending import Ending, How
from bot.terminal.following import how_far

LOOKS = {
    ActionKind.RUN_STEP: "step",
    ActionKind.VERIFY_SNAPSHOT: "proof of the snapshot",
    ActionKind.DRILL: "drill of the rollback",
    ActionKind.REHEARSE: "rehearsal",
    ActionKind.PREVIEW: "count",
}
ROLL_BACK = "cache-release rollback"


class WorkSeen(Ledger, Protocol):
    """The ledger as the terminal reads it: also what has not ended, whoever asked for it."""

    def running(self) -> tuple[Action, ...]:
        """Return what runs now, oldest first."""
        ...


def standing(
    ask: Ask, said: Said, ledger: WorkSeen, catalog: Catalog
) -> tuple[Json, tuple[str, ...]]:
    """Return the facts behind `status`, `history` and `export` for machines, and lines on what has not ended."""
    if ask.verb == "history":
        return _earlier(ask, ledger), ()
    if ask.verb == "export" and said.release is not None:
        told = ledger.story(said.release)
        return {} if told is None else record(told, catalog, ledger.audit(said.release, 1000)), ()
    if ask.verb != "status":
        return {}, ()
    running = ledger.running()
    if said.release is not None:
        running = tuple(row for row in running if row.release_id == said.release)
        story = ledger.story(said.release)
        numbers: Json = {} if story is None else facts.of_story(story)
    else:
        live = ledger.releases(live=True, limit=20)
        numbers = {
            "releases": [facts.of_release(row) for row in live],
            "locks": [facts.of_lock(row) for row in ledger.locks()],
        }
    unended = [facts.of_work(row) for row in running]
    return {**numbers, "not_ended": unended}, tuple(map(_not_ended, running))


def _earlier(ask: Ask, ledger: WorkSeen) -> Json:
    """Return the same page that the sentences show."""
    numbers = {
        name: int(text.lower().removeprefix("r-"))
        for name, text in ask.fields.items()
        if name in {"before", "after"}
    }
    page = ledger.past(
        app=ask.words[0] if ask.words else None,
        route=ask.words[1] if len(ask.words) > 1 else None,
        text=ask.fields.get("text") or None,
        before=numbers.get("before"),
        after=numbers.get("after"),
    )
    return {"releases": [facts.of_past(row) for row in page.rows]}


def what(action: Action) -> str:
    """Return `purge of R-1`, or `check of products, shop production`."""
    kind = LOOKS.get(action.kind, action.kind.replace("_", " "))
    if action.release_id is not None:
        return f"{kind} of R-{action.release_id}"
    args = action.args
    routes = ", ".join(str(route) for route in args.get("routes", ()))
    return f"{kind} of {routes}, {args.get('app')} {args.get('environment')}"


def _not_ended(action: Action) -> str:
    return (
        f"Not ended: {what(action)}, {how_far(action)}; asked by <@{action.asked_by}> "
        f"at {action.asked_at:%H:%M} UTC."
    )


def left_behind(action: Action | None) -> Ending:
    """Return the end of a terminal that was interrupted; the work is recorded and outlives it."""
    if action is None:
        said = "Interrupted. What was recorded stands in the ledger: cache-release status"
        return Ending(how=How.LEFT, lines=(said,))
    said = f"Interrupted. The {what(action)} has not ended: {how_far(action)}."
    if action.release_id is None:
        return Ending(how=How.LEFT, numbers=facts.of_work(action), lines=(said, "It only looks."))
    name = f"R-{action.release_id}"
    undo = () if action.kind is ActionKind.ROLLBACK else (f"To undo: {ROLL_BACK} {name}",)
    return Ending(
        how=How.LEFT,
        release=name,
        numbers=facts.of_work(action),
        lines=(
            said,
            "Nothing is lost: every key that was taken out is in a snapshot.",
            "A bot that runs goes on with it; without one, give the same command again.",
            f"Where it stands: cache-release status {name}",
            *undo,
        ),
    )
