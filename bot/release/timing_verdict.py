"""What two windows of a page's response times say: slower, fewer hits, failing, over budget."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.release.hit_ratio import chance_of_misses, fell
from bot.release.order_statistics import Budget, against_budget, rank
from bot.release.quantile_chart import Chart, quantile_chart
from bot.release.records import Outcome
from bot.release.slowdown import ENOUGH, TOLERANCE, Change, Slowdown, slowdown
from bot.release.timing_words import in_words, table
from bot.release.timings import Series
from bot.release.weighing import worst

MOST_FAILING = 0.02
OUTCOMES = {Change.SLOWER: Outcome.FAIL, Change.OK: Outcome.PASS, Change.NOT_SURE: Outcome.UNSURE}
_SEVERITY = (Outcome.FAIL, Outcome.UNSURE, Outcome.PASS)

Finding = tuple[Outcome, str]


@dataclass(frozen=True, kw_only=True)
class PageVerdict:
    """The verdict on one page: its sentences, its table, its chart, and the change where it could be judged."""

    outcome: Outcome
    evidence: str
    lines: tuple[str, ...]
    chart: Chart | None
    change: Change | None


def compare(
    before: Series | None, after: Series, *, tolerance: float = TOLERANCE
) -> Slowdown | None:
    """Return the change of one page; None where there are too few samples to say anything.

    Hits are compared with hits: whether there are fewer of them is judged apart. A page that is not cached
    at all, or that does not say so, is compared as it is.
    """
    if before is None:
        return None
    hits = min(len(before.hits), len(after.hits)) >= ENOUGH
    return slowdown(
        before.hits if hits else before.page,
        after.hits if hits else after.page,
        control=(before.control, after.control),
        tolerance=tolerance,
    )


def is_open(before: Series | None, after: Series, *, tolerance: float = TOLERANCE) -> bool:
    """Return whether more samples may settle it: the change is not sure, and nothing else is wrong."""
    seen = compare(before, after, tolerance=tolerance)
    return seen is not None and seen.change is Change.NOT_SURE and not _failing(after)


def judge_page(
    before: Series | None,
    after: Series,
    *,
    budget_ms: int | None = None,
    tolerance: float = TOLERANCE,
    since: str = "",
    alone: bool = False,
) -> PageVerdict:
    """Judge one page against its window before and its budget.

    `since` says when the window before was measured, where that is not just before the purge. `alone`: a look
    without any window before is judged by the budget only.
    """
    seen = compare(before, after, tolerance=tolerance)
    findings = [
        *_errors(before, after),
        *_hits(before, after),
        *(_by_budget_alone(after, budget_ms) if alone and before is None else ()),
        *(() if alone and before is None else _change(before, after, seen, since)),
        *(() if alone and before is None else _budget(after, budget_ms, alone=alone)),
    ]
    ordered = [text for level in _SEVERITY for outcome, text in findings if outcome is level]
    return PageVerdict(
        outcome=worst(outcome for outcome, _ in findings),
        evidence=" ".join(ordered),
        lines=table(before, after, seen, budget_ms),
        chart=quantile_chart(after.path, before.page if before else (), after.page, budget_ms),
        change=None if seen is None else seen.change,
    )


def _failing(after: Series) -> bool:
    return after.failed > MOST_FAILING * after.asked


def _errors(before: Series | None, after: Series) -> Iterator[Finding]:
    """More than 2 % of failed requests is a fail; a few where there were none is said."""
    said = f"{after.failed} of {after.asked} requests failed ({after.worst or 'no page'})"
    if _failing(after):
        yield Outcome.FAIL, f"{after.path}: {said}."
    elif after.failed and (before is None or not before.failed):
        yield Outcome.PASS, f"{said}, none before." if before is not None else f"{said}."


def _hits(before: Series | None, after: Series) -> Iterator[Finding]:
    if before is None or not fell(before.counted, after.counted):
        return
    was, now = before.counted, after.counted
    said = (
        f"{after.path}: fewer answers from the cache, {now.hits} of {now.known}, {was.hits} of {was.known} before "
        f"(chance {_chance(chance_of_misses(was, now))})"
    )
    if after.warm:
        yield Outcome.FAIL, f"{said}."
    else:
        yield Outcome.UNSURE, f"{said}; the cache was still cold, run again."


def _chance(share: float) -> str:
    return "under 0.001" if share < 0.001 else f"{share:.3f}"


def _change(
    before: Series | None, after: Series, seen: Slowdown | None, since: str
) -> Iterator[Finding]:
    if before is None:
        yield (
            Outcome.UNSURE,
            f"{after.path}: nothing was measured before the release to compare with.",
        )
    elif seen is None:
        counts = f"{len(before.page)} before and {len(after.page)} after"
        yield (
            Outcome.UNSURE,
            f"{after.path}: too few good requests ({counts}, at least {ENOUGH} are needed).",
        )
    else:
        said = in_words(after.path, seen, after.asked)
        yield OUTCOMES[seen.change], f"{said[:-1]}, compared with {since}." if since else said


def _budget(after: Series, budget_ms: int | None, *, alone: bool) -> Iterator[Finding]:
    """A budget that is surely broken asks a person in a release: it may have been so before."""
    if budget_ms is None or not after.page:
        return
    if against_budget(after.page, budget_ms) is Budget.OVER:
        p95 = rank(after.page, 0.95)
        yield (
            Outcome.FAIL if alone else Outcome.UNSURE,
            f"{after.path} is over budget: p95 {p95:.1f} ms, budget {budget_ms} ms.",
        )


def _by_budget_alone(after: Series, budget_ms: int | None) -> Iterator[Finding]:
    path = after.path
    if budget_ms is None or not after.page:
        yield Outcome.UNSURE, f"{path}: there is neither a budget nor a look before to judge by."
        return
    shown = f"p95 {rank(after.page, 0.95):.1f} ms, budget {budget_ms} ms (the first look: nothing to compare with)"
    match against_budget(after.page, budget_ms):
        case Budget.OVER:
            yield Outcome.FAIL, f"{path} is over budget: {shown}."
        case Budget.WITHIN:
            yield Outcome.PASS, f"{path} is within budget: {shown}."
        case Budget.CANNOT_TELL:
            yield (
                Outcome.UNSURE,
                f"{path}: {len(after.page)} requests cannot tell p95 from the budget: {shown}.",
            )
