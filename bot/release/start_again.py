"""What an earlier release gives to the form of the next one: scope, owners and texts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.release.catalog import Catalog
from bot.release.records import Release, Story
from bot.release.start_form import StepTexts


def last_release(rows: Iterable[Release], catalog: Catalog, *, who: str | None) -> Release | None:
    """Return the newest release whose routes the catalog still has; with `who`, one that they started or own."""
    for row in rows:
        if who is not None and who not in {row.starter, row.owner}:
            continue
        if is_known(row, catalog):
            return row
    return None


def is_known(row: Release, catalog: Catalog) -> bool:
    """Return whether the catalog still has the release's app, environment and routes."""
    app = catalog.apps.get(row.app)
    if app is None or row.environment not in app.environments:
        return False
    return set(row.routes) <= {*app.routes}


def given_again(row: Release) -> dict[str, str]:
    """Return the scope of a release as the values of the form's fields."""
    return {
        "app": row.app,
        "environment": row.environment,
        "routes": ",".join(f"{row.app}/{route}" for route in row.routes),
    }


def texts_again(texts: Iterable[StepTexts], story: Story) -> tuple[StepTexts, ...]:
    """Return the steps' texts as a release had them; a kind that it did not have keeps its own."""
    had = {step.kind: step for step in story.steps}
    return tuple(
        row
        if row.kind not in had
        else replace(
            row, expected=had[row.kind].expected, rollback_note=had[row.kind].rollback_note
        )
        for row in texts
    )


def owners_again(story: Story) -> dict[str, str]:
    """Return the owners of the steps that somebody else than the release's owner had."""
    return {
        f"owner_{step.kind}": step.owner
        for step in story.steps
        if step.owner != story.release.owner
    }
