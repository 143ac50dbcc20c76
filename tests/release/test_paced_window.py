from __future__ import annotations

import pytest

from bot.release.paced_window import Shot, series_of
from bot.release.phases import Phases
from bot.release.timings import Series, from_schedule, read_series


def shot(label: str = "page", seconds: float = 0.010, **given: object) -> Shot:
    return Shot(label=label, seconds=seconds, **given)  # type: ignore[arg-type]


def phases(total: float, *, reused: bool = True) -> Phases:
    return Phases(reused=reused, dns=0.0, tcp=0.1, tls=0.0, wait=5.0, first_byte=6.0, total=total)


def test_a_stall_counts_for_all_who_wait_behind_it() -> None:
    times, paced = from_schedule([1.01, *[0.01] * 9], 0.2)
    assert [round(time, 2) for time in times] == [
        1.01, 0.82, 0.63, 0.44, 0.25, 0.06, 0.01, 0.01, 0.01, 0.01
    ]  # fmt: skip
    assert paced
    assert from_schedule([0.3, 0.1], 0.19) == ([0.3, 0.1], False)


def test_page_and_control_are_told_apart_and_warm_ups_dropped() -> None:
    window = series_of(
        "/p",
        [
            shot("warm-up", 9.0, hit=True),
            shot("control warm-up", 9.0),
            shot("page", 0.020, hit=True),
            shot("control", 0.010),
            shot("page", 0.030, hit=False),
            shot("control", 0.010, problem="status 503"),
            shot("page", 0.040, problem="no connection"),
            shot("fresh", 0.050, phases=phases(50.0, reused=False)),
        ],
        every=0.2,
    )
    assert window.page == (20.0, 30.0)
    assert window.control == (10.0,)
    assert window.marks == "hm"
    assert (window.failed, window.control_failed, window.worst) == (1, 1, "no connection")
    assert (window.asked, window.hits) == (3, (20.0,))
    assert window.fresh is not None
    assert window.fresh["tcp"] == 0.1


def test_a_timed_connection_is_believed_before_the_clock_around_it() -> None:
    window = series_of("/p", [shot(seconds=0.012, phases=phases(7.5))], every=0.2)
    assert (window.page, window.source) == ((7.5,), "")


@pytest.mark.parametrize(
    ("hits", "warm"),
    [
        ([False, True, True], True),
        ([True, True, False], False),
        ([True, False, True], False),
        ([None, None], False),
        ([], True),
    ],
)
def test_a_cache_is_warm_once_the_last_two_warm_ups_are_hits(
    hits: list[bool | None], warm: bool
) -> None:
    warm_ups = [shot("warm-up", hit=hit) for hit in hits]
    assert series_of("/p", [*warm_ups, shot()], every=0.2).warm is warm


def test_a_window_that_was_kept_is_read_back_and_one_of_another_page_is_not() -> None:
    window = Series(path="/p", page=(1.0, 2.0), control=(3.0,), marks="hm", failed=1)
    assert read_series(window.as_json(), "/p") == window
    assert read_series(window.as_json(), "/q") is None
    assert read_series(None, "/p") is None


def test_two_windows_become_one() -> None:
    one = Series(path="/p", page=(1.0,), control=(2.0,), marks="h", failed=1, worst="x")
    two = Series(path="/p", page=(3.0,), control=(4.0,), marks="m", control_failed=2, paced=False)
    both = one.with_more(two)
    assert (both.page, both.control, both.marks) == ((1.0, 3.0), (2.0, 4.0), "hm")
    assert (both.failed, both.control_failed, both.worst, both.paced) == (1, 2, "x", False)
