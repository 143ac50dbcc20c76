"""Whatever the clocks do: never twice, never at night for what can wait, and one after a long silence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.release.reminder_times import Awaited, Moment, due_for, instead, key_of
from bot.release.reminders import Answer, Kind, Reminder
from bot.release.working_hours import OFFICE, WorkingHours

SINCE = datetime(2026, 3, 27, 12, 0, tzinfo=UTC)
ANA, BEN, CAT = "U01ANA", "U02BEN", "U03CAT"
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland")

spans = st.integers(0, 14 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


def awaited(after: list[timedelta], *, can_wait: bool = True, **parts: object) -> Awaited:
    """Return a wait with a moment after each of the spans."""
    moments = tuple(
        Moment(stage=stage, due_at=SINCE + span, people=(ANA,))
        for stage, span in enumerate(sorted(after), start=1)
    )
    return Awaited(
        kind=Kind.RUN,
        release_id=1,
        mark="x",
        since=SINCE,
        moments=moments,
        can_wait=can_wait,
        **parts,  # type: ignore[arg-type]
    )


def sent(wait: Awaited, stage: int, at: datetime, before: list[Reminder]) -> Reminder:
    """Return the reminder that goes out to Ana."""
    return Reminder(
        key=key_of(ANA, wait, stage, before),
        release_id=1,
        wait=wait.key,
        kind=wait.kind,
        step=None,
        stage=stage,
        person=ANA,
        sent_at=at,
        can_wait=wait.can_wait,
    )


def ticked(wait: Awaited, at: list[datetime], hours: WorkingHours) -> list[Reminder]:
    """Return what goes out when the clock ticks at these moments."""
    told: list[Reminder] = []
    for now in at:
        moment = due_for(ANA, wait, told, now, hours)
        if moment is not None:
            told.append(sent(wait, moment.stage, now, told))
    return told


@given(
    after=st.lists(spans, min_size=1, max_size=5),
    at=st.lists(spans, max_size=40),
    zone=st.sampled_from(ZONES),
    can_wait=st.booleans(),
)
def test_never_twice_and_never_at_night_for_what_can_wait(
    after: list[timedelta], at: list[timedelta], zone: str, can_wait: bool
) -> None:
    hours, wait = OFFICE.in_zone(zone), awaited(after, can_wait=can_wait)
    told = ticked(wait, [SINCE + span for span in sorted(at)], hours)
    stages = [row.stage for row in told]
    assert stages == sorted(set(stages))
    assert len({row.key for row in told}) == len(told)
    assert all(wait.moments[row.stage - 1].due_at <= row.sent_at for row in told)
    if can_wait:
        assert [row.sent_at for row in told if not hours.is_open(row.sent_at)] == []


@given(
    after=st.lists(spans, min_size=1, max_size=5, unique=True),
    begins=spans,
    zone=st.sampled_from(ZONES),
)
def test_a_clock_that_ticks_each_hour_leaves_out_none_that_it_can_send(
    after: list[timedelta], begins: timedelta, zone: str
) -> None:
    wait, hours = awaited(after), OFFICE.in_zone(zone)
    at = [SINCE + begins + timedelta(hours=hour) for hour in range(0, 24 * 24)]
    told = ticked(wait, at, hours)
    assert told[-1].stage == len(wait.moments)
    first = [row for row in wait.moments if row.due_at <= told[0].sent_at]
    assert told[0].stage == first[-1].stage


def test_what_cannot_wait_is_told_at_night() -> None:
    night = [SINCE + timedelta(hours=15)]
    assert len(ticked(awaited([timedelta(hours=2)], can_wait=False), night, OFFICE)) == 1
    assert ticked(awaited([timedelta(hours=10)]), night, OFFICE) == []


def test_what_ends_before_the_next_working_hours_is_told_at_once_and_never_after_its_end() -> None:
    friday_night = SINCE + timedelta(hours=8)
    sunday = awaited([timedelta(0)], deadline=SINCE + timedelta(days=2))
    monday = awaited([timedelta(0)], deadline=SINCE + timedelta(days=3))
    assert len(ticked(sunday, [friday_night], OFFICE)) == 1
    assert ticked(monday, [friday_night], OFFICE) == []
    assert ticked(sunday, [SINCE + timedelta(days=2)], OFFICE) == []


def test_one_that_was_held_until_the_morning_stands_for_the_next_one_before_noon() -> None:
    wait = awaited([timedelta(hours=10), timedelta(days=2, hours=22)], covers=timedelta(hours=3))
    at = [SINCE + timedelta(minutes=30 * step) for step in range(0, 400)]
    assert [(row.stage, f"{row.sent_at:%a %H:%M}") for row in ticked(wait, at, OFFICE)] == [
        (2, "Mon 09:00")
    ]


def test_a_reminder_follows_whoever_it_was_handed_over_to_and_goes_in_no_circle() -> None:
    wait = awaited([timedelta(0)])
    rows = []
    for person, to in ((ANA, BEN), (BEN, CAT), (CAT, ANA)):
        rows.append(
            Reminder(
                **{
                    **vars(sent(wait, 1, SINCE, [])),
                    "person": person,
                    "passed_to": to,
                    "answer": Answer.PASSED,
                }
            )
        )
    assert instead((ANA,), wait.key, rows[:2]) == (CAT,)
    assert instead((ANA,), wait.key, rows) == (CAT,)
    assert instead((ANA,), "another", rows) == (ANA,)
