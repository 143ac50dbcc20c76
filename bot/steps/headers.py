"""Inspect cache headers: what a cache is told, and whether that is safe for signed-in people."""

from __future__ import annotations

from collections.abc import Iterator

from bot.release.cache_headers import BROWSER_HEADERS
from bot.release.catalog import Route
from bot.release.header_page import (
    CANARY,
    IDENTITY,
    LOOKS,
    MORE_LOOKS,
    PERSONAL,
    SAME,
    PageTold,
    Told,
    judge_headers,
)
from bot.release.nonce_key import on_nonce_key
from bot.release.page_gets import PLAIN_HEADERS
from bot.release.page_table import LEGEND
from bot.release.records import Json, Outcome, Verdict
from bot.release.sight import sight_from_json, sight_json
from bot.release.weighing import worst
from bot.steps import Fetch, Fetched, Job, LookOnly, Request, Response, Seen, Step, Texts, Wish

SECOND = LOOKS[1]


class CacheHeaders(LookOnly):
    """Anonymous GETs of each page; on personalised routes one as a test account, on a key of its own."""

    kind = "headers"
    order = 1
    title = "Inspect cache headers"

    def texts(self, routes: tuple[tuple[str, Route], ...]) -> Texts:
        """Return the text the start form is filled with."""
        return Texts(
            expected="Every page answers, says hit or miss, and tells caches to keep nothing personal.",
            rollback_note="Nothing is changed by looking. If headers are wrong, roll back before anything is purged.",
        )

    def baseline(self, job: Job) -> tuple[Wish, ...]:
        """Look at every page twice, as anybody."""
        return tuple(Fetch(requests=_plain(path, route, LOOKS[:2])) for path, route in _pages(job))

    def remember(self, job: Job, seen: tuple[Seen, ...]) -> Json:
        """Keep what each page's second answer says about caching."""
        return {
            "paths": {
                path: sight_json(answers[SECOND].sight) for path, _, answers in _answered(job, seen)
            }
        }

    def plan(self, job: Job) -> tuple[Wish, ...]:
        """Look at every page five times, ten where several caches answer, then once with its own ETag.

        Then twice without compression. Where it is personal, at a page of the account's own key: the account's
        request is sent only if a first key with an unknown query was a plain miss, otherwise the query is no
        part of the cache key, and a personal page could land on the public one.
        """
        account = next(iter(job.app.accounts), None)
        return tuple(
            Fetch(
                requests=_plain(path, route, LOOKS)
                + _more(path, route)
                + _personal(path, route, account, job.nonce)
            )
            for path, route in _pages(job)
        )

    def judge(self, job: Job, seen: tuple[Seen, ...]) -> Verdict:
        """Fail on a rule that stops or a page that does not answer; unsure on a warning or what cannot be told."""
        pages = [judge_headers(page) for page in _told(job, seen)]
        grave = sorted(pages, key=lambda page: page.outcome is not Outcome.FAIL)
        reasons = [reason for page in grave for reason in page.reasons]
        if reasons:
            more = f" {len(reasons) - 1} more below." if len(reasons) > 1 else ""
            evidence = f"{reasons[0]}{more}"
        else:
            evidence = f"{len(pages)} of {len(pages)} pages keep every rule and say hit or miss."
        lines = [line for page in pages for line in page.lines]
        legend = [LEGEND] if any("before" in line for line in lines) else []
        notes = [note for page in pages for note in page.notes]
        return Verdict(
            outcome=worst(page.outcome for page in pages),
            evidence=evidence,
            actual="\n".join([*reasons[1:], *lines, *legend, *notes]),
            numbers={**self.remember(job, seen), "reasons": reasons},
        )


def _pages(job: Job) -> Iterator[tuple[str, Route]]:
    for _, route in job.routes:
        for path in route.paths:
            yield path, route


def _plain(path: str, route: Route, labels: tuple[str, ...]) -> tuple[Request, ...]:
    return tuple(
        Request(path=path, headers=BROWSER_HEADERS, label=label, indicator=route.indicator)
        for label in labels
    )


def _more(path: str, route: Route) -> tuple[Request, ...]:
    """Return the looks that follow: more of the same, the page's own ETag, and uncompressed."""
    own = route.indicator
    browser, plain = BROWSER_HEADERS, PLAIN_HEADERS
    mixed = tuple(
        Request(path=path, headers=browser, label=label, only_where_mixed=True, indicator=own)
        for label in MORE_LOOKS
    )
    same = Request(path=path, headers=browser, label=SAME, revalidates=SECOND, indicator=own)
    bare = tuple(
        Request(path=path, headers=plain, label=label, indicator=own) for label in IDENTITY
    )
    return (*mixed, same, *bare)


def _personal(path: str, route: Route, account: str | None, nonce: str) -> tuple[Request, ...]:
    if account is None or not route.personalised:
        return ()
    return (
        Request(
            path=on_nonce_key(path, nonce, "-c"),
            headers=BROWSER_HEADERS,
            label=CANARY,
            indicator=route.indicator,
        ),
        Request(
            path=on_nonce_key(path, nonce, "-h"),
            account=account,
            headers=BROWSER_HEADERS,
            label=PERSONAL,
            only_after_miss=CANARY,
            indicator=route.indicator,
        ),
    )


def _answered(job: Job, seen: tuple[Seen, ...]) -> Iterator[tuple[str, Route, dict[str, Response]]]:
    for (path, route), fetched in zip(_pages(job), seen, strict=True):
        assert isinstance(fetched, Fetched)
        yield path, route, {answer.request.label: answer for answer in fetched.responses}


def _told(job: Job, seen: tuple[Seen, ...]) -> Iterator[PageTold]:
    before: Json = (job.baseline or {}).get("paths", {})
    for path, route, answers in _answered(job, seen):
        yield PageTold(
            path=path,
            answers={
                label: Told(headers=row.headers, sight=row.sight, account=row.request.account)
                for label, row in answers.items()
                if row.sent or label in LOOKS
            },
            personalised=route.personalised,
            bypassed=route.bypass_cookie is not None,
            accounts=bool(job.app.accounts),
            before=sight_from_json(before.get(path)),
            compare=job.snapshot_id is not None,
        )


STEP: Step = CacheHeaders()
