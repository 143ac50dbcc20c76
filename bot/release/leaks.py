"""How it is proven that nobody gets a page that was made for somebody else."""

from __future__ import annotations

from bot.release.header_rules import personal_is_shared
from bot.release.probe_gets import ANYBODY, BAITS, A, B, bait_label
from bot.release.visit import PASS, Judged, Result, Visit

_UNTESTED: Judged = (Result.UNTESTED, "")


def _as_a(visit: Visit) -> tuple[str, ...]:
    return tuple(label for label in ("a first", "then a", "a on public") if visit.sent(label))


def account_is_signed_in(visit: Visit) -> Judged:
    """P0: account A's page is a page and shows its marker, or nothing else means anything."""
    if visit.signed_in():
        return PASS
    if not visit.sent("a first"):
        return _UNTESTED
    page, name = visit.pages["a first"], visit.accounts[A][0]
    strange = None if page.status == 200 else f"status {page.status}"
    seen = page.error or strange or "its marker is not on the page"
    return Result.UNSURE, f"account {name} is not signed in ({seen}); its cookie may have expired"


def nobody_gets_a(visit: Visit) -> Judged:
    """L1: an anonymous visitor never sees an account's page: after A's visit to a key, and on the page itself.

    Any other anonymous answer with a marker is a leak as well.
    """
    for label in ANYBODY:
        if (name := visit.shown(label)) is not None:
            return Result.FAIL, f"an anonymous visitor got the page of account {name}"
    if not visit.sent("then anybody"):
        return _UNTESTED
    asked = [one for one in ("then anybody", "public", "public again") if visit.sent(one)]
    trouble = visit.trouble(*asked)
    if trouble is not None:
        return Result.UNSURE, f"an anonymous page did not come ({trouble})"
    return PASS


def b_gets_b(visit: Visit) -> Judged:
    """L2: account B sees its own page after A's visit, never A's and never a copy made for others.

    A copy for others may also be what an expired cookie gets: it counts only where A, who is known to be
    signed in, gets one too.
    """
    mine = visit.accounts[B][0]
    if not visit.sent("then b"):
        return _UNTESTED
    shown = visit.shown("then b")
    if shown == mine:
        return PASS
    if shown is not None:
        return Result.FAIL, f"account {mine} got the page of account {shown}"
    if visit.hit("then b") and _others_copy_reaches_a(visit):
        return Result.FAIL, f"account {mine} got a cached page that was made for others"
    page = visit.pages["then b"]
    strange = None if page.status == 200 else f"status {page.status}"
    seen = page.error or strange or "its marker is not on the page"
    return Result.UNSURE, f"account {mine} is not signed in ({seen})"


def _others_copy_reaches_a(visit: Visit) -> bool:
    return visit.signed_in() and visit.hit("then a") and visit.shown("then a") is None


def a_gets_a(visit: Visit) -> Judged:
    """L3: account A sees its own page where an anonymous copy is warm."""
    name = visit.accounts[A][0]
    if not visit.signed_in() or not visit.sent("then a"):
        return _UNTESTED
    for label in ("then a", "a on public"):
        if not visit.sent(label) or visit.shown(label) == name:
            continue
        if (trouble := visit.trouble(label)) is not None:
            return Result.UNSURE, f"account {name} got no page ({trouble})"
        whose = visit.shown(label)
        got = "the anonymous page" if whose is None else f"the page of account {whose}"
        return Result.FAIL, f"account {name} got {got}"
    return PASS


def warm_copy_stays(visit: Visit) -> Judged:
    """L4: a warm anonymous copy stays what it was after A's visit: no marker, and the same page.

    On a key of this run another page in the cache is a fault; on the page itself it may be another
    cache's copy.
    """
    for label in ("anybody again", "public again"):
        if (name := visit.shown(label)) is not None:
            return Result.FAIL, f"a cached page turned into the page of account {name}"
    if not visit.sent("then a"):
        return _UNTESTED
    pairs = [("key again", "anybody again"), ("public", "public again")]
    for before, after in pairs if visit.sent("public again") else pairs[:1]:
        if (trouble := visit.trouble(before, after)) is not None:
            return Result.UNSURE, f"an anonymous page did not come ({trouble})"
        if not visit.alike(before, after):
            fault = before == "key again" and visit.hit(after)
            said = "the anonymous page changed after an account's visit"
            return (Result.FAIL if fault else Result.UNSURE), said
    return PASS


def personal_page_is_private(visit: Visit) -> Judged:
    """L5: no answer to an account may be kept for everybody: rule H1 (RFC 9111, 3 and 5.2.2)."""
    if not visit.signed_in():
        return _UNTESTED
    own = [label for label in (*_as_a(visit), "then b") if visit.shown(label) is not None]
    for answer in visit.answers(*own, personal=True):
        for text in personal_is_shared(answer):
            return Result.FAIL, text
    return PASS


def account_page_is_fresh(visit: Visit) -> Judged:
    """L7: what an account gets never came from the shared cache; a cookie that has expired is no account."""
    if not visit.signed_in():
        return _UNTESTED
    if visit.hit(*_as_a(visit)) or (visit.hit("then b") and visit.shown("then b")):
        return Result.FAIL, "a signed-in visitor's page came from the shared cache"
    return PASS


def baits_are_not_kept(visit: Visit) -> Judged:
    """D1: a personal page asked for as a file that does not exist is kept for nobody (web cache deception)."""
    numbers = range(1, len(BAITS) + 1)
    asked = [bait_label(number, anybody=True) for number in numbers]
    for number, label in zip(numbers, asked, strict=True):
        if (name := visit.shown(label)) is not None:
            form = BAITS[number - 1].format(nonce="…")
            return (
                Result.FAIL,
                f"an anonymous visitor got the page of account {name} as a file (…{form})",
            )
    if not visit.sent(*asked):
        return _UNTESTED
    trouble = visit.trouble(*asked)
    return (
        PASS if trouble is None else (Result.UNSURE, f"an anonymous page did not come ({trouble})")
    )
