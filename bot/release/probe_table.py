"""The logged-in probes as one table: which requests, which rule, and what a failure means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.release.key_probes import (
    cache_tells_people_apart,
    foreign_host_is_forgotten,
    no_cookie_is_kept,
    pages_are_kept,
    query_is_keyed,
)
from bot.release.leaks import (
    a_gets_a,
    account_is_signed_in,
    account_page_is_fresh,
    b_gets_b,
    baits_are_not_kept,
    nobody_gets_a,
    personal_page_is_private,
    warm_copy_stays,
)
from bot.release.probe_gets import ANYBODY, BAITS, GETS, PROOF, B, Get, bait_label
from bot.release.records import Outcome
from bot.release.visit import Judged, Result, Visit


class Gravity(StrEnum):
    """What a failed probe means: the release is stopped, the step fails, a person is asked, or it is only said."""

    STOP = "stops the release"
    FAIL = "fails the step"
    ASK = "asks a person"
    SAY = "is only said"


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One probe: its requests by label, the rule of a pass, and the probes without which a pass means nothing."""

    name: str
    passes: str
    gets: tuple[str, ...]
    judge: Callable[[Visit], Judged]
    gravity: Gravity
    needs: tuple[str, ...] = ()


_BAITED = tuple(
    bait_label(number, anybody=anybody)
    for number in range(1, len(BAITS) + 1)
    for anybody in (False, True)
)

PROBES: tuple[Probe, ...] = (
    Probe(
        name="K0",
        passes="two keys that were never asked for are misses: the query is part of the cache key",
        gets=("key", "key again", PROOF),
        judge=query_is_keyed,
        gravity=Gravity.ASK,
    ),
    Probe(
        name="P0",
        passes="status 200 and A's marker on the page: A is signed in",
        gets=("a first",),
        judge=account_is_signed_in,
        gravity=Gravity.ASK,
        needs=("K0",),
    ),
    Probe(
        name="C1",
        passes="first a miss, then a hit; or twice a miss where the page may not be cached",
        gets=("key", "key again"),
        judge=pages_are_kept,
        gravity=Gravity.ASK,
    ),
    Probe(
        name="C2",
        passes="no Set-Cookie in a hit, nor in what a shared cache may keep (rule H2)",
        gets=("key", "key again", PROOF, "public"),
        judge=no_cookie_is_kept,
        gravity=Gravity.FAIL,
    ),
    Probe(
        name="L1",
        passes="no marker in what anybody gets: after A's visit to a key, on the page itself, or elsewhere",
        gets=("a first", "a on public", *ANYBODY),
        judge=nobody_gets_a,
        gravity=Gravity.STOP,
        needs=("K0", "P0"),
    ),
    Probe(
        name="L2",
        passes="B's marker and not A's, after A's visit to the same key",
        gets=("a first", "then b"),
        judge=b_gets_b,
        gravity=Gravity.STOP,
        needs=("K0", "P0"),
    ),
    Probe(
        name="L3",
        passes="A's marker where an anonymous copy is warm, on a key of this run and on the page itself",
        gets=("key", "key again", "then a", "public", "a on public"),
        judge=a_gets_a,
        gravity=Gravity.FAIL,
        needs=("K0", "P0"),
    ),
    Probe(
        name="L4",
        passes="no marker after A's visit to a warm key, and the same page as before"
        " (length within 2 %, or 95 % of the lines)",
        gets=("key again", "then a", "anybody again", "public", "a on public", "public again"),
        judge=warm_copy_stays,
        gravity=Gravity.FAIL,
        needs=("K0", "P0"),
    ),
    Probe(
        name="L5",
        passes="no answer to A or B may be kept for everybody (rule H1)",
        gets=("a first", "then b", "then a", "a on public"),
        judge=personal_page_is_private,
        gravity=Gravity.FAIL,
        needs=("K0", "P0"),
    ),
    Probe(
        name="L6",
        passes="a cached anonymous page has Vary: Cookie, or the route names its `bypass_cookie`",
        gets=("key again", "public"),
        judge=cache_tells_people_apart,
        gravity=Gravity.SAY,
    ),
    Probe(
        name="L7",
        passes="no answer to A or B is a hit",
        gets=("a first", "then b", "then a", "a on public"),
        judge=account_page_is_fresh,
        gravity=Gravity.FAIL,
        needs=("K0", "P0"),
    ),
    Probe(
        name="D1",
        passes="no marker in what anybody gets where A asked for its page as a file",
        gets=_BAITED,
        judge=baits_are_not_kept,
        gravity=Gravity.STOP,
        needs=("K0", "P0"),
    ),
    Probe(
        name="X1",
        passes="the host in X-Forwarded-Host is neither in the next answer's body nor in its headers",
        gets=("canary", "after canary"),
        judge=foreign_host_is_forgotten,
        gravity=Gravity.FAIL,
        needs=("K0",),
    ),
)
BY_NAME: Mapping[str, Probe] = {probe.name: probe for probe in PROBES}


def gets_for(accounts: int) -> tuple[Get, ...]:
    """Return the requests of a page in their order, with this many test accounts."""
    return tuple(get for get in GETS if get.who is None or get.who < accounts)


def judge_visit(visit: Visit) -> dict[str, Judged]:
    """Return what each probe says; what is no failure counts only where the probes it needs have passed."""
    said: dict[str, Judged] = {}
    for probe in PROBES:
        if probe.name == "L2" and len(visit.accounts) <= B:
            continue
        result, text = probe.judge(visit)
        lacking = [name for name in probe.needs if said[name][0] is not Result.PASS]
        if lacking and result is not Result.FAIL:
            result, text = Result.UNTESTED, f"{lacking[0]} did not pass"
        said[probe.name] = result, text
    return said


def stops(name: str, judged: Judged) -> bool:
    """Return whether what the probe says stops the release."""
    return judged[0] is Result.FAIL and BY_NAME[name].gravity is Gravity.STOP


def outcome_of(name: str, judged: Judged) -> Outcome:
    """Return what a probe's word means for its step."""
    match judged[0]:
        case Result.PASS | Result.WARN:
            return Outcome.PASS
        case Result.FAIL if BY_NAME[name].gravity in {Gravity.STOP, Gravity.FAIL}:
            return Outcome.FAIL
        case _:
            return Outcome.UNSURE
