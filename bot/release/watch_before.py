"""How a release's pages were before its purge, as its watch compares with them."""

from __future__ import annotations

from statistics import median

from bot.release.plan import plan_from_json
from bot.release.records import ActionKind, ActionState, Json, Outcome, Story
from bot.release.timings import read_series
from bot.release.wave_look import Glance, glance_from_json

NEVER = float("inf")


def glance_before(baseline: Json | None, story: Story, route: str, path: str) -> Glance | None:
    """Return how a route's page was: as measured before the release, else before the first wave of its purge."""
    kept = (baseline or {}).get("routes", {}).get(route)
    series = read_series(kept, path)
    if series is None or not series.page:
        return _before_the_waves(story)
    misses = series.counted.misses
    return Glance(
        requests=len(series.page) + series.failed,
        failed=series.failed,
        cold=misses,
        still_cold=round(misses / len(series.page)),
        ms=round(median(series.page), 1),
        control_ms=round(median(series.control), 1) if series.control else None,
    )


def _before_the_waves(story: Story) -> Glance | None:
    kept = (
        row.progress.get("so_far", {}).get("before")
        for row in story.actions
        if row.kind is ActionKind.PURGE
    )
    return glance_from_json(next((row for row in kept if row is not None), None))


def hits_of(seen: Glance | None) -> float | None:
    """Return the share of a page's requests that its cache answered, 0 to 1."""
    if seen is None or seen.requests == seen.failed:
        return None
    return 1 - seen.cold / (seen.requests - seen.failed)


def minutes_since_purge(story: Story, now_s: float) -> float:
    """Return how many minutes ago the release's last purge ended; `now_s` is Unix time."""
    ended = [
        row.ended_at.timestamp()
        for row in story.actions
        if row.kind is ActionKind.PURGE and row.state is ActionState.DONE and row.ended_at
    ]
    return (now_s - max(ended)) / 60 if ended else NEVER


def minutes_to_warm(story: Story) -> float | None:
    """Return in how many minutes the plan of the purge foretold a warm cache, None where it could not."""
    plans = [plan_from_json(row.plan) for row in story.steps if row.plan is not None]
    known = (plan.forecast.minutes_to_warm for plan in plans if plan.forecast is not None)
    return next((found for found in known if found is not None), None)


def headers_were_refused(story: Story) -> bool:
    """Return whether the release went on although its headers broke a rule: somebody took that upon themselves."""
    line = next((row for row in story.steps if row.kind == "headers"), None)
    return line is not None and line.verdict is not None and line.verdict.outcome is Outcome.FAIL
