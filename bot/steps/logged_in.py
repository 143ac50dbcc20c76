"""Test logged-in traffic: does anybody get a page that was made for somebody else."""

from __future__ import annotations

from collections.abc import Iterator

from bot.release.cache_headers import BROWSER_HEADERS
from bot.release.cache_indicator import came_from_cache
from bot.release.catalog import Route
from bot.release.leaks import GETS, PROOF, Get, Judged, Page, Visit, judge_visit
from bot.release.nonce_key import on_nonce_key
from bot.release.records import Outcome, Verdict
from bot.release.weighing import worst
from bot.steps import Fetch, Fetched, Job, LookOnly, Request, Response, Seen, Step, Texts, Wish

MOST_REQUESTS = 21

_Reason = tuple[Outcome, str]


class LoggedIn(LookOnly):
    """The probes of the leak table on each personalised route, as nobody and as two test accounts.

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
        """Ask for the pages of each personalised route; nothing where no test account is configured."""
        return tuple(
            Fetch(requests=_requests(job, path), keep_body=True) for _, path in _tested(job)
        )

    def judge(self, job: Job, seen: tuple[Seen, ...]) -> Verdict:
        """Fail on a leak; unsure where an account is not signed in or nothing could be tested safely."""
        judged = {
            path: judge_visit(_visit(job, answers))
            for (_, path), answers in zip(_tested(job), seen, strict=True)
        }
        reasons: list[_Reason] = [
            (outcome, f"{path}: {text} ({probe})")
            for path, probes in judged.items()
            for probe, (outcome, text) in probes.items()
            if outcome is not Outcome.PASS
        ]
        reasons.sort(key=lambda reason: reason[0] is not Outcome.FAIL)
        untested = list(_untested(job))
        return Verdict(
            outcome=_outcome(job, judged),
            evidence=_evidence(job, judged, reasons),
            actual="\n".join(
                [line for path, probes in judged.items() for line in _lines(path, probes)]
                + untested
            ),
            numbers={
                "probes": {
                    path: {probe: str(outcome) for probe, (outcome, _) in probes.items()}
                    for path, probes in judged.items()
                },
                "untested": untested,
            },
        )


def _gets(job: Job) -> tuple[Get, ...]:
    return tuple(get for get in GETS if get.who is None or get.who < len(job.app.accounts))


def _tested(job: Job) -> Iterator[tuple[str, str]]:
    if not job.app.accounts:
        return
    most = MOST_REQUESTS // len(_gets(job))
    for name, route in job.routes:
        if route.personalised:
            yield from ((name, path) for path in route.paths[:most])


def _requests(job: Job, path: str) -> tuple[Request, ...]:
    accounts = tuple(job.app.accounts)
    return tuple(
        Request(
            path=path if get.key is None else on_nonce_key(path, job.nonce, get.key),
            account=None if get.who is None else accounts[get.who],
            headers=BROWSER_HEADERS,
            label=get.label,
            only_after_miss=PROOF if get.guarded else None,
        )
        for get in _gets(job)
    )


def _visit(job: Job, fetched: Seen) -> Visit:
    assert isinstance(fetched, Fetched)
    return Visit(
        accounts=tuple((name, account.marker) for name, account in job.app.accounts.items())[:2],
        pages={answer.request.label: _page(answer) for answer in fetched.responses},
    )


def _page(answer: Response) -> Page:
    return Page(
        status=answer.status,
        body=answer.body,
        error=answer.error,
        from_cache=came_from_cache(answer.headers),
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
    tested = {path for _, path in _tested(job)}
    for name, route in personal:
        left = [path for path in route.paths if path not in tested]
        if left:
            yield f"{name}: {len(left)} more pages were not tested (at most {MOST_REQUESTS} requests a route)"


def _outcome(job: Job, judged: dict[str, dict[str, Judged]]) -> Outcome:
    if not any(route.personalised for _, route in job.routes):
        return Outcome.PASS
    return worst(outcome for probes in judged.values() for outcome, _ in probes.values())


def _evidence(job: Job, judged: dict[str, dict[str, Judged]], reasons: list[_Reason]) -> str:
    if reasons:
        outcome, text = reasons[0]
        leaks = sum(one is Outcome.FAIL for one, _ in reasons)
        found = f"{leaks} {'leak' if leaks == 1 else 'leaks'}. "
        return f"{found}{text}. Stop the release." if outcome is Outcome.FAIL else f"{text}."
    if judged:
        only = "" if len(job.app.accounts) > 1 else " L2 was not tested: it needs a second account."
        return f"{len(judged)} of {len(judged)} pages tested: each account saw its own page, nobody else did.{only}"
    return f"Nothing was tested: {'; '.join(_untested(job))}."


def _lines(path: str, probes: dict[str, Judged]) -> Iterator[str]:
    """Yield how many probes a page passed, then each that it did not, the gravest first."""
    passed = sum(outcome is Outcome.PASS for outcome, _ in probes.values())
    yield f"{path}  {passed} of {len(probes)} probes ok"
    for grave, word in ((Outcome.FAIL, "LEAK"), (Outcome.UNSURE, "unsure")):
        for probe, (outcome, text) in probes.items():
            if outcome is grave:
                yield f"  {probe} {word}: {text}"


STEP: Step = LoggedIn()
