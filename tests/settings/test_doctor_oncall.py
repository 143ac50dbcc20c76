"""`doctor` says whether PagerDuty can be read."""

from __future__ import annotations

import pytest

from bot.doctor import oncall_checks
from bot.release.catalog import Catalog
from bot.release.problems import Problems
from bot.settings import read_settings
from tests.pagerduty_server import pagerduty_server
from tests.talk.conftest import CATALOG


def catalog(*oncall: str) -> Catalog:
    plain = Catalog.model_validate(CATALOG)
    shop = plain.apps["shop"].model_copy(update={"oncall": oncall})
    return plain.model_copy(update={"apps": {"shop": shop, "office": shop}})


def test_each_schedule_is_asked_once_and_people_and_groups_are_not() -> None:
    with pagerduty_server() as pagerduty:
        environ = {"PAGERDUTY_TOKEN": "read-only-key", "PAGERDUTY_API_BASE_URL": pagerduty.url}
        named = catalog("U03ONCALL", "S01NIGHT", "pagerduty:PRIMARY", "pagerduty:SECOND")
        found = dict(oncall_checks(read_settings(environ), named))
        assert list(found) == ["pagerduty schedule PRIMARY", "pagerduty schedule SECOND"]
        pagerduty.on_call("nico@shop.example")
        assert found["pagerduty schedule PRIMARY"]() == "1 on call now"
        pagerduty.on_call()
        assert found["pagerduty schedule SECOND"]() == "nobody on call now"
        assert [row.path for row in pagerduty.asked] == [
            "/schedules/PRIMARY/users",
            "/schedules/SECOND/users",
        ]
        pagerduty.status = 404
        with pytest.raises(Problems) as caught:
            found["pagerduty schedule SECOND"]()
    assert [row.found for row in caught.value.problems] == [
        "PagerDuty knows no schedule SECOND (404)"
    ]


def test_a_schedule_without_a_token_is_wrong_and_no_schedule_is_not() -> None:
    ((_, check),) = oncall_checks(read_settings({}), catalog("pagerduty:PRIMARY"))
    with pytest.raises(Problems) as caught:
        check()
    assert str(caught.value.problems[0]).startswith(
        "PAGERDUTY_TOKEN: found PAGERDUTY_TOKEN is not set; expected a read-only API key that can "
        "read the schedule PRIMARY."
    )
    assert list(oncall_checks(read_settings({}), catalog("U03ONCALL"))) == []
