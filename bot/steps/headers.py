"""Inspect cache headers: what a cache is told, and whether that is safe for signed-in people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.release.cache_headers import BROWSER_HEADERS, joined
from bot.release.cache_indicator import came_from_cache, facts, word
from bot.release.catalog import Route
from bot.release.header_rules import RULES, Answer, Finding, Severity, findings
from bot.release.nonce_key import on_nonce_key
from bot.release.records import Json, Outcome, Verdict
from bot.release.weighing import worst
from bot.steps import Fetch, Fetched, Job, LookOnly, Request, Response, Seen, Step, Texts, Wish


@dataclass(frozen=True, kw_only=True)
class _Page:
    """What one page's answers come to."""

    path: str
    findings: tuple[Finding, ...]
    broken: str | None
    untold: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def outcome(self) -> Outcome:
        if self.broken or any(found.severity is Severity.STOP for found in self.findings):
            return Outcome.FAIL
        return Outcome.UNSURE if self.findings or self.untold else Outcome.PASS

    @property
    def reasons(self) -> Iterator[str]:
        """Yield the sentences against a pass, the gravest first."""
        if self.broken:
            yield f"{self.path} {self.broken}."
        for severity in Severity:
            yield from (
                f"{self.path}: {found.text} ({found.rule})."
                for found in self.findings
                if found.severity is severity
            )
        yield from (f"{self.path}: {text}." for text in self.untold)


class CacheHeaders(LookOnly):
    """Two anonymous GETs a page; on personalised routes one as a test account, on a key of its own."""

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
        return tuple(Fetch(requests=_plain(path)) for path, _ in _pages(job))

    def remember(self, job: Job, seen: tuple[Seen, ...]) -> Json:
        """Keep status, indicator, Age, Cache-Control, Vary and ETag of each page's second answer."""
        kept = {path: answers["2"] for path, _, answers in _answered(job, seen)}
        return {"paths": {path: facts(last.status, last.headers) for path, last in kept.items()}}

    def plan(self, job: Job) -> tuple[Wish, ...]:
        """Look at every page twice; then, where it is personal, at a page of the account's own key.

        The account's request is sent only if a first key with an unknown query was a plain miss:
        otherwise the query is no part of the cache key, and a personal page could land on the public one.
        """
        account = next(iter(job.app.accounts), None)
        return tuple(
            Fetch(requests=_plain(path) + _personal(path, account if personal else None, job.nonce))
            for path, personal in _pages(job)
        )

    def judge(self, job: Job, seen: tuple[Seen, ...]) -> Verdict:
        """Fail on a rule that stops or a page that does not answer; unsure on a warning or what cannot be told."""
        pages = [_page(job, *answered) for answered in _answered(job, seen)]
        reasons = [reason for page in pages for reason in page.reasons]
        outcome = worst(page.outcome for page in pages)
        if outcome is Outcome.PASS:
            evidence = f"{len(pages)} of {len(pages)} pages keep all {len(RULES)} rules and say hit or miss."
        else:
            evidence = next(next(page for page in pages if page.outcome is outcome).reasons)
        if len(reasons) > 1:
            evidence += f" {len(reasons) - 1} more below."
        return Verdict(
            outcome=outcome,
            evidence=evidence,
            actual="\n".join([line for page in pages for line in page.lines] + reasons),
            numbers={**self.remember(job, seen), "reasons": reasons},
        )


def _pages(job: Job) -> Iterator[tuple[str, bool]]:
    for _, route in job.routes:
        for path in route.paths:
            yield path, route.personalised


def _plain(path: str) -> tuple[Request, ...]:
    return tuple(Request(path=path, headers=BROWSER_HEADERS, label=label) for label in ("1", "2"))


def _personal(path: str, account: str | None, nonce: str) -> tuple[Request, ...]:
    if account is None:
        return ()
    return (
        Request(path=on_nonce_key(path, nonce, "-c"), headers=BROWSER_HEADERS, label="canary"),
        Request(
            path=on_nonce_key(path, nonce, "-h"),
            account=account,
            headers=BROWSER_HEADERS,
            label="personal",
            only_after_miss="canary",
        ),
    )


def _answered(job: Job, seen: tuple[Seen, ...]) -> Iterator[tuple[str, bool, dict[str, Response]]]:
    for (path, personal), fetched in zip(_pages(job), seen, strict=True):
        assert isinstance(fetched, Fetched)
        yield path, personal, {answer.request.label: answer for answer in fetched.responses}


def _page(job: Job, path: str, personal: bool, answers: dict[str, Response]) -> _Page:
    told = [answer for answer in answers.values() if _trouble(answer) is None]
    found = dict.fromkeys(one for answer in told for one in findings(_as_answer(answer)))
    return _Page(
        path=path,
        findings=tuple(found),
        broken=_trouble(answers["1"]) or _trouble(answers["2"]),
        untold=tuple(_untold(job, personal, answers)),
        lines=tuple(_lines(job, path, answers)),
    )


def _as_answer(answer: Response) -> Answer:
    return Answer(
        headers=answer.headers,
        at=answer.at,
        personal=answer.request.account is not None,
        from_cache=came_from_cache(answer.headers),
    )


def _trouble(answer: Response) -> str | None:
    if answer.error is not None:
        return f"did not answer: {answer.error}"
    return f"answered {answer.status}" if answer.status >= 500 else None


def _untold(job: Job, personal: bool, answers: dict[str, Response]) -> Iterator[str]:
    second = answers["2"]
    if _trouble(second) is not None:
        return
    if second.status not in {200, 304}:
        yield f"it answers {second.status}, so there is no page to inspect"
    if came_from_cache(second.headers) is None:
        yield "no header says whether the page came from the cache"
    if not personal:
        return
    if not job.app.accounts:
        yield "H1 is not judged, because no test account is configured"
        return
    mine = answers["personal"]
    if came_from_cache(answers["canary"].headers) is not False:
        yield "H1 is not judged: a page never asked for was no plain miss, so nobody was signed in"
    elif mine.error is not None or mine.status != 200:
        yield f"H1 is not judged: account {mine.request.account} got {mine.error or mine.status}"


def _lines(job: Job, path: str, answers: dict[str, Response]) -> Iterator[str]:
    second = answers["2"]
    if second.error is not None:
        return
    first, then = word(answers["1"].headers), word(second.headers)
    yield f"{path}  {second.status}, {first}, {then.removeprefix(first.rpartition(' ')[0] + ' ')}"
    age, rules, vary = (joined(second.headers, name) for name in ("age", "cache-control", "vary"))
    yield f"  Age {age or '-'}, Vary: {(vary or '-')[:60]}"
    yield f"  {rules[:120]}" if rules else "  no Cache-Control"
    before: dict[str, Any] = (job.baseline or {}).get("paths", {}).get(path, {})
    if before and job.snapshot_id is not None:
        after = facts(answers["1"].status, answers["1"].headers)
        yield f"  purged: {_in_short(before)} -> {_in_short(after)}"


def _in_short(seen: Json) -> str:
    return f"{seen['word']}, Age {'-' if seen['age'] is None else seen['age']}"


STEP: Step = CacheHeaders()
