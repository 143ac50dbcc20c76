from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.effects.http.probe import HttpProbe
from bot.effects.http.rate_ceiling import RateCeiling
from bot.steps import Fetch, Request
from tests.effects.web_server import pages


class Clock:
    """A time that passes only where somebody waits."""

    def __init__(self) -> None:
        self.now = 100.0

    def timer(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def ceiling(self, per_second: float) -> RateCeiling:
        return RateCeiling(per_second, timer=self.timer, wait=self.wait)


@pytest.fixture
def web() -> Iterator[tuple[str, list[dict[str, str]]]]:
    with pages() as served:
        yield served


def test_turns_of_one_host_are_an_equal_time_apart() -> None:
    clock = Clock()
    ceiling = clock.ceiling(4)
    turns = []
    for _ in range(6):
        ceiling.enter("shop.example")
        turns.append(clock.now - 100)
    assert turns == [0.0, 0.25, 0.5, 0.75, 1.0, 1.25]


def test_another_host_need_not_wait() -> None:
    clock = Clock()
    ceiling = clock.ceiling(1)
    assert ceiling.enter("shop.example") == 0.0
    assert ceiling.enter("staging.example") == 0.0
    assert ceiling.enter("shop.example") == 1.0


def test_who_comes_slower_than_the_ceiling_never_waits_and_saves_nothing_up() -> None:
    clock = Clock()
    ceiling = clock.ceiling(4)
    for _ in range(3):
        assert ceiling.enter("shop.example") == 0.0
        clock.now += 10
    assert [ceiling.enter("shop.example") for _ in range(3)] == [0.0, 0.25, 0.25]


@given(
    pauses=st.lists(st.floats(0, 2, allow_nan=False), min_size=1, max_size=40),
    per_second=st.integers(1, 50),
)
def test_no_second_holds_more_than_the_ceiling(pauses: list[float], per_second: int) -> None:
    clock = Clock()
    ceiling = clock.ceiling(per_second)
    turns = []
    for pause in pauses:
        clock.now += pause
        ceiling.enter("shop.example")
        turns.append(clock.now)
    for first, next_second in zip(turns, turns[per_second:], strict=False):
        assert next_second >= first + 1 - 1e-6


def test_the_ceiling_holds_for_every_thread_together() -> None:
    waits: list[float] = []
    ceiling = RateCeiling(10, timer=lambda: 0.0, wait=waits.append)
    threads = [
        threading.Thread(target=lambda: [ceiling.enter("shop.example") for _ in range(5)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(round(wait, 6) for wait in waits) == [round(n / 10, 6) for n in range(1, 20)]


def test_two_looks_at_one_host_share_its_ceiling(web: tuple[str, list[dict[str, str]]]) -> None:
    clock = Clock()
    ceiling = clock.ceiling(2)
    wish = Fetch(requests=(Request(path="/1"), Request(path="/2")))
    for _ in range(2):
        HttpProbe(
            user_agent="cache-release", ceiling=ceiling, timer=clock.timer, wait=clock.wait
        ).fetch(wish, base_url=web[0], allow_private=True, cookies={})
    assert clock.now - 100 == 1.5
    assert len(web[1]) == 4


def test_what_the_ceiling_held_back_is_no_part_of_a_response_time(
    web: tuple[str, list[dict[str, str]]],
) -> None:
    clock = Clock()
    probe = HttpProbe(
        user_agent="cache-release", ceiling=clock.ceiling(1), timer=clock.timer, wait=clock.wait
    )
    wish = Fetch(requests=tuple(Request(path=f"/{n}") for n in range(3)), every=0.5)
    fetched = probe.fetch(wish, base_url=web[0], allow_private=True, cookies={})
    # Nothing takes time on this clock but waiting; the third was due at 1.0 and had its turn at 2.0.
    assert [answer.seconds for answer in fetched.responses] == [0.0, 0.0, 0.0]
    assert clock.now - 100 == 2.0
