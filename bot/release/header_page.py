"""What the cache headers of one page come to: findings, what could not be told, and the lines that show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.release.cache_headers import Headers
from bot.release.header_changes import changed_since, revalidates, several_nodes
from bot.release.header_finding import Finding, Severity, gravest
from bot.release.header_rules import Answer, findings
from bot.release.page_table import columns
from bot.release.records import Outcome
from bot.release.sight import Sight

LOOKS = tuple(str(number) for number in range(1, 6))
MORE_LOOKS = tuple(str(number) for number in range(6, 11))
IDENTITY = ("identity 1", "identity 2")
SAME, CANARY, PERSONAL = "same", "canary", "personal"


@dataclass(frozen=True, kw_only=True)
class Told:
    """One answer that came: its headers as they were sent, and what they say; `account` is who asked."""

    headers: Headers
    sight: Sight
    account: str | None = None


@dataclass(frozen=True, kw_only=True)
class PageTold:
    """A page's answers by label, what the catalog says of it, and the look before if there is one.

    `compare` shows the look before beside the present one.
    """

    path: str
    answers: Mapping[str, Told]
    personalised: bool = False
    bypassed: bool = False
    accounts: bool = True
    before: Sight | None = None
    compare: bool = False


@dataclass(frozen=True, kw_only=True)
class PageHeaders:
    """What a page comes to; `reasons` are sentences against a pass, the gravest first, `notes` the others."""

    path: str
    outcome: Outcome
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    lines: tuple[str, ...]


def judge_headers(page: PageTold) -> PageHeaders:
    """Fail on a rule that stops or a page that does not answer; unsure on a warning or what cannot be told."""
    found = gravest(tuple(dict.fromkeys(_findings(page))))
    broken = next(
        (page.answers[label].sight.broken for label in LOOKS if _broken(page, label)), None
    )
    untold = tuple(_untold(page))
    texts = [f"{page.path}: {one.text} ({one.rule})." for one in found]
    against = sum(one.severity is not Severity.INFO for one in found)
    stops = broken is not None or any(one.severity is Severity.STOP for one in found)
    return PageHeaders(
        path=page.path,
        outcome=Outcome.FAIL if stops else Outcome.UNSURE if against or untold else Outcome.PASS,
        reasons=(
            *((f"{page.path} {broken}.",) if broken else ()),
            *texts[:against],
            *(f"{page.path}: {text}." for text in untold),
        ),
        notes=tuple(texts[against:]),
        lines=tuple(_lines(page, found)),
    )


def _broken(page: PageTold, label: str) -> bool:
    return label in page.answers and page.answers[label].sight.broken is not None


def _findings(page: PageTold) -> Iterator[Finding]:
    for label, told in page.answers.items():
        if label != SAME and told.sight.broken is None:
            yield from findings(_answer(page, label, told))
    second = page.answers.get("2")
    if second is not None:
        yield from changed_since(page.before, second.sight)
    looks = [page.answers[one].sight for one in (*LOOKS, *MORE_LOOKS) if one in page.answers]
    yield from several_nodes(looks)
    if second is not None and SAME in page.answers:
        yield from revalidates(second.sight, page.answers[SAME].sight)


def _answer(page: PageTold, label: str, told: Told) -> Answer:
    return Answer(
        headers=told.headers,
        at=told.sight.at,
        personal=told.account is not None,
        from_cache=told.sight.hit,
        status=told.sight.status,
        personalised=page.personalised,
        bypassed=page.bypassed,
        expected=label not in {CANARY, PERSONAL},
    )


def _untold(page: PageTold) -> Iterator[str]:
    second = page.answers["2"].sight
    if second.broken:
        return
    if second.status not in {200, 304}:
        yield f"it answers {second.status}, so there is no page to inspect"
    if second.hit is None:
        yield "no header says whether the page came from the cache"
    if not page.personalised:
        return
    if not page.accounts:
        yield "H1 is not judged, because no test account is configured"
        return
    canary, mine = page.answers.get(CANARY), page.answers.get(PERSONAL)
    if canary is None or canary.sight.hit is not False:
        yield "H1 is not judged: a page never asked for was no plain miss, so nobody was signed in"
    elif mine is None:
        yield "H1 is not judged: the account's page was not asked for"
    elif mine.sight.error is not None or mine.sight.status != 200:
        yield f"H1 is not judged: account {mine.account} got {mine.sight.error or mine.sight.status}"


def _lines(page: PageTold, found: tuple[Finding, ...]) -> Iterator[str]:
    first, second = page.answers["1"].sight, page.answers["2"].sight
    if second.error is not None:
        return
    changed = any(one.rule == "H6" for one in found)
    if page.before is not None and (page.compare or changed):
        yield from columns(page.path, ("before", "now #1", "now #2"), (page.before, first, second))
    else:
        yield from columns(page.path, ("#1", "#2"), (first, second), marked=False)
    yield f"  {second.status}, Vary: {(second.vary or '-')[:60]}"
    yield f"  {second.cache_control or 'no Cache-Control'}"
