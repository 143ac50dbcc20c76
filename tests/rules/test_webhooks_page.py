from __future__ import annotations

import re
from pathlib import Path

from bot.ci.answers import STATUSES
from bot.ci.calls import EvidenceCall, StartCall
from bot.release.events import Event
from bot.release.telling_others import MOST_TRIES, wait_before

PAGE = (Path(__file__).parents[2] / "docs/reference/webhooks.md").read_text(encoding="utf-8")


def _table(head: str) -> list[list[str]]:
    """Return the cells of the first table whose head row starts so."""
    after = PAGE[PAGE.index(f"| {head} |") :].partition("\n\n")[0]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in after.splitlines()[2:]]


def test_every_event_is_explained() -> None:
    assert [row[0].strip("`") for row in _table("event")] == [event.value for event in Event]


def test_every_field_of_a_call_is_explained() -> None:
    for model, mark in ((StartCall, "`start`"), (EvidenceCall, "`evidence`")):
        body = PAGE[PAGE.index(f"`call` = {mark}") :]
        rows = re.findall(
            r"^\| `(\w+)` \| (yes|no) \|",
            body.partition("\n\n")[2].partition("\n\n")[0],
            re.MULTILINE,
        )
        fields = {name: field.is_required() for name, field in model.model_fields.items()}
        del fields["call"]
        assert {name: needed == "yes" for name, needed in rows} == fields


def test_every_status_is_explained() -> None:
    documented = {
        code: int(row[0]) for row in _table("status") for code in re.findall(r"`([a-z_]+)`", row[1])
    }
    assert {code: documented[code.value] for code in STATUSES} == {
        code: status.value for code, status in STATUSES.items()
    }


def test_the_page_says_for_how_long_it_is_tried() -> None:
    hours = sum(wait_before(number) for number in range(1, MOST_TRIES)) / 3600
    assert f"After {MOST_TRIES} tries, about {hours:.0f} hours" in PAGE
