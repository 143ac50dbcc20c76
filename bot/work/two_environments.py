"""Reads what two environments are like, and keeps how they differ; nothing is written to either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

from bot.release.cache_headers import BROWSER_HEADERS, Headers
from bot.release.catalog import Environment
from bot.release.finding import find_environment, patterns_of
from bot.release.key_compare import Difference
from bot.release.records import Action
from bot.release.refusal import Code, Refusal
from bot.release.two_places import Side, differences, same_keys
from bot.steps import Fetch, Job, Request
from bot.work.parts import Parts
from bot.work.report import Report

LINE = "comparing the two environments"
KEPT = "differences"


def compare_places(parts: Parts, action: Action, job: Job, report: Report) -> None:
    """Keep the differences with the action, once; refuse a rehearsal on the very keys that it is a rehearsal for.

    Of the real environment INFO is read, its keys are counted (on the replica where there is one), and each page is
    fetched once, signed in as nobody.
    """
    if KEPT in report.so_far:
        return
    report.phase("compare", LINE)
    name = action.args["environment"]
    place = find_environment(job.app, name)
    if parts.secrets[place.redis] == parts.secrets[job.environment.redis]:
        raise _shared(name, job.environment_name)
    here = _side(parts, job, job.environment_name, job.environment)
    try:
        there = _side(parts, job, name, place)
    except Refusal as refusal:
        found: tuple[Difference, ...] = (_unread(name, refusal),)
    else:
        if same_keys(here.server, there.server):
            raise _shared(name, job.environment_name)
        found = differences(here, there)
    report.so_far[KEPT] = [asdict(row) for row in found]
    report.keep()


def _side(parts: Parts, job: Job, name: str, place: Environment) -> Side:
    keyspace, patterns = parts.keyspace(job.app_name, name), patterns_of(job.routes)
    side = Side(name=name, place=place, server=keyspace.facts())
    if patterns:
        side = replace(side, patterns=keyspace.preview(patterns, others={}).patterns)
    return replace(side, pages=_pages(parts, job, place))


def _pages(parts: Parts, job: Job, place: Environment) -> Mapping[str, tuple[int, Headers]]:
    paths = dict.fromkeys(path for _, route in job.routes for path in route.paths)
    wish = Fetch(requests=tuple(Request(path=path, headers=BROWSER_HEADERS) for path in paths))
    seen = parts.probe.fetch(
        wish, base_url=place.url, allow_private=place.allow_private, cookies={}
    )
    answered = (row for row in seen.responses if row.error is None)
    return {row.request.path: (row.status, row.headers) for row in answered}


def _unread(name: str, refusal: Refusal) -> Difference:
    return Difference(
        what="comparison",
        here="read",
        there=f"not read: {refusal.failed}",
        why=f"nothing is known of {name}",
    )


def _shared(name: str, on: str) -> Refusal:
    return Refusal(
        code=Code.SCOPE_INVALID,
        failed=f"Not rehearsed: {on} and {name} use the same Redis database. Nothing was touched.",
        expected=f"a Redis of its own for {on}; a rehearsal purges.",
        retry_is_safe=True,
    )
