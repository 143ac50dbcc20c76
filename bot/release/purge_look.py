"""What the looks around a purge come to: a verdict on the purge itself, and the table that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.release.header_changes import changed_since
from bot.release.header_finding import Finding, Severity, gravest
from bot.release.page_gets import Page
from bot.release.page_table import neighbour_line, page_table
from bot.release.purge_rules import ON_NEIGHBOURS, ON_PAGES, PageSeen, made_since, waits
from bot.release.records import Outcome
from bot.release.sight import Sight
from bot.release.weighing import worst

IDENTITY = "identity "


@dataclass(frozen=True, kw_only=True)
class PageJudged:
    """What one page's looks come to; `reasons` are sentences against a pass, the gravest first.

    `waits` where a soft purge lets it serve its old copy still.
    """

    path: str
    neighbour: bool
    outcome: Outcome
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    lines: tuple[str, ...]
    waits: bool = False


@dataclass(frozen=True, kw_only=True)
class Around:
    """The looks before and after, by page and label, and what the purge says about what may be back."""

    before: Mapping[str, Mapping[str, Sight]]
    after: Mapping[str, Mapping[str, Sight]]
    refilled: bool


def judge_around(pages: Sequence[Page], around: Around) -> tuple[PageJudged, ...]:
    """Return what each page's looks say of the purge."""
    ends = [sight.at for sights in around.before.values() for sight in sights.values()]
    purged_at = max(ends, default=0.0)
    return tuple(_page(page, around, purged_at) for page in pages)


def outcome_of(judged: Sequence[PageJudged]) -> Outcome:
    """Return the worst of the pages; unsure where none was looked at."""
    return worst(page.outcome for page in judged)


def _page(page: Page, around: Around, purged_at: float) -> PageJudged:
    seen = _seen(page, around, purged_at, "")
    if seen is None:
        why = f"{page.path}: it could not be looked at after the purge."
        return PageJudged(
            path=page.path,
            neighbour=page.neighbour,
            outcome=Outcome.UNSURE,
            reasons=(why,),
            notes=(),
            lines=(),
        )
    found = list(_findings(page, seen))
    plain = None if page.neighbour else _seen(page, around, purged_at, IDENTITY)
    if plain is not None:
        found += [_of_identity(one) for one in _by_rules(page, plain)]
    broken, untold = _broken(seen), tuple(_untold(page, seen))
    grave = gravest(tuple(found))
    stops = broken or any(one.severity is Severity.STOP for one in grave)
    doubts = untold or any(one.severity is Severity.WARN for one in grave)
    told = [f"{page.path}: {one.text} ({one.rule})." for one in grave]
    against = sum(one.severity is not Severity.INFO for one in grave)
    return PageJudged(
        path=page.path,
        neighbour=page.neighbour,
        outcome=Outcome.FAIL if stops else Outcome.UNSURE if doubts else Outcome.PASS,
        reasons=(
            *((f"{page.path}: {broken}.",) if broken else ()),
            *told[:against],
            *(f"{page.path}: {text}." for text in untold),
        ),
        notes=(*told[against:], *_too_young(page, seen)),
        lines=(neighbour_line(seen),) if page.neighbour else page_table(seen),
        waits=not page.neighbour and waits(seen),
    )


def _seen(page: Page, around: Around, purged_at: float, name: str) -> PageSeen | None:
    before, after = around.before.get(page.path, {}), around.after.get(page.path, {})
    labels = ["still"] if page.neighbour else [f"{name}{number}" for number in (1, 2, 3)]
    looks = [after[label] for label in labels if label in after]
    if not looks:
        return None
    return PageSeen(
        path=page.path,
        before=before.get(f"{name}before again") or before.get(f"{name}before"),
        after=tuple(looks),
        again=after.get(f"{name}again"),
        purged_at=purged_at,
        soft_s=page.soft_s,
        refilled=around.refilled,
    )


def _by_rules(page: Page, seen: PageSeen) -> Iterator[Finding]:
    if seen.after[0].broken:
        return
    for rule in ON_NEIGHBOURS if page.neighbour else ON_PAGES:
        yield from rule(seen)


def _findings(page: Page, seen: PageSeen) -> Iterator[Finding]:
    yield from _by_rules(page, seen)
    if not page.neighbour:
        yield from changed_since(seen.before, seen.after[min(1, len(seen.after) - 1)])


def _of_identity(found: Finding) -> Finding:
    return Finding(
        rule=found.rule, severity=found.severity, text=f"uncompressed, it is {found.text}"
    )


def _broken(seen: PageSeen) -> str | None:
    """Return what is wrong with the page itself, where it was well before."""
    if seen.before is not None and seen.before.broken:
        return None
    return next((f"{one.broken} after the purge" for one in seen.after if one.broken), None)


def _untold(page: Page, seen: PageSeen) -> Iterator[str]:
    """Yield why nothing can be said of the purge by this page."""
    before, first = seen.before, seen.after[0]
    if before is not None and before.broken:
        yield f"it {before.broken} before the purge, so nothing can be compared"
    elif first.broken or page.neighbour:
        return
    elif first.hit is None and made_since(seen, first) is None:
        yield "no header says whether the page came from the cache, so nobody can tell if it was purged"
    elif before is None or not before.hit:
        yield "it was no cache hit before the purge, so the look after it tells little"


def _too_young(page: Page, seen: PageSeen) -> Iterator[str]:
    first, before = seen.after[0], seen.before
    if page.neighbour or first.age is None or before is None or before.age is None:
        return
    if made_since(seen, first) is None:
        yield f"{page.path}: Age {before.age} s before was too young to tell; judged by hit or miss."
