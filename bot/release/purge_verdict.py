"""The verdict on a purge: what was taken, and what the pages say of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.release.page_table import LEGEND
from bot.release.purge_look import PageJudged, outcome_of
from bot.release.records import Outcome, Verdict
from bot.release.weighing import worst


def with_pages(done: Verdict, pages: Sequence[PageJudged]) -> Verdict:
    """Return the verdict with what the pages say: the worst of both, in as few words as they need.

    What stops the release stands in the numbers, so that it stays stopped until somebody decides.
    """
    outcome = worst((done.outcome, outcome_of(pages)))
    reasons = _reasons(pages)
    if reasons:
        more = f" {len(reasons) - 1} more below." if len(reasons) > 1 else ""
        evidence = f"{reasons[0]}{more} {done.evidence}"
    elif pages:
        evidence = f"{done.evidence} {_made_anew(pages)}"
    else:
        evidence = f"{done.evidence} No page could be looked at after it."
    stops = [
        reason.removesuffix(".")
        for page in pages
        if page.outcome is Outcome.FAIL
        for reason in page.reasons[:1]
    ]
    numbers = {
        **done.numbers,
        "pages": {page.path: str(page.outcome) for page in pages},
        "reasons": reasons,
        **({"stops": stops} if stops else {}),
    }
    actual = "\n".join([done.actual, *_lines(pages, reasons)])
    return replace(done, outcome=outcome, evidence=evidence, actual=actual, numbers=numbers)


def _reasons(pages: Sequence[PageJudged]) -> list[str]:
    """Return the sentences against a pass, those of the pages that failed first."""
    grave = sorted(pages, key=lambda page: page.outcome is not Outcome.FAIL)
    return [reason for page in grave for reason in page.reasons]


def _made_anew(pages: Sequence[PageJudged]) -> str:
    own = sum(not page.neighbour for page in pages)
    waiting = sum(page.waits for page in pages)
    if waiting:
        return f"{waiting} of {own} pages show their old copy on purpose, until it expires."
    return "The page was made anew." if own == 1 else f"All {own} pages were made anew."


def _lines(pages: Sequence[PageJudged], reasons: Sequence[str]) -> Iterator[str]:
    yield from reasons[1:]
    for page in pages:
        yield from page.lines
    if any(len(page.lines) > 1 for page in pages):
        yield LEGEND
    for page in pages:
        yield from page.notes
