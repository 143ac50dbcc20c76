"""One short look at a watched release: its pages in turns with a control page, their headers, a safe leak probe."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.release.cache_headers import BROWSER_HEADERS
from bot.release.header_finding import Severity
from bot.release.header_rules import Answer, findings
from bot.release.nonce_key import on_nonce_key
from bot.release.records import Json, Story
from bot.release.watch_before import (
    glance_before,
    headers_were_refused,
    hits_of,
)
from bot.release.watch_judge import Seen
from bot.release.watch_leak import CANARY, MINE, SECOND, THEN, Shown, judge_probe, whose
from bot.release.wave_look import glance
from bot.steps import Fetch, Job, Request, Response
from bot.work.jobs import release_name
from bot.work.parts import Parts
from bot.work.short_look import EVERY_S, in_turns, sample

ROUNDS = 5
PAGES = 3
Heed = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class LookedAt:
    """What was seen, the share of cache hits now and before the purge (0 to 1), the medians in ms, the headers."""

    seen: Seen
    hits: float | None
    hits_before: float | None
    ms: float | None
    ms_before: float | None
    headers: Json


def look_at(parts: Parts, job: Job, story: Story, baseline: Json | None, heed: Heed) -> LookedAt:
    """Look at the first page of each route, at most three; `heed` is called after each request and may end it."""
    pages = [(name, route.paths[0]) for name, route in job.routes][:PAGES]
    turns = in_turns(job, [path for _, path in pages], ROUNDS)
    answers = _fetch(parts, job, Fetch(requests=tuple(turns), every=EVERY_S, keep_body=True), heed)
    samples = [sample(answer) for answer in answers]
    seen = []
    for name, path in pages:
        mine = [row for row in samples if row.control or row.path == path]
        seen.append((path, glance_before(baseline, story, name, path), glance(mine)))
    known = [row.hit for row in samples if not row.control and row.hit is not None]
    before = [share for _, was, _ in seen if (share := hits_of(was)) is not None]
    probed = _probe(parts, job, answers, heed)
    personal = [answer for answer in probed if answer.request.label == MINE]
    leak, untold = _leak(job, answers, probed)
    broken = None if headers_were_refused(story) else _broken_rule([*answers, *personal])
    return LookedAt(
        seen=Seen(
            pages=tuple(seen),
            leak=leak or broken,
            untold=untold,
        ),
        hits=sum(known) / len(known) if known else None,
        hits_before=min(before, default=None),
        ms=glance(samples).ms,
        ms_before=next((was.ms for _, was, _ in seen if was is not None), None),
        headers=_headers([row for row in answers if row.request.label.startswith("page")]),
    )


def _fetch(parts: Parts, job: Job, wish: Fetch, heed: Heed) -> tuple[Response, ...]:
    cookies = {name: parts.secrets[account.cookie] for name, account in job.app.accounts.items()}
    fetched = parts.probe.fetch(
        wish,
        base_url=job.environment.url,
        allow_private=job.environment.allow_private,
        cookies=cookies,
        release=release_name(job),
        on_progress=heed,
    )
    return fetched.responses


def _probe(
    parts: Parts, job: Job, answers: tuple[Response, ...], heed: Heed
) -> tuple[Response, ...]:
    """Ask as an account, on a key of this look alone, once that was proven to be one; nothing where nobody signs in."""
    path = _personal_path(job)
    if path is None or not job.app.accounts or any(answer.error for answer in answers):
        return ()
    account = next(iter(job.app.accounts))
    mine = on_nonce_key(path, job.nonce, "-w")
    first, second = (on_nonce_key(path, job.nonce, name) for name in ("-c", "-d"))
    asked = (
        (first, CANARY, None, None),
        (second, SECOND, None, CANARY),
        (mine, MINE, account, SECOND),
        (mine, THEN, None, SECOND),
    )
    requests = tuple(
        Request(path=page, headers=BROWSER_HEADERS, label=label, account=who, only_after_miss=guard)
        for page, label, who, guard in asked
    )
    return _fetch(parts, job, Fetch(requests=requests, keep_body=True), heed)


def _personal_path(job: Job) -> str | None:
    return next((route.paths[0] for _, route in job.routes if route.personalised), None)


def _leak(
    job: Job, answers: tuple[Response, ...], probed: tuple[Response, ...]
) -> tuple[str | None, str | None]:
    accounts = [(name, account.marker) for name, account in job.app.accounts.items()]
    for answer in answers:
        name = whose(accounts, answer.body)
        if name is not None:
            said = f"{answer.request.path}: an anonymous visitor got the page of account {name}."
            return said, None
    if not probed:
        return None, None
    pages = {answer.request.label: _page(answer) for answer in probed}
    return judge_probe(_personal_path(job) or "", accounts, pages)


def _page(answer: Response) -> Shown:
    return Shown(
        status=answer.status,
        body=answer.body,
        error=answer.error,
        from_cache=answer.sight.hit,
    )


def _broken_rule(answers: list[Response]) -> str | None:
    """Return in a sentence which rule an answer breaks that would stop a release."""
    for answer in answers:
        if answer.error is not None or answer.status >= 400:
            continue
        judged = Answer(
            headers=answer.headers,
            at=answer.at,
            personal=answer.request.account is not None,
            from_cache=answer.sight.hit,
            status=answer.status,
        )
        for found in findings(judged):
            if found.severity is Severity.STOP:
                return f"{answer.request.path.partition('?__crc')[0]}: {found.text} ({found.rule})."
    return None


def _headers(answers: Iterable[Response]) -> Json:
    """Return what each page last told caches, as it is compared from look to look."""
    told = {}
    for answer in answers:
        if answer.error is None and answer.status < 400:
            now = answer.sight
            told[answer.request.path] = {"cache_control": now.cache_control, "vary": now.vary}
    return told
