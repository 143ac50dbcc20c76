"""Who somebody is, while Slack answers and while it does not."""

from __future__ import annotations

import pytest
from slack_sdk import WebClient

from bot.release.refusal import Code, Refusal
from bot.sandbox.slack.server import SandboxSlack
from bot.slack.people import People
from bot.slack.strangers import Team
from bot.slack.team import workspace_of
from tests.fakes.memberships import FakeMemberships
from tests.slack.conftest import Clock
from tests.slack.stories import ARI, CATALOG, DANA, NICO

HERE = Team(id="T01SANDBOX")
STRANGER = "U77NOBODY"


@pytest.fixture
def copies() -> FakeMemberships:
    return FakeMemberships()


@pytest.fixture
def people(client: WebClient, clock: Clock, copies: FakeMemberships) -> People:
    return People(client, CATALOG, clock.now, copies, team=lambda: HERE)


def asked(slack: SandboxSlack, method: str) -> int:
    return sum(call.method == method for call in slack.calls)


def refusal_of(people: People, user: str, verb: str = "status", team: Team = HERE) -> Refusal:
    with pytest.raises(Refusal) as caught:
        people.person(user, verb=verb, team=team)
    assert caught.value.code is Code.NOT_ALLOWED
    return caught.value


def silence(slack: SandboxSlack, *methods: str) -> None:
    for method in methods:
        slack.fail_next(method, status=503, times=99)


def test_a_member_is_known_with_the_groups_the_catalog_names(people: People) -> None:
    assert people.person(ARI, verb="approve", team=HERE).groups == frozenset({"S01CACHE"})
    assert people.person(DANA, verb="approve", team=HERE).groups == frozenset()


@pytest.mark.parametrize(
    ("user", "failed"),
    [
        ("U05GUEST", "Not allowed: this account is a guest. Nothing was changed."),
        (
            "U06LEFT",
            "Not allowed: this account is deactivated. Nothing was changed.",
        ),
        ("U07ROBOT", "Not allowed: this account is a bot. Nothing was changed."),
        (
            "U08PARTNER",
            "Not allowed: this account is not a member of this workspace. Nothing was changed.",
        ),
        ("U0BOT", "Not allowed: this account is a bot. Nothing was changed."),
        (
            "U99NOBODY",
            "Not allowed: this account is not a member of this workspace. Nothing was changed.",
        ),
    ],
)
def test_guests_bots_and_strangers_are_refused_even_a_rollback(
    people: People, user: str, failed: str
) -> None:
    assert refusal_of(people, user).failed == failed
    assert refusal_of(people, user, verb="rollback").failed == failed


def test_a_member_of_another_workspace_is_refused(people: People) -> None:
    refusal = refusal_of(people, ARI, team=Team(id="T99OTHER"))
    assert refusal.failed == (
        "Not allowed: this account is a member of another workspace. Nothing was changed."
    )


def test_slack_is_asked_once_a_minute(people: People, slack: SandboxSlack, clock: Clock) -> None:
    for _ in range(3):
        people.person(ARI, verb="run", team=HERE)
    assert (asked(slack, "users.info"), asked(slack, "usergroups.users.list")) == (1, 1)
    clock.move(61)
    people.person(ARI, verb="run", team=HERE)
    assert (asked(slack, "users.info"), asked(slack, "usergroups.users.list")) == (2, 2)


def test_for_a_minute_a_silent_slack_changes_nothing_and_then_only_rollbacks_go_on(
    people: People, slack: SandboxSlack, clock: Clock
) -> None:
    people.person(ARI, verb="approve", team=HERE)
    silence(slack, "users.info", "usergroups.users.list")
    clock.move(60)
    assert people.person(ARI, verb="approve", team=HERE).groups == frozenset({"S01CACHE"})
    clock.move(1)
    refusal = refusal_of(people, ARI, verb="approve")
    assert refusal.failed.startswith("Not allowed: Slack does not say who you are right now.")
    assert people.person(ARI, verb="rollback", team=HERE).groups == frozenset({"S01CACHE"})


def test_no_purge_goes_by_a_copy_of_a_group_that_is_older_than_a_minute(
    people: People, slack: SandboxSlack, clock: Clock
) -> None:
    people.person(ARI, verb="approve", team=HERE)
    silence(slack, "usergroups.users.list")
    clock.move(61)
    refusal_of(people, ARI, verb="approve")
    assert (
        people.still(ARI).groups == frozenset()
    )  # ARI is an approver by id; the group gives no right
    with pytest.raises(Refusal):
        people.still(DANA)


def test_a_copy_outlives_the_process_and_opens_a_rollback_to_its_members(
    slack: SandboxSlack, client: WebClient, clock: Clock, copies: FakeMemberships
) -> None:
    slack.set_members("S01CACHE", (DANA,))
    People(client, CATALOG, clock.now, copies).person(DANA, verb="status", team=HERE)
    silence(slack, "users.info", "usergroups.users.list")
    clock.move(30 * 86_400)
    restarted = People(client, CATALOG, clock.now, copies)
    assert restarted.person(DANA, verb="rollback", team=HERE).groups == frozenset({"S01CACHE"})
    refusal_of(restarted, DANA, verb="approve")
    refusal_of(restarted, STRANGER, verb="rollback")


