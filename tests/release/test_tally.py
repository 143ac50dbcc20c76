"""A tally stays small, and what it draws is drawn fairly."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from bot.release.plan import BigKey, Group, TtlSpread
from bot.release.scope import matches
from bot.release.tally import Lot, Measured, Tally

KEYS = st.lists(st.binary(max_size=3))


def a_tally(pattern: str = "anp:*", **others: tuple[str, ...]) -> Tally:
    return Tally(pattern=pattern, most=100, sample=3, others=others)


def peak_of(work: Callable[[], object]) -> int:
    """Return the most memory, in bytes, that the work held at once."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def feed(tally: Tally, keys: int, *, make: Callable[[int], bytes]) -> None:
    for first in range(0, keys, 1000):
        tally.add([make(number) for number in range(first, min(first + 1000, keys))])


@given(pages=st.lists(KEYS), most=st.integers(min_value=1, max_value=8))
def test_a_lot_holds_each_key_once_and_never_too_many(pages: list[list[bytes]], most: int) -> None:
    lot = Lot(most)
    for page in pages:
        lot.offer(page)
    offered = {key for page in pages for key in page}
    assert set(lot.keys) <= offered
    assert len(lot.keys) == len(set(lot.keys)) == min(most, len(offered))


def test_a_lot_draws_from_the_first_keys_as_often_as_from_the_last() -> None:
    lot = Lot(2_000)
    for first in range(0, 40_000, 500):
        lot.offer([b"anp:%d" % number for number in range(first, first + 500)])
    early = sum(int(key[4:]) < 20_000 for key in lot.keys)
    assert 850 < early < 1150


def test_memory_does_not_grow_with_the_keys() -> None:
    for make in (b"anp:page:%d".__mod__, lambda number: b"anp:w%dx:lock" % number):
        few, many = (
            peak_of(lambda keys=keys, make=make: feed(a_tally(), keys, make=make))  # type: ignore[misc]
            for keys in (20_000, 200_000)
        )
        assert many < few * 1.1


def test_keys_of_other_routes_are_counted_by_route() -> None:
    tally = a_tally(
        "anp:page:/products*", cart=("anp:page:/*/cart", "anp:cart:*"), about=("anp:page:/about",)
    )
    tally.add([b"anp:page:/products/1/cart", b"anp:page:/products/2/cart", b"anp:page:/products/3"])
    assert tally.finished([]).overlaps == (Group(name="cart", keys=2),)


@given(
    names=st.lists(st.text("ab", max_size=5), unique=True),
    one=st.text("ab*", max_size=4),
    other=st.text("ab*", max_size=4),
)
def test_the_overlap_is_what_both_patterns_match(names: list[str], one: str, other: str) -> None:
    mine, theirs = f"anp:{one}", f"anp:{other}"
    keys = [f"anp:{name}".encode() for name in names if matches(mine, f"anp:{name}".encode())]
    both = [key for key in keys if matches(theirs, key)]
    tally = a_tally(mine, other=(theirs, theirs))
    tally.add(keys)
    expected = (Group(name="other", keys=len(both)),) if both else ()
    assert tally.finished([]).overlaps == expected


def test_parts_that_few_keys_have_are_named() -> None:
    tally = a_tally()
    tally.add([b"anp:page:/%d" % number for number in range(300)])
    tally.add([b"anp:session:a", b"anp:session:b", b"anp:old:x", b"anp:"])
    found = tally.finished([])
    assert found.parts == (
        Group(name="anp:page", keys=300),
        Group(name="anp:session", keys=2),
        Group(name="anp:", keys=1),
        Group(name="anp:old", keys=1),
    )
    assert found.alike == (Group(name="anp:session", keys=2),)
    assert found.rare == (Group(name="anp:old", keys=1),)


def test_nothing_is_rare_where_all_names_differ() -> None:
    tally = a_tally()
    tally.add([b"anp:" + bytes([97 + n % 26, 97 + n // 26, 120]) for n in range(600)])
    assert tally.finished([]).rare == ()


def test_what_was_measured_speaks_for_all() -> None:
    tally = a_tally()
    tally.add([b"anp:%d" % number for number in range(40)])
    measured = [
        Measured(key=b"anp:1", bytes=100, rest_ms=-1, type="string"),
        Measured(key=b"anp:2", bytes=300, rest_ms=59_999, type="string"),
        Measured(key=b"anp:3", bytes=200, rest_ms=60_000, type="string"),
        Measured(key=b"anp:4", bytes=200, rest_ms=86_400_000, type="hash"),
    ]
    found = tally.finished(measured)
    assert (found.keys, found.measured, found.bytes, found.bytes_error) == (40, 4, 8_000, 3_036)
    assert found.ttl == TtlSpread(no_expiry=10, under_minute=10, under_hour=10, longer=10)
    assert found.types == (Group(name="string", keys=30), Group(name="hash", keys=10))
    assert found.biggest[:2] == (
        BigKey(name="anp:2", bytes=300, type="string"),
        BigKey(name="anp:3", bytes=200, type="string"),
    )
    assert found.sample == ("anp:0", "anp:1", "anp:2")


def test_without_a_sample_keys_are_only_counted() -> None:
    tally = Tally(pattern="anp:*", most=0, sample=0, others={"all": ("anp:*",)})
    tally.add([b"anp:session:1"])
    found = tally.finished([])
    assert (found.keys, found.overlaps, found.alike, found.parts) == (1, (), (), ())
