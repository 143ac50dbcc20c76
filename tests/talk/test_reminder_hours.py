"""Who is reminded when: each reader's own working hours, and the members of user groups."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.membership import Membership, Unreachable
from bot.release.records import ActionKind
from bot.release.reminder_times import ReminderPlan
from bot.release.working_hours import ALWAYS, OFFICE, WorkingHours, parse_hours
from tests.talk.conftest import CATALOG, Talk
from tests.talk.reminding import reminded, tick, ticks
from tests.talk.telling import catalog_with

OWNER, APPROVER, SECOND, ONCALL = "U01OWNER", "U02APPROVER", "U06SECOND", "U03ONCALL"
HOURS = parse_hours("Mo-Fr 09:00-17:30 Europe/Berlin") or ALWAYS
FRIDAY = datetime(2026, 3, 27, 12, 0, tzinfo=UTC)


def plan(hours: WorkingHours = HOURS, zones: Mapping[str, str] | None = None) -> ReminderPlan:
    """Return a plan with these zones of people."""
    return ReminderPlan(hours=hours, zone_of=(zones or {}).get)


def test_a_step_that_can_wait_is_reminded_of_on_monday_by_summer_time(talk: Talk) -> None:
    reminded(talk, plan(), at=FRIDAY + timedelta(hours=3))
    talk.say('start shop products "New price table" --previous v1')
    # 17:00 in Berlin's summer is 15:00 UTC: the clocks go forward in the night to Sunday.
    assert ticks(talk, FRIDAY + timedelta(hours=3), 72) == ["Mon 07:00 U01OWNER"]


def test_each_reader_is_reminded_by_their_own_clock(talk: Talk) -> None:
    zones = {ONCALL: "America/New_York", OWNER: "Asia/Kolkata"}
    reminded(talk, plan(zones=zones), at=FRIDAY)
    talk.redis.put("anp:page:/products", "old")
    talk.until_purged()
    talk.say("rollback R-1", ONCALL)
    # A day later is Saturday for both: Monday 09:00 in Kolkata is 03:30 UTC, in New York 13:00 UTC.
    assert ticks(talk, FRIDAY, 80) == ["Mon 03:30 U01OWNER", "Mon 13:00 U03ONCALL"]


def test_the_first_approval_of_a_release_can_wait_and_may_be_closed_meanwhile(talk: Talk) -> None:
    reminded(talk, plan(), at=FRIDAY + timedelta(hours=4, minutes=20))
    talk.say("purge shop products")
    talk.say("run R-1")
    assert ticks(talk, FRIDAY, 12) == []
    assert talk.states() == ["stopped"]


def test_an_approval_in_the_middle_of_a_release_in_production_does_not_wait(talk: Talk) -> None:
    night = FRIDAY + timedelta(hours=8)
    reminded(talk, plan(), at=night)
    talk.say('start shop products "New price table" --previous v1')
    talk.say("run R-1 1")
    talk.say("approve R-1 1", APPROVER)
    talk.say("run R-1 2")
    assert ticks(talk, night, 4.2) == [
        "Fri 21:30 U02APPROVER",
        "Fri 21:30 U06SECOND",
        "Fri 22:10 U01OWNER",
        "Fri 22:50 U02APPROVER",
        "Fri 22:50 U06SECOND",
        "Fri 23:30 U03ONCALL",
    ]


def test_the_same_on_staging_waits(talk: Talk) -> None:
    night = FRIDAY + timedelta(hours=8)
    reminded(talk, plan(), at=night)
    talk.say('start shop products "New price table" --previous v1 --environment staging')
    talk.say("run R-1 1")
    talk.say("approve R-1 1", APPROVER)
    talk.say("run R-1 2")
    assert ticks(talk, night, 4.2) == []


@pytest.mark.parametrize(
    ("expires", "told"),
    [
        # Expires on Friday 20:00 Berlin: a day before it is a working evening no more, Friday morning will do.
        ("2026-03-27 19:00", ["Fri 08:00", "Fri 18:00"]),
        # Expires on Saturday night: nobody works between, so both come at once.
        ("2026-03-28 22:00", ["Fri 22:00", "Sat 21:00"]),
        # Expires on Monday at 12:00 in summer: Monday 09:00 is early enough, and the last hour is told.
        ("2026-03-30 10:00", ["Mon 07:00", "Mon 09:00"]),
    ],
)
def test_a_snapshot_that_expires_tonight_is_told_at_once(
    talk: Talk, expires: str, told: list[str]
) -> None:
    end = datetime.fromisoformat(expires).replace(tzinfo=UTC)
    reminded(talk, plan(), at=end - timedelta(days=7))
    talk.redis.put("anp:page:/products", "old")
    talk.until_purged()
    talk.say("abandon R-1 not today")
    (snapshot,) = talk.story().snapshots
    late = snapshot.expires_at - end
    begin = snapshot.expires_at - timedelta(hours=26)
    rows = [row for row in ticks(talk, begin, 26) if row.endswith(OWNER)]
    # The snapshot begins a little after its release; the ticks fall on whole ten minutes before its end.
    assert late < timedelta(minutes=10)
    hours = [_rounded(row, late) for row in rows]
    assert hours == told


def _rounded(row: str, late: timedelta) -> str:
    day, clock, _ = row.split()
    at = datetime.strptime(f"{day} {clock}", "%a %H:%M").replace(tzinfo=UTC) - late
    minute = round(at.minute / 10) * 10 % 60
    hour = at.hour + (1 if at.minute >= 55 else 0)
    return f"{day} {hour % 24:02}:{minute:02}"


def test_the_members_of_a_group_are_reminded_and_never_who_started_it(
    empty_ledger: SqlLedger, tmp_path: Path
) -> None:
    shop = {**CATALOG["apps"]["shop"], "approvers": ("S01LEADS",)}  # type: ignore[index]
    talk = Talk(empty_ledger, tmp_path, catalog_with(apps={"shop": shop}))
    leads = Membership(
        name="S01LEADS", people=frozenset({OWNER, APPROVER, "U08LEAD"}), at=talk.clock.at
    )
    reminded(talk, ReminderPlan(hours=ALWAYS, members=lambda group: leads))
    talk.say("purge shop products")
    talk.say("run R-1")
    (run,) = talk.story().actions
    assert (run.kind, run.ended_at is not None) == (ActionKind.RUN_STEP, True)
    assert run.ended_at is not None
    assert [who for who, _ in tick(talk, run.ended_at + timedelta(minutes=80))] == [
        APPROVER,
        "U08LEAD",
    ]


def test_while_nobody_says_who_is_in_a_group_its_members_are_reminded_later(
    empty_ledger: SqlLedger, tmp_path: Path
) -> None:
    shop = {**CATALOG["apps"]["shop"], "approvers": ("S01LEADS", APPROVER)}  # type: ignore[index]
    talk = Talk(empty_ledger, tmp_path, catalog_with(apps={"shop": shop}))
    known: list[Membership] = []

    def members(group: str) -> Membership:
        if not known:
            raise Unreachable("Slack is silent")
        return known[0]

    reminded(talk, ReminderPlan(hours=ALWAYS, members=members))
    talk.say("purge shop products")
    talk.say("run R-1")
    since = talk.story().actions[0].ended_at
    assert since is not None
    assert [who for who, _ in tick(talk, since + timedelta(minutes=80))] == [APPROVER]
    known.append(Membership(name="S01LEADS", people=frozenset({"U08LEAD"}), at=since))
    assert [who for who, _ in tick(talk, since + timedelta(minutes=85))] == ["U08LEAD"]


def test_at_a_terminal_nobody_is_reminded(talk: Talk) -> None:
    reminded(talk, ReminderPlan(hours=OFFICE), at=FRIDAY - timedelta(days=1, hours=2))
    talk.say('start shop products "New price table" --previous v1', "terminal:ana")
    assert ticks(talk, FRIDAY - timedelta(days=1), 24, every_min=60) == []
