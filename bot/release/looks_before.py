"""What earlier looks at a route's response time say now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.release.order_statistics import rank
from bot.release.records import Json, Measurement
from bot.release.slowdown import ENOUGH
from bot.release.timings import Series, read_series

WORDS = {"slower": "SLOWER", "ok": "not slower", "not sure": "NOT SURE"}


def latest_look(looks: Sequence[Measurement], route: str, path: str) -> tuple[Series | None, str]:
    """Return the newest window of that page that has enough samples, and when it was measured.

    `looks` are newest first.
    """
    for look in looks:
        kept = _of(look, route)
        found = None if kept is None else read_series(kept, path)
        if found is not None and len(found.page) >= ENOUGH:
            return found, f"{look.at:%Y-%m-%d %H:%M} UTC"
    return None, ""


def trend(looks: Sequence[Measurement], route: str) -> tuple[str, ...]:
    """Return a line for each look at a route, in their order: when, p50, p95, what it said, for which release."""
    return tuple(_trend(looks, route))


def _trend(looks: Sequence[Measurement], route: str) -> Iterator[str]:
    for look in looks:
        kept = _of(look, route)
        if kept is None:
            continue
        page = tuple(kept.get("page", ()))
        times = (
            f"p50 {rank(page, 0.5):.1f} ms · p95 {rank(page, 0.95):.1f} ms" if page else "no page"
        )
        release = "" if look.release_id is None else f" · R-{look.release_id}"
        yield f"{look.at:%Y-%m-%d %H:%M} UTC · {times} · {_said(look, kept)}{release}"


def _said(look: Measurement, kept: Json) -> str:
    if look.phase == "before":
        return "before the purge"
    return WORDS.get(str(kept.get("verdict")), "not compared")


def _of(look: Measurement, route: str) -> Json | None:
    kept: Json | None = (look.numbers.get("routes") or {}).get(route)
    return kept if kept is not None and "page" in kept else None