def test_a_group_that_another_process_asked_for_is_not_asked_for_again(
    slack: SandboxSlack, client: WebClient, clock: Clock, copies: FakeMemberships
) -> None:
    for _ in range(3):
        other = People(client, CATALOG, clock.now, copies)
        assert other.person(ARI, verb="approve", team=HERE).groups == frozenset({"S01CACHE"})
    assert asked(slack, "usergroups.users.list") == 1


def test_a_change_that_slack_tells_of_counts_at_once(
    people: People, slack: SandboxSlack, clock: Clock
) -> None:
    people.person(ARI, verb="approve", team=HERE)
    slack.set_members("S01CACHE", (DANA,))
    clock.move(1)
    people.group_changed("S01CACHE")
    people.group_changed("S99OTHER")
    assert people.person(ARI, verb="approve", team=HERE).groups == frozenset()
    assert people.person(DANA, verb="approve", team=HERE).groups == frozenset({"S01CACHE"})
    assert asked(slack, "usergroups.users.list") == 2


def test_a_group_that_changed_and_cannot_be_read_gives_no_right_but_to_roll_back(
    people: People, slack: SandboxSlack, clock: Clock
) -> None:
    people.person(ARI, verb="approve", team=HERE)
    silence(slack, "usergroups.users.list")
    clock.move(1)
    people.group_changed("S01CACHE")
    refusal_of(people, ARI, verb="approve")
    assert people.person(ARI, verb="rollback", team=HERE).groups == frozenset({"S01CACHE"})


def test_a_rollback_goes_by_memory_however_old(
    people: People, slack: SandboxSlack, clock: Clock
) -> None:
    people.person(ARI, verb="status", team=HERE)
    silence(slack, "users.info", "usergroups.users.list")
    clock.move(86_400)
    assert people.person(ARI, verb="rollback", team=HERE).groups == frozenset({"S01CACHE"})


def test_a_rollback_by_someone_the_catalog_names_needs_no_slack_at_all(
    people: People, slack: SandboxSlack
) -> None:
    silence(slack, "users.info", "usergroups.users.list")
    found = people.person(NICO, verb="rollback", team=HERE)
    assert (found.id, found.groups) == (NICO, frozenset())
    refusal_of(people, NICO, verb="run")
    refusal_of(people, DANA, verb="rollback")


def test_after_a_failure_slack_is_left_in_peace_for_five_seconds(
    people: People, slack: SandboxSlack, clock: Clock
) -> None:
    silence(slack, "users.info", "usergroups.users.list")
    people.person(NICO, verb="rollback", team=HERE)
    people.person(NICO, verb="rollback", team=HERE)
    assert len(slack.calls) == 1
    clock.move(6)
    people.person(NICO, verb="rollback", team=HERE)
    assert len(slack.calls) == 2


def test_a_workspace_without_user_groups_goes_by_people_alone(
    people: People, slack: SandboxSlack
) -> None:
    slack.fail_next("usergroups.users.list", error="plan_upgrade_required")
    assert people.person(ARI, verb="approve", team=HERE).groups == frozenset()


def test_names_are_shown_and_a_silent_slack_leaves_a_mention(
    people: People, slack: SandboxSlack
) -> None:
    assert people.name_of(NICO) == "@nico"
    assert people.name_of("terminal:ana") == "ana"
    assert people.name_of("cache-release") == "cache-release"
    silence(slack, "users.info")
    assert people.name_of(DANA) == f"<@{DANA}>"
    assert people.name_of(NICO) == "@nico"


def test_just_before_an_effect_a_person_is_who_slack_says(people: People) -> None:
    assert people.still(ARI).groups == frozenset({"S01CACHE"})
    with pytest.raises(Refusal) as caught:
        people.still("U05GUEST")
    assert caught.value.failed == "Not allowed: this account is a guest. Nothing was changed."


def test_just_before_an_effect_a_silent_slack_leaves_those_the_catalog_names_by_id(
    people: People, slack: SandboxSlack
) -> None:
    silence(slack, "users.info", "usergroups.users.list")
    found = people.still(NICO)
    assert (found.id, found.groups) == (NICO, frozenset())
    with pytest.raises(Refusal) as caught:
        people.still(DANA)
    assert caught.value.code is Code.NOT_ALLOWED


def test_just_before_an_effect_a_member_of_another_workspace_does_not_count(
    client: WebClient, clock: Clock, copies: FakeMemberships
) -> None:
    moved = People(client, CATALOG, clock.now, copies, team=lambda: Team(id="T99OTHER"))
    with pytest.raises(Refusal) as caught:
        moved.still(ARI)
    assert caught.value.failed == (
        "Not allowed: this account is a member of another workspace. Nothing was changed."
    )


def test_just_before_an_effect_the_workspace_is_asked_of_slack(
    client: WebClient, clock: Clock, copies: FakeMemberships, slack: SandboxSlack
) -> None:
    people = People(client, CATALOG, clock.now, copies, team=workspace_of(client, clock.now))
    assert people.still(ARI).groups == frozenset({"S01CACHE"})
    clock.move(3601)
    silence(slack, "auth.test")
    assert people.still(ARI).groups == frozenset({"S01CACHE"})
    unknown = People(client, CATALOG, clock.now, copies, team=workspace_of(client, clock.now))
    assert unknown.still(NICO).id == NICO
    with pytest.raises(Refusal) as caught:
        unknown.still(DANA)
    assert caught.value.failed.startswith("Not allowed: Slack does not say who you are right now.")
