"""How it is proven that nobody gets a page that was made for somebody else."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.release.records import Outcome

A, B = 0, 1


@dataclass(frozen=True, kw_only=True)
class Get:
    """One request of the sequence: as whom (None: anybody), on which key of this run (None: the public one).

    `guarded` requests are sent only where the last key was proven to be a key of its own.
    """

    label: str
    who: int | None = None
    key: str | None = None
    guarded: bool = False


GETS: tuple[Get, ...] = (
    Get(label="public"),
    Get(label="key", key="-k"),
    Get(label="key again", key="-k"),
    Get(label="other key", key="-o"),
    Get(label="a first", who=A, key="-1", guarded=True),
    Get(label="then anybody", key="-1", guarded=True),
    Get(label="then b", who=B, key="-1", guarded=True),
    Get(label="anybody first", key="-2"),
    Get(label="then a", who=A, key="-2", guarded=True),
    Get(label="anybody again", key="-2"),
)
PROOF = "other key"


@dataclass(frozen=True, kw_only=True)
class Page:
    """What came back; `from_cache` is None where the answer does not say."""

    status: int
    body: str
    error: str | None
    from_cache: bool | None


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One page's answers by label, and the accounts as (name, marker)."""

    accounts: tuple[tuple[str, str], ...]
    pages: Mapping[str, Page]

    def shown(self, label: str) -> str | None:
        """Return the account whose marker the answer shows; None where it shows none."""
        body = self.pages[label].body
        texts = (body, html.unescape(body))
        return next(
            (name for name, marker in self.accounts if any(marker in t for t in texts)), None
        )

    def trouble(self, label: str) -> str | None:
        """Return why the answer is no page to judge."""
        page = self.pages[label]
        return page.error or (None if page.status == 200 else f"status {page.status}")


Judged = tuple[Outcome, str]
_PASS: Judged = (Outcome.PASS, "")


def query_is_keyed(visit: Visit) -> Judged:
    """K0: a key never asked for must be a plain miss, or nothing personal may be asked for."""
    hit = visit.pages[PROOF].from_cache
    if hit is False:
        return _PASS
    why = (
        "the query is no part of the cache key"
        if hit
        else "no header says whether a page was cached"
    )
    return Outcome.UNSURE, f"cannot be tested safely, because {why}"


def account_is_signed_in(visit: Visit) -> Judged:
    """P0: account a's page is a page and shows its marker, or nothing else means anything."""
    name = visit.accounts[A][0]
    trouble = visit.trouble("a first")
    if trouble is None and visit.shown("a first") == name:
        return _PASS
    seen = trouble or "its marker is not on the page"
    return Outcome.UNSURE, f"account {name} is not signed in ({seen}); its cookie may have expired"


def nobody_gets_a(visit: Visit) -> Judged:
    """L1: an anonymous visitor never sees an account's page, on the public key or after a's visit."""
    for label in ("public", "then anybody"):
        if (name := visit.shown(label)) is not None:
            return Outcome.FAIL, f"an anonymous visitor got the page of account {name}"
        if (trouble := visit.trouble(label)) is not None:
            return Outcome.UNSURE, f"an anonymous visitor got no page ({trouble})"
    return _PASS


def b_gets_b(visit: Visit) -> Judged:
    """L2: account b sees its own page after a's visit, never a's."""
    mine = visit.accounts[B][0]
    shown = visit.shown("then b")
    if shown == mine:
        return _PASS
    if shown is not None:
        return Outcome.FAIL, f"account {mine} got the page of account {shown}"
    seen = visit.trouble("then b") or "its marker is not on the page"
    return Outcome.UNSURE, f"account {mine} is not signed in ({seen})"


def warm_copy_stays(visit: Visit) -> Judged:
    """L4: a warm anonymous copy stays what it was after a's visit: no marker, the same page within 5 %."""
    name = visit.shown("anybody again")
    if name is not None:
        return Outcome.FAIL, f"a cached page turned into the page of account {name}"
    trouble = visit.trouble("anybody first") or visit.trouble("anybody again")
    if trouble is not None:
        return Outcome.UNSURE, f"an anonymous visitor got no page ({trouble})"
    if _alike(visit.pages["anybody first"].body, visit.pages["anybody again"].body):
        return _PASS
    return Outcome.UNSURE, "the anonymous page changed after an account's visit"


def _alike(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) <= 0.02 * max(len(one), 1):
        return True
    return SequenceMatcher(None, one.splitlines(), other.splitlines()).ratio() >= 0.95


PROBES: tuple[tuple[str, Callable[[Visit], Judged]], ...] = (
    ("K0", query_is_keyed),
    ("P0", account_is_signed_in),
    ("L1", nobody_gets_a),
    ("L2", b_gets_b),
    ("L4", warm_copy_stays),
)


def judge_visit(visit: Visit) -> dict[str, Judged]:
    """Return what each probe says; where the key is not proven, only what is safe to say."""
    keyed = query_is_keyed(visit)
    if keyed != _PASS:
        name = visit.shown("public")
        if name is not None:
            return {
                "K0": keyed,
                "L1": (Outcome.FAIL, f"an anonymous visitor got the page of account {name}"),
            }
        return {"K0": keyed}
    return {name: judge(visit) for name, judge in PROBES if name != "L2" or len(visit.accounts) > 1}
