"""Response times in words and columns that fit a phone."""

from __future__ import annotations

from collections.abc import Iterator

from bot.release.hit_ratio import fell
from bot.release.order_statistics import Budget, against_budget, apart, rank
from bot.release.slowdown import Change, Slowdown
from bot.release.timings import Series

QUANTILES = (("p50 ms", 0.5), ("p90 ms", 0.9), ("p95 ms", 0.95))
NOISE = "~"
NO_CONTROL = "no control route: a drift of 5 % in the host makes 1 in 11 verdicts wrong"
NEEDED_FOR_P95 = 59
WIDTH = 36
LABEL = 12
BUDGET_WORDS = {Budget.OVER: "over", Budget.WITHIN: "within", Budget.CANNOT_TELL: "not sure"}


def in_words(path: str, seen: Slowdown, asked: int) -> str:
    """Return what became of the page as one sentence, the verdict first."""
    span = f"{_points(seen.lower)} to {_points(seen.upper)} %"
    found = {
        Change.SLOWER: f"{path} is {_points(seen.ratio)} % slower ({span}, 99 % sure)",
        Change.OK: f"{path} is not slower: {_points(seen.ratio)} % ({span}, 99 % sure)",
        Change.NOT_SURE: f"NOT SURE: {path} may be {span} slower, {asked} requests cannot tell",
    }
    return f"{found[seen.change]}; {_beside(seen)}."


def _points(ratio: float) -> str:
    return f"{100 * (ratio - 1):.0f}".replace("-0", "0")


def _beside(seen: Slowdown) -> str:
    if seen.control is None:
        return NO_CONTROL
    moved = round(100 * (seen.control - 1))
    return "control unchanged" if abs(moved) < 2 else f"the control's own {moved:+d} % taken out"


def table(
    before: Series | None, after: Series, seen: Slowdown | None, budget_ms: int | None
) -> tuple[str, ...]:
    """Return p50, p90, p95, hit ratio, errors and counts before and after, in at most 36 columns.

    `~` stands where a change is inside the noise: for the median by the judge's bounds, for the other
    quantiles by their own order statistics.
    """
    return tuple(_lines(before, after, seen, budget_ms))


def _row(label: str, before: str, after: str, change: str = "") -> str:
    return f"{label:<{LABEL}}{before:>8}{after:>8}{change:>8}".rstrip()


def _lines(
    before: Series | None, after: Series, seen: Slowdown | None, budget_ms: int | None
) -> Iterator[str]:
    if len(after.path) > LABEL:
        yield after.path if len(after.path) <= WIDTH else f"{after.path[: WIDTH - 1]}…"
    title = "" if len(after.path) > LABEL else after.path
    yield _row(title, "before", "after", "change")
    old = before.page if before is not None else ()
    for label, share in QUANTILES:
        noise = seen is None or seen.in_noise if share == 0.5 else not apart(old, after.page, share)
        change = _change(old, after.page, share, noise=noise)
        yield _row(label, _shown(old, share), _shown(after.page, share), change)
    yield _row("hit %", _hit(before), _hit(after), _hit_change(before, after))
    failed = "-" if before is None else str(before.failed)
    more = 0 if before is None else after.failed - before.failed
    yield _row("errors", failed, str(after.failed), f"{more:+d}" if more else "")
    yield _row("n", str(before.asked) if before is not None else "-", str(after.asked))
    yield from _control(before, after)
    yield from _new_connection(after)
    if not after.paced:
        yield "slower than the pace: own times"
    if after.source:
        yield f"timed by {after.source}"
    if budget_ms is not None and after.page:
        yield _budget(after, budget_ms)


def _control(before: Series | None, after: Series) -> Iterator[str]:
    if after.control:
        was = before.control if before is not None else ()
        noise = not apart(was, after.control, 0.5)
        change = _change(was, after.control, 0.5, noise=noise)
        yield _row("control p50", _shown(was, 0.5), _shown(after.control, 0.5), change)
    if after.control_failed:
        yield _row("its errors", "", str(after.control_failed))


def _new_connection(after: Series) -> Iterator[str]:
    parts = after.fresh
    if parts is not None:
        yield "one new connection, ms"
        yield f"  dns {parts['dns']:.1f}  tcp {parts['tcp']:.1f}  tls {parts['tls']:.1f}"
        yield f"  wait {parts['wait']:.1f}  total {parts['total']:.1f}"


def _budget(after: Series, budget_ms: int) -> str:
    said = against_budget(after.page, budget_ms)
    small = len(after.page) < NEEDED_FOR_P95 and said is Budget.CANNOT_TELL
    why = f", n < {NEEDED_FOR_P95}" if small else ""
    return f"budget p95 {budget_ms} ms: {BUDGET_WORDS[said]}{why}"


def _shown(samples: tuple[float, ...], share: float) -> str:
    return f"{rank(samples, share):.1f}" if samples else "-"


def _change(
    before: tuple[float, ...], after: tuple[float, ...], share: float, *, noise: bool
) -> str:
    if not before or not after:
        return ""
    ratio = rank(after, share) / max(rank(before, share), 0.001)
    return NOISE if noise else f"{100 * (ratio - 1):+.0f} %"


def _hit(seen: Series | None) -> str:
    percent = None if seen is None else seen.counted.percent
    return "-" if percent is None else f"{percent:.0f}"


def _hit_change(before: Series | None, after: Series) -> str:
    was = None if before is None else before.counted
    now = after.counted
    if was is None or was.percent is None or now.percent is None:
        return ""
    if not fell(was, now) and not fell(now, was):
        return NOISE
    return f"{now.percent - was.percent:+.0f}"
