"""How the keys of two environments differ, pattern by pattern."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.release.plan import PatternCount, TtlSpread

MUCH_MORE = 10
POINTS = 0.20
SPANS = {
    "no_expiry": "never expire",
    "under_minute": "expire within a minute",
    "under_hour": "within an hour",
    "under_day": "within a day",
    "longer": "later",
}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that is otherwise; `here` is where it was rehearsed, `why` says why that weighs, empty if little."""

    what: str
    here: str
    there: str
    why: str = ""

    def words(self, here: str, there: str) -> str:
        """Return it as a line: `maxmemory: staging no limit, production 512 MB: only production …`."""
        line = f"{self.what}: {here} {self.here}, {there} {self.there}"
        return f"{line} ({self.why})" if self.why else line


def of_keys(here: Sequence[PatternCount], there: Sequence[PatternCount]) -> Iterator[Difference]:
    """Compare number and expiry of the keys of each pattern that both have."""
    known = {row.pattern: row for row in there}
    for mine in here:
        other = known.get(mine.pattern)
        if other is None:
            continue
        if mine.keys != other.keys:
            yield Difference(
                what=f"keys of {mine.pattern}",
                here=f"{mine.keys:,}",
                there=f"{other.keys:,}",
                why=_number_matters(mine.keys, other.keys),
            )
        yield from _of_expiry(mine, other)


def _number_matters(here: int, there: int) -> str:
    if here == 0 and there:
        return "nothing of this pattern was rehearsed"
    if here and there >= MUCH_MORE * here:
        return f"a rollback takes longer with {there / here:,.0f} times the keys"
    return ""


def _of_expiry(mine: PatternCount, other: PatternCount) -> Iterator[Difference]:
    if not (mine.keys and other.keys):
        return
    shares = [(name, _share(mine.ttl, name), _share(other.ttl, name)) for name in SPANS]
    apart = max(shares, key=lambda row: abs(row[1] - row[2]))
    if abs(apart[1] - apart[2]) < POINTS:
        return
    forever = ("no_expiry", 0.0)
    why = ""
    if forever in {(name, there) for name, _, there in shares} and _share(mine.ttl, "no_expiry"):
        why = "production's keys all expire: what is gone by then stays gone"
    elif forever in {(name, here) for name, here, _ in shares} and _share(other.ttl, "no_expiry"):
        why = "keys without an expiry were not rehearsed"
    yield Difference(
        what=f"expiry of {mine.pattern}", here=_spread(mine.ttl), there=_spread(other.ttl), why=why
    )


def _share(ttl: TtlSpread, name: str) -> float:
    whole = sum(vars(ttl).values())
    return float(vars(ttl)[name]) / whole if whole else 0.0


def _spread(ttl: TtlSpread) -> str:
    parts = [f"{_share(ttl, name):.0%} {words}" for name, words in SPANS.items()]
    return ", ".join(part for part in parts if not part.startswith("0%")) or "untold"
