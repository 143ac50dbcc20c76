"""Measure response time: before against after, and against the budget."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.release.cache_headers import BROWSER_HEADERS
from bot.release.cache_indicator import came_from_cache
from bot.release.catalog import Route
from bot.release.looks_before import latest_look
from bot.release.paced_window import (
    CONTROL,
    CONTROL_WARM_UP,
    FRESH,
    PAGE,
    WARM_UP,
    Shot,
    series_of,
)
from bot.release.records import Json, Verdict
from bot.release.timing_verdict import PageVerdict, is_open, judge_page
from bot.release.timings import Series, read_series
from bot.release.weighing import worst
from bot.steps import Fetch, Fetched, Job, LookOnly, Request, Response, Seen, Step, Texts, Wish

WARM_UPS = 5
EVERY = 0.2


class ResponseTime(LookOnly):
    """Paced GETs of a route's first page before and after, in turns with its control page; five a second.

    `samples` of the catalog says how many count; before the purge it is twice as many, because nobody can go
    back for more. Five warm-ups of each come first and are dropped, with the wait they cause. Where the change
    is not sure as many again are measured after, once, and judged together with the first.
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
        """Measure every route before anything is purged, with room for one extension."""
        return tuple(_fetch(route, 2 * route.samples) for _, route in job.routes)

    def remember(self, job: Job, seen: tuple[Seen, ...]) -> Json:
        """Keep the raw samples in ms, the failures and the cache misses of each route."""
        return {"routes": {name: one.as_json() for name, _, one in _measured(job, seen)}}

    def plan(self, job: Job) -> tuple[Wish, ...]:
        """Measure every route."""
        return tuple(_fetch(route, job.samples or route.samples) for _, route in job.routes)

    def further(self, job: Job, seen: tuple[Seen, ...]) -> tuple[Wish, ...]:
        """Measure as many again of each route whose change is not sure."""
        return tuple(
            _fetch(route, job.samples or route.samples)
            for name, route, one in _measured(job, seen)
            if _open(job, name, route, one)
        )

    def judge(self, job: Job, seen: tuple[Seen, ...]) -> Verdict:
        """Fail where slower, failing, hit less or (outside a release) over budget; unsure where it cannot be told."""
        measured = list(_with_further(job, seen))
        judged = [_judge(job, *one) for one in measured]
        outcome = worst(line.outcome for line in judged)
        return Verdict(
            outcome=outcome,
            evidence=" ".join(line.evidence for line in judged if line.outcome is outcome),
            actual="\n".join(text for line in judged for text in line.lines),
            numbers=_numbers(measured, judged),
        )


def _fetch(route: Route, samples: int) -> Fetch:
    """Ask for page and control in turns, warm-ups first; the last request has a connection of its own."""
    pages = [(route.paths[0], WARM_UP, PAGE)]
    if route.control is not None:
        pages.append((route.control, CONTROL_WARM_UP, CONTROL))
    ask = Request(path=route.paths[0], headers=BROWSER_HEADERS, indicator=route.indicator)
    turns = tuple(
        replace(ask, path=path, label=early if turn < WARM_UPS else label)
        for turn in range(WARM_UPS + samples)
        for path, early, label in pages
    )
    return Fetch(requests=(*turns, replace(ask, label=FRESH, fresh=True)), every=EVERY)


def _window(path: str, answers: tuple[Response, ...]) -> Series:
    begun = answers[0].at if answers else 0.0
    return series_of(
        path,
        [_shot(answer, answer.at - begun - place * EVERY) for place, answer in enumerate(answers)],
        every=EVERY,
    )


def _shot(answer: Response, late: float) -> Shot:
    problem = answer.error or ("" if answer.status == 200 else f"status {answer.status}")
    return Shot(
        label=answer.request.label,
        seconds=max(0.0, answer.seconds - max(0.0, late)),
        problem=problem,
        hit=came_from_cache(answer.headers, answer.request.indicator) if not problem else None,
        phases=answer.phases,
    )


def _measured(job: Job, seen: tuple[Seen, ...]) -> Iterator[tuple[str, Route, Series]]:
    """Give each route with its first window; what was looked at once more comes after those."""
    for (name, route), fetched in zip(job.routes, seen, strict=False):
        assert isinstance(fetched, Fetched)
        yield name, route, _window(route.paths[0], fetched.responses)


def _with_further(job: Job, seen: tuple[Seen, ...]) -> Iterator[tuple[str, Route, Series]]:
    further = iter(seen[len(job.routes) :])
    for name, route, one in _measured(job, seen):
        more = next(further, None) if _open(job, name, route, one) else None
        if isinstance(more, Fetched):
            yield name, route, one.with_more(_window(one.path, more.responses))
        else:
            yield name, route, one


def _before(job: Job, name: str, path: str) -> tuple[Series | None, str]:
    """Return the window to compare with, and when it was measured where that is not this release."""
    if job.release is not None or job.baseline is not None:
        kept = (job.baseline or {}).get("routes", {}).get(name)
        return read_series(kept, path), ""
    return latest_look(job.earlier, name, path)


def _open(job: Job, name: str, route: Route, one: Series) -> bool:
    return is_open(_before(job, name, one.path)[0], one, tolerance=route.tolerance)


def _judge(job: Job, name: str, route: Route, after: Series) -> PageVerdict:
    before, since = _before(job, name, after.path)
    verdict = judge_page(
        before,
        after,
        budget_ms=route.budget_p95_ms,
        tolerance=route.tolerance,
        since=since,
        alone=job.release is None,
    )
    if len(job.routes) == 1:
        return verdict
    return replace(verdict, lines=(*verdict.lines, ""))


def _numbers(measured: list[tuple[str, Route, Series]], judged: list[PageVerdict]) -> Json:
    routes: dict[str, Any] = {}
    for (name, _, one), line in zip(measured, judged, strict=True):
        routes[name] = one.as_json() | {"verdict": line.change and str(line.change)}
    charts = [line.chart.as_json() for line in judged if line.chart is not None]
    return {"routes": routes, "charts": charts}


STEP: Step = ResponseTime()
