"""Response times in words and columns."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from bot.release.timings import Comparison, Series, rank


def in_words(seen: Comparison) -> str:
    """Return a comparison as part of a sentence."""
    text = f"median x{seen.ratio:.2f}, {seen.rise_ms:+z.1f} ms"
    if seen.control_ratio is None:
        return f"{text}, no control page to take the host's own drift out"
    return f"{text}, after taking out the control page's x{seen.control_ratio:.2f}"


def table(before: Series | None, after: Series, budget_ms: int | None) -> tuple[str, ...]:
    """Return p50, p95 and counts before and after, a line each, and the budget's line."""
    return tuple(_lines(before, after, budget_ms))


def _lines(before: Series | None, after: Series, budget_ms: int | None) -> Iterator[str]:
    yield f"{after.path:<16.16} {'before':>8} {'after':>8}"
    old = before.page if before is not None else ()
    for label, share in (("p50 ms", 0.5), ("p95 ms", 0.95)):
        yield f"{label:<16} {_shown(old, share)} {_shown(after.page, share)}"
    yield f"{'n':<16} {len(old) or '-':>8} {len(after.page):>8}"
    if after.control:
        was = before.control if before is not None else ()
        yield f"{'control p50 ms':<16} {_shown(was, 0.5)} {_shown(after.control, 0.5)}"
    yield f"{'misses':<16} {'-' if before is None else before.misses:>8} {after.misses:>8}"
    if after.failed:
        yield f"{'failed':<16} {'-' if before is None else before.failed:>8} {after.failed:>8}"
    if not after.paced:
        yield "slower than the pace: each request's own time"
    if budget_ms is not None and after.page:
        over = rank(after.page, 0.95) > budget_ms
        yield f"budget p95 {budget_ms} ms: {'over' if over else 'within'}"


def _shown(samples: tuple[float, ...], share: float) -> str:
    if not samples:
        return f"{'-':>8}"
    return f"{median(samples) if share == 0.5 else rank(samples, share):>8.1f}"
