"""Who is on call by PagerDuty: what that opens, what it does not, and whom it calls while PagerDuty is silent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import SecretStr
from slack_sdk import WebClient

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.effects.pagerduty_oncall import oncall_reader
from bot.release.catalog import Catalog
from bot.release.membership import Membership, Unreachable
from bot.release.people import Person, Role, roles
from bot.release.refusal import Code, Refusal
from bot.sandbox.slack.server import SandboxSlack
from bot.slack.people import People
from bot.slack.strangers import Team
from tests.pagerduty_server import PagerDuty, pagerduty_server
from tests.slack.conftest import Clock
from tests.slack.stories import ARI, AT, CATALOG, DANA, NICO, OLGA

HERE = Team(id="T01SANDBOX")
SCHEDULE = "pagerduty:PRIMARY"
SHOP = CATALOG.apps["shop"].model_copy(update={"oncall": (SCHEDULE,)})
PAGED = CATALOG.model_copy(update={"apps": {"shop": SHOP}})


@pytest.fixture
def pagerduty() -> Iterator[PagerDuty]:
    with pagerduty_server() as running:
        running.on_call("nico@shop.example", "gone@elsewhere.example")
        yield running


class Night:
    """A bot whose catalog names a schedule; `people` is made anew as a restart would."""

    def __init__(
        self, pagerduty: PagerDuty, client: WebClient, clock: Clock, ledger: SqlLedger
    ) -> None:
        self.pagerduty, self.client, self.clock, self.ledger = pagerduty, client, clock, ledger
        self.people = self.restarted()

    def restarted(self, catalog: Catalog = PAGED) -> People:
        """Return the people of a process that has just started."""
        emails = oncall_reader(SecretStr("read-only-key"), self.pagerduty.url, self.clock.now)
        return People(self.client, catalog, self.clock.now, self.ledger, emails=emails)

    def held(self, user: str, verb: str) -> frozenset[Role]:
        """Return the roles of somebody who asks for that verb now."""
        person = self.people.person(user, verb=verb, team=HERE)
        return roles(person, SHOP, PAGED)

    def goes_dark(self, status: int = 503) -> None:
        """Let PagerDuty answer an error from now on."""
        self.pagerduty.status = status


@pytest.fixture
def night(pagerduty: PagerDuty, client: WebClient, clock: Clock, ledger: SqlLedger) -> Night:
    return Night(pagerduty, client, clock, ledger)


def test_who_is_on_call_in_pagerduty_is_on_call_here_and_nobody_else(night: Night) -> None:
    assert night.held(NICO, "rollback") == {Role.MEMBER, Role.ONCALL}
    assert night.held(DANA, "rollback") == {Role.MEMBER}
    kept = night.ledger.membership(SCHEDULE)
    assert kept == Membership(name=SCHEDULE, people=frozenset({NICO}), strangers=1, at=AT)


def test_pagerduty_is_asked_once_a_minute_by_all_processes_together(
    night: Night, slack: SandboxSlack
) -> None:
    for _ in range(3):
        night.people = night.restarted()
        night.held(NICO, "run")
    assert len(night.pagerduty.asked) == 1
    assert sum(call.method == "users.lookupByEmail" for call in slack.calls) == 2
    night.clock.move(61)
    night.held(NICO, "run")
    assert len(night.pagerduty.asked) == 2


def test_a_handover_counts_after_a_minute(night: Night) -> None:
    night.held(NICO, "run")
    night.pagerduty.on_call("dana@shop.example")
    night.clock.move(61)
    assert Role.ONCALL in night.held(DANA, "rollback")
    assert Role.ONCALL not in night.held(NICO, "rollback")


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_while_pagerduty_is_silent_only_a_rollback_goes_by_the_last_copy_however_old(
    night: Night, status: int
) -> None:
    night.held(NICO, "run")
    night.goes_dark(status)
    night.clock.move(40 * 86_400)
    night.people = night.restarted()
    assert Role.ONCALL in night.held(NICO, "rollback")
    assert night.held(NICO, "pause") == {Role.MEMBER}
    assert night.people.still(ARI).groups == frozenset({"S01CACHE"})


def test_a_silent_schedule_takes_no_right_from_anybody_else(night: Night) -> None:
    night.goes_dark()
    assert night.held(ARI, "approve") == {Role.MEMBER, Role.APPROVER}
    assert night.held(OLGA, "lock") == {Role.MEMBER, Role.OWNER}
    assert night.held(NICO, "rollback") == {Role.MEMBER}


def test_where_slack_is_silent_too_those_of_the_last_copy_may_still_roll_back(
    night: Night, slack: SandboxSlack
) -> None:
    night.held(NICO, "run")
    for method in ("users.info", "users.lookupByEmail", "usergroups.users.list"):
        slack.fail_next(method, status=503, times=99)
    night.goes_dark()
    night.clock.move(86_400)
    night.people = night.restarted()
    assert night.held(NICO, "rollback") == {Role.MEMBER, Role.ONCALL}
    with pytest.raises(Refusal) as caught:
        night.held(DANA, "rollback")
    assert caught.value.code is Code.NOT_ALLOWED


def test_pagerduty_is_left_in_peace_for_five_seconds_after_a_failure(night: Night) -> None:
    night.goes_dark()
    for _ in range(3):
        night.held(NICO, "run")
    assert len(night.pagerduty.asked) == 1
    night.clock.move(6)
    night.held(NICO, "run")
    assert len(night.pagerduty.asked) == 2


def test_an_empty_schedule_is_an_answer_and_ends_the_right(night: Night) -> None:
    night.held(NICO, "run")
    night.pagerduty.on_call()
    night.clock.move(61)
    assert night.held(NICO, "rollback") == {Role.MEMBER}


def test_a_guest_who_is_on_call_stays_a_guest(night: Night) -> None:
    night.pagerduty.on_call("gus@shop.example")
    with pytest.raises(Refusal) as caught:
        night.held("U05GUEST", "rollback")
    assert caught.value.failed == "Not allowed: this account is a guest. Nothing was changed."


def test_without_a_token_nobody_is_asked_and_the_last_copy_is_used_for_rollbacks(
    night: Night,
) -> None:
    night.held(NICO, "run")
    night.clock.move(61)
    night.people = People(night.client, PAGED, night.clock.now, night.ledger)
    assert Role.ONCALL in night.held(NICO, "rollback")
    found = night.people.members_of(SCHEDULE)
    assert (found.people, found.trouble) == (frozenset({NICO}), "PAGERDUTY_TOKEN is not set")


def test_a_card_shows_those_on_call_by_their_names(night: Night) -> None:
    assert night.people.name_of(SCHEDULE) == "nobody known (PagerDuty schedule PRIMARY)"
    night.people.members_of(SCHEDULE)
    assert night.people.name_of(SCHEDULE) == "@nico (PagerDuty schedule PRIMARY)"


def test_without_slacks_token_the_last_copy_is_told_and_nobody_is_asked(night: Night) -> None:
    with pytest.raises(Unreachable):
        night.people.known_members(SCHEDULE)
    night.people.members_of(SCHEDULE)
    night.clock.move(timedelta(hours=5).total_seconds())
    found = night.people.known_members(SCHEDULE)
    assert (found.people, found.at) == (frozenset({NICO}), AT)
    assert found.trouble == "there is no token for Slack here"
    assert len(night.pagerduty.asked) == 1


def test_a_person_named_beside_a_schedule_is_on_call_as_well(night: Night) -> None:
    both = SHOP.model_copy(update={"oncall": (DANA, SCHEDULE)})
    assert Role.ONCALL in roles(Person(id=DANA), both, PAGED)
