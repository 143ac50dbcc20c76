"""What a look of a watch is called, and what looks in a row call for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.release.records import Measurement, Outcome
from bot.release.timers import Timer, TimerState
from bot.release.watch_judge import Seen, cold_minutes, judge, refills
from bot.release.watch_leak import CANARY, MINE, SECOND, THEN, Shown, judge_probe
from bot.release.watch_plan import OFF, WatchPlan, due, overtaken, plan_of
from bot.release.watching import (
    Call,
    Look,
    Word,
    call_of,
    changed_header,
    look_of,
    numbers_of,
    redis_share,
    rolls_back,
)
from bot.release.wave_look import Glance

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
OK, COLD, SLOW, LEAK, FAILING, UNSURE = Word


def glance(**changes: Any) -> Glance:
    plain: dict[str, Any] = {
        "requests": 5,
        "failed": 0,
        "cold": 0,
        "still_cold": 0,
        "ms": 10.0,
        "control_ms": 5.0,
        "worst": None,
    }
    return Glance(**{**plain, **changes})


def seen(*after: Glance, **more: Any) -> Seen:
    return Seen(pages=tuple(("/products", glance(), row) for row in after), **more)


@pytest.mark.parametrize(
    ("what", "cold", "word"),
    [
        (seen(glance()), False, OK),
        (seen(glance(ms=400.0)), False, SLOW),
        (seen(glance(ms=400.0)), True, COLD),
        (seen(glance(ms=400.0, control_ms=205.0)), False, OK),
        (seen(glance(ms=200.0, control_ms=43.0)), False, SLOW),
        (seen(glance(ms=90.0)), False, OK),
        (seen(glance(cold=5, still_cold=1)), False, UNSURE),
        (seen(glance(cold=5, still_cold=1)), True, COLD),
        (seen(glance(failed=1, worst="/products answered 503")), True, UNSURE),
        (seen(glance(failed=2, worst="/products answered 503")), True, FAILING),
        (seen(glance(), glance(ms=400.0)), False, SLOW),
        (seen(glance(ms=400.0), leak="/products: somebody got a page."), True, LEAK),
        (seen(leak="/products: somebody got a page."), True, LEAK),
        (seen(), False, UNSURE),
        (seen(glance(), untold="account a is not signed in"), False, UNSURE),
    ],
)
def test_the_gravest_thing_names_the_look(what: Seen, cold: bool, word: Word) -> None:
    found, evidence = judge(what, cold=cold)
    assert found is word
    assert evidence


def test_nothing_to_compare_with_is_ok_unless_something_fails() -> None:
    what = Seen(pages=(("/products", None, glance(ms=900.0)),))
    assert judge(what, cold=False)[0] is OK


@pytest.mark.parametrize(
    ("hits", "before", "last", "minutes", "expected"),
    [
        (0.2, 1.0, None, 1.0, True),
        (0.6, 1.0, 0.2, 4.9, True),
        (0.6, 1.0, 0.2, 5.1, False),
        (0.2, 1.0, 0.6, 2.0, False),
        (0.96, 1.0, 0.6, 2.0, False),
        (0.5, 0.5, None, 1.0, False),
        (None, 1.0, None, 1.0, True),
        (None, None, None, 6.0, False),
    ],
)
def test_a_cache_refills_while_its_hits_are_below_and_not_falling_and_only_for_so_long(
    hits: float | None, before: float | None, last: float | None, minutes: float, expected: bool
) -> None:
    assert refills(hits, before, last, minutes=minutes, most=5.0) is expected


@pytest.mark.parametrize(
    ("to_warm", "expected"), [(None, 5.0), (0.1, 1.0), (1.5, 3.0), (40.0, 5.0)]
)
def test_a_cache_is_given_twice_what_was_foretold_but_never_more_than_the_limit(
    to_warm: float | None, expected: float
) -> None:
    assert cold_minutes(5, to_warm) == expected


def test_a_limit_of_zero_gives_no_minute() -> None:
    assert cold_minutes(0, None) == 0.0
    assert cold_minutes(0, 3.0) == 0.0


def looks(*words: Word) -> list[Look]:
    """Return the looks of a watch as they come to be, a minute apart, each with what it called for."""
    made: list[Look] = []
    for number, word in enumerate(words, start=1):
        at = NOON + timedelta(minutes=number)
        look = Look(number=number, at=at, word=word, evidence="seen")
        call = call_of(made, look)
        made.append(Look(number=number, at=at, word=word, evidence="seen", call=call))
    return made


def calls(*words: Word) -> list[tuple[int, str]]:
    return [(row.number, str(row.call)) for row in looks(*words) if row.call is not None]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((OK, OK, OK), []),
        ((SLOW,), []),
        ((SLOW, OK, SLOW), []),
        ((SLOW, SLOW), [(2, "page")]),
        ((SLOW, LEAK), [(2, "page")]),
        ((FAILING, SLOW, LEAK, SLOW), [(2, "page")]),
        ((UNSURE, UNSURE, UNSURE), [(2, "ask")]),
        ((UNSURE, SLOW), [(2, "ask")]),
        ((SLOW, UNSURE), [(2, "ask")]),
        ((UNSURE, UNSURE, SLOW, SLOW), [(2, "ask"), (4, "page")]),
        ((SLOW, SLOW, UNSURE, UNSURE), [(2, "page")]),
        ((SLOW, SLOW, OK, SLOW, SLOW), [(2, "page"), (5, "page")]),
        ((COLD, COLD, COLD), []),
        ((SLOW, COLD, SLOW), [(3, "page")]),
        ((SLOW, COLD), []),
        ((LEAK, LEAK), [(2, "page")]),
    ],
)
def test_two_in_a_row_call_once(words: tuple[Word, ...], expected: list[tuple[int, str]]) -> None:
    assert calls(*words) == expected


@given(st.lists(st.sampled_from(list(Word)), max_size=40))
def test_whatever_is_seen_each_row_of_bad_looks_pages_and_asks_at_most_once(
    words: list[Word],
) -> None:
    rows: list[list[Look]] = [[]]
    for look in looks(*words):
        if look.word is OK:
            rows.append([])
        elif look.word is not COLD:
            rows[-1].append(look)
        else:
            assert look.call is None
    for row in rows:
        called = [look.call for look in row if look.call is not None]
        assert len(called) == len(set(called))
        assert called in ([], [Call.ASK], [Call.PAGE], [Call.ASK, Call.PAGE])
        if Call.PAGE in called:
            place = next(i for i, look in enumerate(row) if look.call is Call.PAGE)
            assert {look.outcome for look in row[place - 1 : place + 1]} == {Outcome.FAIL}
        assert bool(called) is (len(row) >= 2)


@pytest.mark.parametrize(
    ("words", "minutes", "expected"),
    [
        ((SLOW, SLOW), 2, 2),
        ((SLOW, SLOW), 21, 2),
        ((SLOW, SLOW), 22, None),
        ((SLOW, SLOW, OK), 3, None),
        ((SLOW, SLOW, COLD), 3, 2),
        ((UNSURE, UNSURE), 2, None),
        ((SLOW,), 1, None),
        ((SLOW, SLOW, SLOW), 3, 2),
    ],
)
def test_only_a_page_that_still_stands_and_is_young_rolls_back(
    words: tuple[Word, ...], minutes: int, expected: int | None
) -> None:
    found = rolls_back(looks(*words), NOON + timedelta(minutes=minutes))
    assert (None if found is None else found.number) == expected


def test_a_look_is_read_as_it_was_kept() -> None:
    look = Look(
        number=7,
        at=NOON,
        word=SLOW,
        evidence="seen",
        hits=0.5,
        ms=12.5,
        call=Call.PAGE,
        called=("U03ONCALL",),
        counted=(90, 10),
        redis_hits=0.9,
        headers={"/products": {"cache_control": None, "vary": "Cookie"}},
    )
    kept = Measurement(
        release_id=1,
        app="shop",
        environment="production",
        route="products",
        kind="watch",
        phase="check",
        at=NOON,
        numbers=numbers_of(look),
    )
    assert look_of(kept) == look


def test_a_header_is_compared_with_the_first_look_that_saw_one() -> None:
    first = {"/a": {"cache_control": "public", "vary": None}}
    before = [
        Look(number=1, at=NOON, word=UNSURE, evidence="seen"),
        Look(number=2, at=NOON, word=OK, evidence="seen", headers=first),
    ]
    assert changed_header([], first) is None
    assert changed_header(before, first) is None
    assert changed_header(before, {}) is None
    assert changed_header(before, {"/a": {"cache_control": None, "vary": None}}) == (
        "/a: Cache-Control is gone now, it was public."
    )


@pytest.mark.parametrize(
    ("begun", "now", "expected"),
    [
        ((100, 10), (109, 11), 0.9),
        ((100, 10), (100, 10), None),
        ((100, 10), (5, 0), None),
        (None, (5, 0), None),
        ((100, 10), None, None),
    ],
)
def test_the_share_of_redis_is_that_of_what_was_looked_up_meanwhile(
    begun: tuple[int, int] | None, now: tuple[int, int] | None, expected: float | None
) -> None:
    assert redis_share([], begun, now) == expected
    before = Look(number=1, at=NOON, word=OK, evidence="seen", counted=begun)
    assert redis_share([before], begun, now) == expected


def timers(*states: TimerState) -> tuple[Timer, ...]:
    return tuple(
        Timer(
            key=f"watch:1:{number}",
            release_id=1,
            kind="watch",
            number=number,
            due_at=NOON + timedelta(minutes=number),
            state=state,
        )
        for number, state in enumerate(states, start=1)
    )


ARMED = (TimerState.ARMED,) * 5


@pytest.mark.parametrize(
    ("seconds", "look", "missed"),
    [
        (59, None, []),
        (60, 1, []),
        (119, 1, []),
        (120, 2, [1]),
        (250, 4, [1, 2, 3]),
        (359, 5, [1, 2, 3, 4]),
        (360, None, [1, 2, 3, 4, 5]),
    ],
)
def test_at_most_one_look_is_due_and_the_minutes_before_it_are_missed(
    seconds: int, look: int | None, missed: list[int]
) -> None:
    found = due(timers(*ARMED), NOON + timedelta(seconds=seconds), WatchPlan(looks=5, every_s=60))
    assert (None if found.look is None else found.look.number) == look
    assert [row.number for row in found.missed] == missed


def test_a_look_is_overtaken_by_the_next_that_is_due() -> None:
    rows = timers(*ARMED)
    assert not overtaken(rows, 1, NOON + timedelta(seconds=119))
    assert overtaken(rows, 1, NOON + timedelta(seconds=120))
    assert not overtaken(rows, 5, NOON + timedelta(hours=1))


def test_the_settings_give_the_number_of_looks_and_zero_none() -> None:
    assert plan_of(30, 60, 5) == WatchPlan(looks=30, every_s=60, cold_min=5)
    assert plan_of(1, 5, 5).looks == 12
    assert plan_of(1, 3600, 5).looks == 1
    assert plan_of(0, 60, 5).looks == OFF.looks == 0


A, B = ("a", "I am A"), ("b", "I am B")


def shown(body: str = "a page", **changes: Any) -> Shown:
    plain: dict[str, Any] = {"status": 200, "error": None, "from_cache": False}
    return Shown(body=body, **{**plain, **changes})


NOT_SIGNED_IN = "/p: account a is not signed in ({}); its cookie may have expired."


@pytest.mark.parametrize(
    ("changes", "leak", "untold"),
    [
        ({}, None, None),
        ({THEN: shown("I am A")}, "/p: an anonymous visitor got the page of account a.", None),
        ({THEN: shown("I &#97;m A")}, "/p: an anonymous visitor got the page of account a.", None),
        ({THEN: shown("I am B")}, "/p: an anonymous visitor got the page of account b.", None),
        ({MINE: shown()}, None, NOT_SIGNED_IN.format("its marker is not on the page")),
        ({MINE: shown("I am B")}, None, NOT_SIGNED_IN.format("its marker is not on the page")),
        ({MINE: shown(status=302)}, None, NOT_SIGNED_IN.format("status 302")),
        (
            {THEN: shown(error="no answer in 5 s")},
            None,
            "/p: an anonymous visitor got no page (no answer in 5 s).",
        ),
        ({CANARY: shown(from_cache=True), THEN: shown("I am A")}, None, None),
        ({SECOND: shown(from_cache=True), MINE: shown(error="not sent")}, None, None),
        ({CANARY: shown(from_cache=None), MINE: shown(error="not sent")}, None, None),
    ],
)
def test_the_leak_probe_says_who_got_whose_page_and_nothing_where_no_account_was_sent(
    changes: dict[str, Shown], leak: str | None, untold: str | None
) -> None:
    well = {CANARY: shown(), SECOND: shown(), MINE: shown("I am A"), THEN: shown()}
    assert judge_probe("/p", (A, B), {**well, **changes}) == (leak, untold)
