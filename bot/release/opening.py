"""What must be true before a release is opened, and what is said where it is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.release.catalog import App, Catalog, Route
from bot.release.checklist import current_step
from bot.release.finding import find_routes, patterns_of
from bot.release.freezes import Window, frozen
from bot.release.generation import generation_keys
from bot.release.large_purge import approvals_more
from bot.release.locking import place_fields
from bot.release.offers import Offer
from bot.release.records import Lost, NewRelease, Release, Story
from bot.release.refusal import Code, Refusal
from bot.release.states import ReleaseState

LONGEST_REASON = 300


def scope_of(
    catalog: Catalog, app: str, environment: str, routes: Iterable[str]
) -> tuple[str, tuple[str, ...]]:
    """Return which Redis the routes live in, by the catalog's name for it, and the patterns of all their keys."""
    part = catalog.apps[app]
    found: tuple[tuple[str, Route], ...] = find_routes(part, routes)
    return part.environments[environment].redis, (*patterns_of(found), *generation_keys(found))


def approvals_needed(app: App, release: Release, plan: Mapping[str, Any] | None = None) -> int:
    """Return how many different people must approve; a hotfix needs one more, and so does a large plan."""
    return app.approvals + (release.hotfix is not None) + approvals_more(plan)


def frozen_words(window: Window) -> str:
    """Return why it is frozen and until when."""
    end = "" if window.reason[-1:] in {".", "!", "?"} else "."
    return f"frozen until {window.until:%Y-%m-%d %H:%M} UTC: {window.reason}{end}"


def refuse_frozen(
    catalog: Catalog, app: str, environment: str, at: datetime, *, what: str, way: str
) -> None:
    """Refuse what a freeze forbids; `way` is the sentence on how a hotfix goes on."""
    window = frozen(catalog, app, environment, at)
    if window is None:
        return
    raise Refusal(
        code=Code.FROZEN,
        failed=f"{what}: {app} {environment} is {frozen_words(window)}",
        expected=f"a moment outside the freeze, or a hotfix with one approval more: {way}",
        retry_is_safe=True,
    )


def prepared(
    new: NewRelease, catalog: Catalog, fields: Mapping[str, str], at: datetime
) -> NewRelease:
    """Return the release with the keys it will hold; refuse it in a freeze, unless it is a hotfix."""
    place, patterns = scope_of(catalog, new.app, new.environment, new.routes)
    new = replace(new, place=place, scope=patterns)
    reason = fields.get("hotfix", "").strip()[:LONGEST_REASON]
    if frozen(catalog, new.app, new.environment, at) is None:
        return new
    if not reason:
        refuse_frozen(
            catalog, new.app, new.environment, at, what="Not started", way='`--hotfix "why"`.'
        )
    refuse_unapprovable(catalog.apps[new.app])
    return replace(new, hotfix=reason)


def refuse_unapprovable(app: App) -> None:
    """Refuse a hotfix that nobody could approve: it needs one person more than the app names."""
    people = set(app.approvers)
    if any(name.startswith("S") for name in people) or len(people) > app.approvals:
        return
    raise Refusal(
        code=Code.FROZEN,
        failed=f"Not a hotfix: it needs {app.approvals + 1} approvals, and the catalog names "
        f"{len(people)} {'approver' if len(people) == 1 else 'approvers'}.",
        expected="one approver more in the catalog, or a moment outside the freeze.",
        retry_is_safe=True,
    )


def stands(story: Story) -> str:
    """Return where a release is, in a few words: `open, step 3 of 5 is judged`."""
    state = story.release.state.replace("_", " ")
    step = current_step(story) if story.release.state is ReleaseState.OPEN else None
    return (
        state if step is None else f"{state}, step {step.number} of {len(story.steps)} {step.state}"
    )


def refuse_lost(lost: Lost, new: NewRelease, other: Story | None) -> Refusal:
    """Return what the one who came second is told, with the release that holds the keys and what can be done."""
    told = f"Not started: {lost.what}."
    if other is not None:
        row = other.release
        told = f"{told} {row.name} “{row.title}” belongs to <@{row.owner}> and is {stands(other)}."
    queue = Offer(
        label="Queue",
        verb="queue",
        fields=place_fields(new.app, new.environment, new.routes),
    )
    offers: tuple[Offer, ...] = (queue,)
    if lost.release is not None:
        offers = (
            Offer(
                label="Notify me",
                verb="notify",
                fields=place_fields(new.app, new.environment, new.routes),
            ),
            queue,
            Offer(label="Ask for it", verb="ask", release=lost.release),
        )
    return Refusal(
        code=Code.SCOPE_BUSY,
        failed=told,
        expected="routes that no live release holds; finish, roll back or abandon that one first."
        if lost.release is not None
        else "your turn in the queue.",
        retry_is_safe=True,
        offers=offers,
        about=lost.release,
    )
