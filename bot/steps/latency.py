"""Measure response time: before against after, and against the budget."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.release.cache_headers import BROWSER_HEADERS
from bot.release.cache_indicator import came_from_cache
from bot.release.catalog import Route
from bot.release.records import Json, Outcome, Verdict
from bot.release.timing_words import in_words, table
from bot.release.timings import (
    ENOUGH,
    Change,
    Series,
    compare,
    control_ratio,
    from_schedule,
    rank,
    read_series,
    surely_over,
)
from bot.release.weighing import worst
from bot.steps import Fetch, Fetched, Job, LookOnly, Request, Response, Seen, Step, Texts, Wish

WARM_UPS = 5
MEASURED = 30
EVERY = 0.2


@dataclass(frozen=True, kw_only=True)
class _Line:
    outcome: Outcome
    evidence: str
    lines: tuple[str, ...]


class ResponseTime(LookOnly):
    """30 paced GETs of a route's first page before and after, taking turns with its control page.

    Five more of each come first and are dropped, with the wait they cause. Five requests a second.
    """

    kind = "latency"
    order = 4
    title = "Measure response time"

    def texts(self, routes: tuple[tuple[str, Route], ...]) -> Texts:
        """Return the text the start form is filled with."""
        budgets = ", ".join(
            f"{name} p95 within {route.budget_p95_ms} ms"
            for name, route in routes
            if route.budget_p95_ms is not None
        )
        return Texts(
            expected=f"No page is slower than before the purge{f'; {budgets}' if budgets else ''}.",
            rollback_note="Slower without a reason: roll back, then measure again with /cache-release check.",
        )

    def baseline(self, job: Job) -> tuple[Wish, ...]:
        """Measure every route before anything is purged."""
        return self.plan(job)

    def remember(self, job: Job, seen: tuple[Seen, ...]) -> Json:
        """Keep the raw samples in ms, the failures and the cache misses of each route."""
        return {"routes": {name: one.as_json() for name, _, one in _measured(job, seen)}}

    def plan(self, job: Job) -> tuple[Wish, ...]:
        """Measure every route."""
        return tuple(Fetch(requests=_requests(route), every=EVERY) for _, route in job.routes)

    def judge(self, job: Job, seen: tuple[Seen, ...]) -> Verdict:
        """Fail where slower, failing, or (outside a release) over budget; unsure where it cannot be told."""
        judged = [_judge(job, *measured) for measured in _measured(job, seen)]
        outcome = worst(line.outcome for line in judged)
        return Verdict(
            outcome=outcome,
            evidence=" ".join(line.evidence for line in judged if line.outcome is outcome),
            actual="\n".join(text for line in judged for text in line.lines),
            numbers=self.remember(job, seen),
        )


def _requests(route: Route) -> tuple[Request, ...]:
    pages = ((route.paths[0], "page"), (route.control, "control"))
    return tuple(
        Request(path=path, headers=BROWSER_HEADERS, label="warm-up" if early else label)
        for early in [True] * WARM_UPS + [False] * MEASURED
        for path, label in pages
        if path is not None
    )


def _measured(job: Job, seen: tuple[Seen, ...]) -> Iterator[tuple[str, Route, Series]]:
    for (name, route), fetched in zip(job.routes, seen, strict=True):
        assert isinstance(fetched, Fetched)
        yield name, route, _series(route.paths[0], fetched.responses)


def _series(path: str, answers: tuple[Response, ...]) -> Series:
    measured = [
        (answer, answer.seconds - max(0.0, answer.at - answers[0].at - place * EVERY))
        for place, answer in enumerate(answers)
        if answer.request.label != "warm-up"
    ]
    times, paced = from_schedule([own for _, own in measured], EVERY)
    good: dict[str, list[float]] = {"page": [], "control": []}
    for (answer, _), seconds in zip(measured, times, strict=True):
        if _is_good(answer):
            good[answer.request.label].append(round(seconds * 1000, 2))
    page = [answer for answer, _ in measured if answer.request.label == "page"]
    return Series(
        path=path,
        page=tuple(good["page"]),
        control=tuple(good["control"]),
        failed=sum(not _is_good(answer) for answer in page),
        misses=sum(came_from_cache(answer.headers) is False for answer in page if _is_good(answer)),
        paced=paced,
    )


def _is_good(answer: Response) -> bool:
    return answer.error is None and answer.status == 200


def _judge(job: Job, name: str, route: Route, after: Series) -> _Line:
    before = read_series((job.baseline or {}).get("routes", {}).get(name), after.path)
    outcome, evidence = _failures(after) or (
        _against_budget(route, after)
        if before is None and job.release is None
        else _against_before(before, route, after)
    )
    return _Line(
        outcome=outcome, evidence=evidence, lines=table(before, after, route.budget_p95_ms)
    )


def _failures(after: Series) -> tuple[Outcome, str] | None:
    """More than 2 % of failed requests is a fail, whatever the others took."""
    asked = after.failed + len(after.page)
    if after.failed <= 0.02 * asked:
        return None
    return Outcome.FAIL, f"{after.path}: {after.failed} of {asked} requests failed."


def _against_budget(route: Route, after: Series) -> tuple[Outcome, str]:
    """Fail only where p95 is over the budget with 95 % certainty; unsure where only the sample is."""
    budget = route.budget_p95_ms
    if budget is None:
        return (
            Outcome.UNSURE,
            f"{after.path}: there is neither a budget nor a time before to judge by.",
        )
    p95 = rank(after.page, 0.95)
    shown = f"p95 {p95:.1f} ms, budget {budget} ms (judged by the budget alone, nothing to compare with)"
    if surely_over(after.page, budget):
        return Outcome.FAIL, f"{after.path} is over budget: {shown}."
    if p95 > budget:
        return (
            Outcome.UNSURE,
            f"{after.path} may be over budget, {len(after.page)} requests cannot tell: {shown}.",
        )
    return Outcome.PASS, f"{after.path} is within budget: {shown}."


def _against_before(before: Series | None, route: Route, after: Series) -> tuple[Outcome, str]:
    path = after.path
    if before is None:
        return Outcome.UNSURE, f"{path}: nothing was measured before the release to compare with."
    control = control_ratio(before.control, after.control)
    seen = compare(before.page, after.page, control=control)
    if seen is None:
        counts = f"{len(before.page)} before and {len(after.page)} after"
        return (
            Outcome.UNSURE,
            f"{path}: too few good requests ({counts}, at least {ENOUGH} are needed).",
        )
    cold = after.misses - before.misses
    if cold > 0.10 * len(after.page):
        return (
            Outcome.UNSURE,
            f"{path}: the cache was still cold, {cold} more misses than before. Run again.",
        )
    said = in_words(seen)
    if seen.change is Change.SLOWER:
        return Outcome.FAIL, f"{path} is slower: {said}."
    if seen.change is Change.UNSURE:
        return Outcome.UNSURE, f"{path}: cannot tell a change from noise: {said}."
    budget = route.budget_p95_ms
    if budget is not None and surely_over(after.page, budget):
        return (
            Outcome.UNSURE,
            f"{path} is not slower ({said}), but p95 is over the budget of {budget} ms.",
        )
    return Outcome.PASS, f"{path} is not slower: {said}."


STEP: Step = ResponseTime()
