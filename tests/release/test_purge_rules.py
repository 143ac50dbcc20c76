from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.release.purge_rules import ON_NEIGHBOURS, ON_PAGES, PageSeen, made_since
from bot.release.sight import Sight

PURGED = 1_000.0
KEPT = "public, max-age=3600"


def hit(at: float, age: int | None = None, **more: Any) -> Sight:
    return Sight(status=200, at=at, hit=True, age=age, ttl=3600, cache_control=KEPT, **more)


def miss(at: float, age: int | None = None, **more: Any) -> Sight:
    return Sight(status=200, at=at, hit=False, age=age, **({"cache_control": KEPT} | more))


BEFORE = hit(999, 300)
LATER, LAST = 1_002.0, 1_003.0


def page(*after: Sight, **more: Any) -> PageSeen:
    plain: dict[str, Any] = {"path": "/p", "before": BEFORE, "after": after, "purged_at": PURGED}
    return PageSeen(**(plain | more))


def found(seen: PageSeen, *, neighbour: bool = False) -> list[tuple[str, str]]:
    rules = ON_NEIGHBOURS if neighbour else ON_PAGES
    return [(one.rule, str(one.severity)) for rule in rules for one in rule(seen)]


SWR = {"before": hit(999, 300, swr=60)}


@pytest.mark.parametrize(
    ("seen", "findings"),
    [
        pytest.param(page(miss(1_001), hit(LATER, 0)), [], id="good"),
        pytest.param(page(miss(1_001, 0), hit(LATER, 1)), [], id="good, Age on a miss too"),
        pytest.param(page(hit(1_001, 1), hit(LATER, 2)), [], id="filled by a visitor"),
        pytest.param(
            page(hit(1_001, 302), hit(LATER, 303), again=hit(LATER, 303)),
            [("H11", "stop"), ("H8", "stop")],
            id="purged nothing",
        ),
        pytest.param(
            page(hit(1_001), hit(LATER), again=hit(LATER), before=hit(999)),
            [("H11", "stop")],
            id="purged nothing, no Age",
        ),
        pytest.param(
            page(hit(1_001), hit(LATER), again=hit(LATER), before=hit(999), refilled=True),
            [("H11", "warn")],
            id="somebody may have filled it, no Age",
        ),
        pytest.param(
            page(hit(1_001, 302), miss(LAST), again=miss(LATER)), [], id="gone a second later"
        ),
        pytest.param(
            page(miss(1_001, 302), hit(LATER, 303)), [("H8", "stop")], id="old from a shield"
        ),
        pytest.param(
            page(hit(1_001, 302, stale=True), hit(LAST, 1), again=hit(LATER, 0), **SWR),
            [],
            id="stale once, then fresh",
        ),
        pytest.param(
            page(hit(1_001, 302, stale=True), hit(LAST, 304, stale=True),
                 again=hit(LATER, 303, stale=True), **SWR),
            [("H11", "stop"), ("H8", "stop")],
            id="stale for ever",
        ),
        pytest.param(
            page(hit(1_001, 302, stale=True), hit(LAST, 1), again=hit(LATER, 303, stale=True)),
            [("H11", "stop"), ("H8", "stop")],
            id="stale though nothing allows it",
        ),
        pytest.param(
            page(hit(1_001, 302), hit(LAST, 304), again=hit(LATER, 303), soft_s=60.0),
            [("H8", "info")],
            id="soft, still waiting",
        ),
        pytest.param(
            page(hit(1_001, 302), hit(1_013, 314), again=hit(1_012, 313), soft_s=5.0),
            [("H11", "stop"), ("H8", "stop")],
            id="soft, and its time is over",
        ),
        pytest.param(
            page(miss(1_001), miss(LATER), miss(LAST)), [("H10", "stop")], id="no longer stored"
        ),
        pytest.param(
            page(miss(1_001), miss(LATER), miss(LAST), before=miss(999)), [], id="never stored"
        ),
        pytest.param(
            page(miss(1_001), miss(LATER), hit(LAST, 0)), [("H8", "warn")], id="stored late"
        ),
    ],
)  # fmt: skip
def test_a_purged_page_is_judged(seen: PageSeen, findings: list[tuple[str, str]]) -> None:
    assert found(seen) == findings


@pytest.mark.parametrize(
    ("before", "after", "findings"),
    [
        (hit(999, 300), hit(1_001, 302), []),
        (hit(999, 300), hit(1_001, 300), []),
        (hit(999, 300), hit(1_001, 0), ["stop"]),
        (hit(999, 300), miss(1_001), ["stop"]),
        (hit(999, 3_599), miss(1_001), ["warn"]),
        (hit(999, 1), hit(1_001, 0), []),
        (hit(999), miss(1_001), ["stop"]),
        (replace(hit(999), ttl=10), miss(1_001), ["warn"]),
        (miss(999), miss(1_001), []),
        (hit(999, 300), Sight(status=200, at=1_001), []),
        (None, miss(1_001), []),
    ],
)
def test_a_neighbour_must_stay_the_copy_that_it_was(
    before: Sight | None, after: Sight, findings: list[str]
) -> None:
    seen = page(after, before=before)
    assert found(seen, neighbour=True) == [("H9", one) for one in findings]


def test_the_cause_of_a_page_no_longer_stored_is_told() -> None:
    after = [miss(at, cache_control="no-store") for at in (1_001.0, LATER, LAST)]
    (finding,) = [one for rule in ON_PAGES for one in rule(page(*after))]
    assert finding.text == (
        "no longer stored, three misses: Cache-Control public, max-age=3600 -> no-store"
    )


@given(
    age=st.integers(0, 10_000),
    look=st.floats(0, 30),
    wait=st.floats(0, 600),
    filled=st.floats(0, 600),
)
def test_a_copy_from_before_the_purge_is_never_called_new_nor_a_new_one_old(
    age: int, look: float, wait: float, filled: float
) -> None:
    """An untouched copy ages with the clock; one that was made after the purge has at most the time since as Age."""
    before = hit(PURGED - look, age)
    at = PURGED + wait
    untouched = hit(at, int(age + look + wait))
    assert made_since(page(untouched, before=before), untouched) is not True
    made = hit(at, int(max(0.0, wait - filled)))
    assert made_since(page(made, before=before), made) is not False


@given(age=st.integers(0, 10_000), wait=st.integers(0, 600))
def test_an_untouched_neighbour_is_never_called_purged(age: int, wait: int) -> None:
    before, after = hit(PURGED, age), hit(PURGED + wait, age + wait)
    assert found(page(after, before=before), neighbour=True) == []
