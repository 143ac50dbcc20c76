"""Every rule of the cache headers: what must hold, how grave it is where it does not, and which RFC says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.release.header_changes import changed_since, revalidates, several_nodes
from bot.release.header_rules import RULES
from bot.release.purge_rules import neighbour_lost, no_longer_stored, old_copy, still_a_hit


@dataclass(frozen=True, kw_only=True)
class RuleRow:
    """A rule as people read of it; its function names the sections in its own words."""

    name: str
    says: str
    gravity: str
    source: str
    finds: Callable[..., Any]


_SOURCES = {
    "H1": "RFC 9111, 3",
    "H2": "RFC 9111, 7.3",
    "H3": "RFC 9111, 4.1",
    "H4": "RFC 9111, 4.2.1",
    "H5": "RFC 9213, 2.1",
    "H7": "RFC 9111, 4.2.2",
}
_ON_ONE_ANSWER = {
    line.name: RuleRow(
        name=line.name,
        says=line.says,
        gravity=line.severity + (f", {line.personal} when signed in" if line.personal else ""),
        source=_SOURCES[line.name],
        finds=line.finds,
    )
    for line in RULES
}
_ON_SEVERAL = {
    "H6": RuleRow(
        name="H6",
        says="nothing of what caches are told changed since the look before",
        gravity="warn, stop when it may be stored no more, or now may",
        source="RFC 9111, 3",
        finds=changed_since,
    ),
    "H8": RuleRow(
        name="H8",
        says="after the purge the copy is a new one, and a hit at the second look",
        gravity="stop, warn when only the third look is a hit",
        source="RFC 9111, 5.1",
        finds=old_copy,
    ),
    "H9": RuleRow(
        name="H9",
        says="a page that is no part of the release is still the same copy",
        gravity="stop, warn when it may have run out by itself",
        source="RFC 9111, 5.1",
        finds=neighbour_lost,
    ),
    "H10": RuleRow(
        name="H10",
        says="a page that was a hit before is not three misses after",
        gravity="stop",
        source="RFC 9111, 3",
        finds=no_longer_stored,
    ),
    "H11": RuleRow(
        name="H11",
        says="the first look after the purge, and one 1 s later, is no hit of an old copy",
        gravity="stop, warn when a visitor may have filled it",
        source="RFC 5861, 3",
        finds=still_a_hit,
    ),
    "H12": RuleRow(
        name="H12",
        says="one cache answers, not several in turn",
        gravity="info",
        source="RFC 9111, 5.1",
        finds=several_nodes,
    ),
    "H13": RuleRow(
        name="H13",
        says="the page's own ETag gives 304 with the same Vary and Cache-Control",
        gravity="info",
        source="RFC 9110, 13.1.2",
        finds=revalidates,
    ),
}
TABLE: tuple[RuleRow, ...] = tuple(
    sorted((*_ON_ONE_ANSWER.values(), *_ON_SEVERAL.values()), key=lambda row: int(row.name[1:]))
)
