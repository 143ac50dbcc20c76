"""The end of the home tab: where one may release now, what is locked, and how the bot is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.release.health import Health
from bot.release.open_places import PlaceNow
from bot.slack.views.wording import Names, clamp_words, counted, escape, moment, named, unstyled

MOST = 8
REASON = 80


def place_lines(places: Sequence[PlaceNow], names: Names) -> list[str]:
    """Return a line for each place, what is locked or frozen first, then how many more there are."""
    rows = sorted(places, key=lambda place: not place.stopped)
    lines = [_line(place, names) for place in rows[:MOST]]
    more = len(places) - MOST
    return [*lines, f"… {more} more: `/cache-release where`"] if more > 0 else lines


def health_line(health: Health) -> str:
    """Return how the bot is, what is wrong first."""
    if health.troubles:
        return f"❌ *Health*: {'; '.join(health.troubles)}."
    behind = health.backlog.behind_s
    said = [counted(health.workers, "worker"), "clock ticks", f"messages {behind:.0f} s behind"]
    return f"✅ *Health*: {' · '.join(said)}"


def _line(place: PlaceNow, names: Names) -> str:
    name = f"*{escape(f'{place.app} {place.environment}')}*"
    end = "" if place.until is None else f" until {moment(place.until)}"
    why = unstyled(clamp_words(place.why, REASON))
    if place.stopped == "locked":
        return f"🔒 {name}: LOCKED by {named(names, place.by or '')}{end}: {why}"
    if place.stopped:
        return f"❄️ {name}: FROZEN{end}: {why}"
    soon = "" if place.freezes_at is None else f", frozen from {moment(place.freezes_at)}"
    if not place.busy:
        return f"🟢 {name}: free{soon}"
    busy = _listed(row.name for row in place.busy)
    free = ", ".join(map(escape, place.free[:3])) + (" …" if len(place.free) > 3 else "")
    return f"🟡 {name}: {f'free: {free}; ' if free else ''}{busy} live{soon}"


def _listed(names: Iterable[str]) -> str:
    rows = list(names)
    return ", ".join(rows[:3]) + (f" and {len(rows) - 3} more" if len(rows) > 3 else "")
