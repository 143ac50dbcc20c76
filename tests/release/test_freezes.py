"""When a freeze holds, in the zone's own time, over changes of the clocks and at the edges."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from bot.release.catalog import Catalog, Freeze
from bot.release.freezes import frozen, next_freeze
from tests.talk.telling import WEEKEND, catalog_with


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def held(catalog: Catalog, when: str, app: str = "shop", place: str = "production") -> str | None:
    """Return until when it is frozen."""
    window = frozen(catalog, app, place, at(when))
    return None if window is None else f"{window.until:%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize(
    ("when", "until"),
    [
        ("2026-03-06T14:59:59", None),
        ("2026-03-06T15:00", "2026-03-09T07:00"),
        ("2026-03-09T06:59", "2026-03-09T07:00"),
        ("2026-03-09T07:00", None),
        # The clocks go forward on 29 March and back on 25 October: still 16:00 to 8:00 on the wall.
        ("2026-03-27T15:00", "2026-03-30T06:00"),
        ("2026-10-23T13:59", None),
        ("2026-10-23T14:00", "2026-10-26T07:00"),
        ("2025-12-27T12:00", None),
    ],
)
def test_a_weekend_is_frozen_by_the_clock_on_the_wall(when: str, until: str | None) -> None:
    assert held(catalog_with(freezes={"weekend": WEEKEND}), when) == until


def test_a_freeze_without_a_rule_comes_once() -> None:
    sale = {"reason": "Sale", "start": "2026-11-26T00:00:00", "hours": 24}
    catalog = catalog_with(freezes={"sale": sale})
    assert held(catalog, "2026-11-26T12:00") == "2026-11-27T00:00"
    assert held(catalog, "2027-11-26T12:00") is None


def test_windows_that_follow_on_each_other_count_as_one() -> None:
    sale = {"reason": "Sale", "start": "2026-03-09T07:00:00", "hours": 10}
    night = {"reason": "Night", "start": "2026-01-01T16:00:00", "hours": 12, "rule": "FREQ=DAILY"}
    both = catalog_with(freezes={"weekend": WEEKEND, "sale": sale})
    assert held(both, "2026-03-07T12:00") == "2026-03-09T17:00"
    all_three = catalog_with(freezes={"weekend": WEEKEND, "sale": sale, "night": night})
    assert held(all_three, "2026-03-07T12:00") == "2026-03-10T04:00"


def test_a_freeze_names_its_apps_and_environments() -> None:
    staging = {**WEEKEND, "environments": ("staging",), "apps": ("shop",)}
    catalog = catalog_with(freezes={"weekend": staging})
    assert held(catalog, "2026-03-07T12:00") is None
    assert held(catalog, "2026-03-07T12:00", place="staging") is not None


def test_the_next_freeze_is_foretold_for_two_weeks() -> None:
    catalog = catalog_with(freezes={"weekend": WEEKEND})
    soon = next_freeze(catalog, "shop", "production", at("2026-03-03T12:00"))
    assert soon is not None
    assert soon.since == at("2026-03-06T15:00")
    far = catalog_with(freezes={"sale": {**WEEKEND, "start": "2026-11-26T00:00:00", "rule": None}})
    assert next_freeze(far, "shop", "production", at("2026-03-03T12:00")) is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"zone": "Mars/Olympus"}, "a time zone such as Europe/Berlin"),
        ({"rule": "FREQ=SECONDLY"}, "an RRULE with FREQ=YEARLY, MONTHLY, WEEKLY or DAILY"),
        ({"rule": "FREQ=WEEKLY;BYDAY=XX"}, "an RRULE as RFC 5545 writes it"),
        ({"rule": "FREQ=DAILY;UNTIL=20250101T000000"}, "comes round at least once"),
        ({"start": "2026-01-02T16:00:00+01:00"}, "a local time without a zone"),
        ({"hours": 0}, "greater than 0"),
    ],
)
def test_a_freeze_that_cannot_be_read_says_what_was_expected(
    change: dict[str, Any], expected: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        Freeze.model_validate({**WEEKEND, **change})
    assert expected in str(caught.value)


def test_a_freeze_of_an_app_that_nobody_has_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"found shoe in freezes\.weekend\.apps"):
        catalog_with(freezes={"weekend": {**WEEKEND, "apps": ("shoe",)}})
