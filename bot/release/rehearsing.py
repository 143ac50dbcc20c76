"""The rehearsal of a release on another environment: where, how it is asked for, and whether it counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.release.catalog import App, Catalog
from bot.release.records import (
    ENDED_ACTION,
    Action,
    ActionKind,
    ActionState,
    Json,
    Outcome,
    Release,
    Story,
)
from bot.release.refusal import Code, Refusal
from bot.release.states import ReleaseState

USUAL = "staging"
NEVER = "it was not rehearsed yet"


def rehearsal_of(app: App, environment: str) -> str | None:
    """Return the environment on which releases of this one are rehearsed: what the catalog says.

    Without that, production is rehearsed on staging; None where there is no such place.
    """
    place = app.environments.get(environment)
    if place is not None and place.rehearsal is not None:
        return place.rehearsal
    return USUAL if environment == "production" and USUAL in app.environments else None


def scope_key(app: str, environment: str, routes: Sequence[str]) -> str:
    """Return what all rehearsals of a scope have in common: `rehearse:shop:production:cart+products`."""
    return f"{ActionKind.REHEARSE}:{app}:{environment}:{'+'.join(sorted(set(routes)))}"


def rehearsal_request(
    scope: Json,
    *,
    before: Sequence[Action],
    by: str,
    at: datetime,
    channel: str | None,
) -> Action:
    """Return the work of one rehearsal; two presses at once have the same key, and one of them is done.

    `scope` has app, environment (the one that is rehearsed for), on (where), routes, catalog_hash, previous,
    release (its number, or None) and hours (for how many it counts); `before` are the earlier rehearsals of the
    scope, newest first.
    """
    number = 1 + max((int(row.args["number"]) for row in before), default=0)
    key = f"{scope_key(scope['app'], scope['environment'], scope['routes'])}:{number}"
    return Action(
        key=key,
        kind=ActionKind.REHEARSE,
        partition=f"{scope['app']}/{scope['on']}",
        release_id=None,
        step=None,
        args={**scope, "number": number},
        channel=channel,
        asked_by=by,
        asked_at=at,
    )


def card_of(action: Action) -> str:
    """Return the message of work outside a release; a rehearsal that a release asked for is in its thread."""
    release = action.args.get("release") if action.kind is ActionKind.REHEARSE else None
    return f"action:{action.key}" if release is None else f"rehearsal:{release}"


def cards_beside(action: Action) -> tuple[str, ...]:
    """Return every message that shows work outside a release; for a rehearsal also the card of its release."""
    release = action.args.get("release") if action.kind is ActionKind.REHEARSE else None
    return (card_of(action), *(() if release is None else (f"root:{release}",)))


def running(rehearsals: Iterable[Action]) -> Action | None:
    """Return the rehearsal that has not ended."""
    return next((row for row in rehearsals if row.state not in ENDED_ACTION), None)


def last_ended(rehearsals: Iterable[Action]) -> Action | None:
    """Return the newest rehearsal that has ended, however."""
    return next((row for row in rehearsals if row.state in ENDED_ACTION), None)


def well(action: Action | None) -> bool:
    """Return whether a rehearsal came to its end and failed nowhere; unsure is for the person who looks at it."""
    if action is None or action.state is not ActionState.DONE:
        return False
    return str(action.result.get("outcome")) != Outcome.FAIL


def why_not(
    rehearsals: Sequence[Action], catalog_hash: str, at: datetime, hours: int
) -> str | None:
    """Return why the newest rehearsal that ended opens nothing, as half a sentence; None where it counts."""
    newest = last_ended(rehearsals)
    if newest is None:
        return NEVER
    if not well(newest):
        return "its last rehearsal failed"
    if newest.result["numbers"]["catalog_hash"] != catalog_hash:
        return "the catalog was changed since its last rehearsal"
    if newest.ended_at is None or at - newest.ended_at > timedelta(hours=hours):
        return f"its last rehearsal is older than {hours} hours"
    return None


def is_gated(app: App, environment: str, *, steps: int, hours: int) -> bool:
    """Return whether a release needs a rehearsal first: a whole checklist, where there is a place for it."""
    return hours > 0 and steps > 1 and rehearsal_of(app, environment) is not None


def has_begun(story: Story) -> bool:
    """Return whether a step of the release was run: what is open then stays open."""
    return any(row.kind is ActionKind.RUN_STEP for row in story.actions)


def waits_for_rehearsal(story: Story, catalog: Catalog, at: datetime, hours: int) -> str | None:
    """Return why the first step does not open, as half a sentence; None where it does."""
    release = story.release
    app = catalog.apps.get(release.app)
    if app is None or not is_gated(app, release.environment, steps=len(story.steps), hours=hours):
        return None
    if story.waiver is not None or has_begun(story):
        return None
    return why_not(story.rehearsals, catalog.hash, at, hours)


def require_rehearsed(story: Story, catalog: Catalog, at: datetime, hours: int) -> None:
    """Refuse the first step of a release that was neither rehearsed nor waived."""
    why = waits_for_rehearsal(story, catalog, at, hours)
    if why is None:
        return
    release = story.release
    on = rehearsal_of(catalog.apps[release.app], release.environment)
    raise Refusal(
        code=Code.REHEARSAL_NEEDED,
        failed=f"Not run: {release.name} opens after a rehearsal on {on}, and {why}.",
        expected=f"`/cache-release rehearse {release.app} {' '.join(release.routes)}` within {hours} "
        f"hours, or an approver's `/cache-release waive {release.name}` with a reason.",
        retry_is_safe=True,
    )


def same_scope(rows: Iterable[Release], action: Action) -> tuple[Release, ...]:
    """Return the open releases that a rehearsal speaks for."""
    args = action.args
    return tuple(
        row
        for row in rows
        if row.state is ReleaseState.OPEN
        and row.environment == args["environment"]
        and set(row.routes) == set(args["routes"])
    )
