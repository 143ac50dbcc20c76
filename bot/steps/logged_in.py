"""Test logged-in traffic: does anybody get a page that was made for somebody else."""

from __future__ import annotations

from collections.abc import Iterator

from bot.release.cache_headers import BROWSER_HEADERS
from bot.release.cache_indicator import came_from_cache
from bot.release.catalog import Route
from bot.release.probe_gets import CANARY, MOST_REQUESTS, address, own_headers
from bot.release.probe_table import gets_for, judge_visit
from bot.release.probe_words import Seen as Probed
from bot.release.probe_words import evidence, lines, outcome, stopping
from bot.release.records import Verdict
from bot.release.visit import Page, Visit
from bot.steps import Fetch, Fetched, Job, LookOnly, Request, Response, Seen, Step, Texts, Wish


class LoggedIn(LookOnly):
    """The probes of the table on each personalised route, as nobody and as two test accounts.

    At most 21 GETs a route, one after another. Whatever could leave a personal page in a cache goes
    to a key of this run alone, and only after that key was proven to be one.
    """

    kind = "logged_in"
    order = 2
    title = "Test logged-in traffic"

    def texts(self, routes: tuple[tuple[str, Route], ...]) -> Texts:
        """Return the text the start form is filled with."""
        return Texts(
            expected="Each test account sees its own page; nobody else ever does, cached or not.",
            rollback_note="A leak stops the release: roll back at once, then purge what was cached meanwhile.",
        )

    def plan(self, job: Job) -> tuple[Wish, ...]:
        """Ask for the first page of each personalised route; nothing where no test account is configured."""
        return tuple(
            Fetch(requests=_requests(job, path), keep_body=True) for _, _, path in _tested(job)
        )

    def judge(self, job: Job, seen: tuple[Seen, ...]) -> Verdict:
        """Fail on a leak; unsure where an account is not signed in or nothing could be tested safely."""
        probed: Probed = {
            path: judge_visit(_visit(job, route, answers))
            for (_, route, path), answers in zip(_tested(job), seen, strict=True)
        }
        untested = tuple(_untested(job))
        personal = any(route.personalised for _, route in job.routes)
        return Verdict(
            outcome=outcome(probed, personal=personal),
            evidence=evidence(probed, untested, accounts=len(job.app.accounts)),
            actual="\n".join((*lines(probed), *untested)),
            numbers={
                "probes": {
                    path: {name: str(result) for name, (result, _) in probes.items()}
                    for path, probes in probed.items()
                },
                "stops": list(stopping(probed)),
                "untested": list(untested),
            },
        )


def _tested(job: Job) -> Iterator[tuple[str, Route, str]]:
    if not job.app.accounts:
        return
    most = MOST_REQUESTS // len(gets_for(len(job.app.accounts)))
    for name, route in job.routes:
        if route.personalised:
            yield from ((name, route, path) for path in route.paths[:most])


def _requests(job: Job, path: str) -> tuple[Request, ...]:
    accounts = tuple(job.app.accounts)
    own = next((route.indicator for _, route in job.routes if path in route.paths), None)
    return tuple(
        Request(
            path=address(get, path, job.nonce),
            account=None if get.who is None else accounts[get.who],
            headers=BROWSER_HEADERS + own_headers(get, job.nonce),
            label=get.label,
            only_after_miss=get.after_miss,
            only_after_hit=get.after_hit,
            indicator=own,
        )
        for get in gets_for(len(accounts))
    )


def _visit(job: Job, route: Route, fetched: Seen) -> Visit:
    assert isinstance(fetched, Fetched)
    return Visit(
        accounts=tuple((name, account.marker) for name, account in job.app.accounts.items())[:2],
        pages={answer.request.label: _page(answer) for answer in fetched.responses},
        canary=CANARY.format(nonce=job.nonce),
        bypassed=route.bypass_cookie is not None,
    )


def _page(answer: Response) -> Page:
    return Page(
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        at=answer.at,
        error=answer.error,
        from_cache=came_from_cache(answer.headers, answer.request.indicator),
        sent=answer.sent,
    )


def _untested(job: Job) -> Iterator[str]:
    personal = [(name, route) for name, route in job.routes if route.personalised]
    for name, route in job.routes:
        if not route.personalised:
            yield f"{name}: not personalised in the catalog, so nobody was signed in"
    if not job.app.accounts and personal:
        yield "no test account is configured, so nobody was signed in"
        return
    if len(job.app.accounts) == 1 and personal:
        yield "L2 is not tested: it needs a second test account"
    tested = {path for _, _, path in _tested(job)}
    for name, route in personal:
        left = len([path for path in route.paths if path not in tested])
        if left:
            pages = "1 more page was" if left == 1 else f"{left} more pages were"
            yield f"{name}: {pages} not tested (at most {MOST_REQUESTS} requests a route)"


STEP: Step = LoggedIn()
