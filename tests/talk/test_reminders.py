"""Reminders by the clock: what is said, to whom, when, and that it is said once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.commands import Said
from bot.release.reminder_times import ReminderPlan
from bot.release.reminders import Answer, Kind
from bot.release.states import ReleaseState
from bot.release.watch_plan import WatchPlan
from bot.release.working_hours import OFFICE
from bot.work.watch_minutes import tend_watches
from tests.talk.conftest import Talk
from tests.talk.reminding import MONDAY, answer, lines_of, newest, reminded, sent, tick, ticks
from tests.talk.telling import notices

OWNER, APPROVER, ONCALL = "U01OWNER", "U02APPROVER", "U03ONCALL"


def started(talk: Talk) -> datetime:
    """Start a release; return when its first step began to wait."""
    reminded(talk)
    talk.say('start shop products "New price table" --previous v1')
    return talk.story().release.started_at


def purged(talk: Talk) -> None:
    """Walk a release to the end of its purge."""
    reminded(talk)
    talk.redis.put("anp:page:/products", "old")
    talk.until_purged()


def paused(talk: Talk) -> None:
    """Begin a large purge whose pages fail after its first wave, so that the bot pauses it."""
    for number in range(2_000):
        talk.redis.put(f"anp:page:/products?page={number}", "old")
    talk.say("purge shop products")
    talk.say("run R-1")

    def meanwhile(done: int) -> None:
        talk.web.status = 503

    talk.redis.meanwhile = meanwhile
    talk.say("approve R-1", APPROVER)


def test_the_owner_of_a_step_is_reminded_after_2_hours_a_day_and_3_days(talk: Talk) -> None:
    since = started(talk)
    assert ticks(talk, since + timedelta(seconds=1), 100, every_min=60) == [
        "Mon 12:00 U01OWNER",
        "Tue 10:00 U01OWNER",
        "Thu 10:00 U01OWNER",
    ]


def test_the_reminder_says_what_waits_since_when_and_what_to_do(talk: Talk) -> None:
    since = started(talk)
    assert tick(talk, since + timedelta(hours=2)) == [
        (OWNER, "R-1 still waits for you to run step 1.")
    ]
    assert lines_of(talk, newest(talk, OWNER)) == (
        "Step 1, Inspect cache headers, waits since 2026-03-02 10:00 UTC.",
        "Run it, hand it over, or skip it with a reason.",
    )


def test_a_step_that_moved_on_is_not_reminded_of_and_its_reminder_is_over(talk: Talk) -> None:
    since = started(talk)
    tick(talk, since + timedelta(hours=2))
    talk.say("run R-1 1")
    assert newest(talk, OWNER).answer is Answer.OVER
    assert [row.kind for row in sent(talk)] == [Kind.RUN]


def test_a_new_owner_is_reminded_in_a_time_of_their_own(talk: Talk) -> None:
    since = started(talk)
    talk.clock.at = since + timedelta(hours=1)
    talk.say("owner R-1 1 <@U07NEW>")
    assert tick(talk, since + timedelta(hours=2)) == []
    assert [who for who, _ in tick(talk, since + timedelta(hours=3, seconds=9))] == ["U07NEW"]


def test_a_clock_that_was_away_for_days_sends_one_and_not_many(talk: Talk) -> None:
    since = started(talk)
    assert [who for who, _ in tick(talk, since + timedelta(days=4))] == [OWNER]
    assert [row.stage for row in sent(talk)] == [3]
    assert ticks(talk, since + timedelta(days=4), 48, every_min=60) == []


def test_a_paused_purge_in_production_is_reminded_of_at_night(talk: Talk) -> None:
    night = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
    reminded(talk, ReminderPlan(hours=OFFICE), at=night)
    paused(talk)
    at = talk.clock.now()
    assert tick(talk, at + timedelta(minutes=29)) == []
    told = dict(tick(talk, at + timedelta(minutes=31)))
    assert sorted(told) == [OWNER, ONCALL]
    assert told[ONCALL] == ("R-1 still waits for you to resume or stop the purge of step 1.")
    assert lines_of(talk, newest(talk, ONCALL))[1] == (
        "It is paused: some keys are gone and some are not. Resume it, stop it, or roll back."
    )
    talk.web.status = 200
    talk.say("resume R-1", ONCALL, work=False)
    assert {row.person: row.answer for row in sent(talk)} == {
        OWNER: Answer.OVER,
        ONCALL: Answer.OVER,
    }


def test_24_hours_and_1_hour_before_the_end_of_a_snapshot_owner_and_on_call_are_told(
    talk: Talk,
) -> None:
    purged(talk)
    talk.say("abandon R-1 not today")
    (snapshot,) = talk.story().snapshots
    end = snapshot.expires_at
    told = dict(tick(talk, end - timedelta(hours=24)))
    assert told == dict.fromkeys(
        (OWNER, ONCALL),
        f"R-1 cannot be rolled back any more at {end:%Y-%m-%d %H:%M} UTC.",
    )
    assert lines_of(talk, newest(talk, ONCALL))[0] == "Then the snapshot of 1 key is deleted."
    assert ticks(talk, end - timedelta(hours=23), 30) == [
        f"{end - timedelta(hours=1):%a %H:%M} U01OWNER",
        f"{end - timedelta(hours=1):%a %H:%M} U03ONCALL",
    ]


def test_a_live_release_keeps_its_snapshot_and_nobody_is_told(talk: Talk) -> None:
    purged(talk)
    (snapshot,) = talk.story().snapshots
    told = ticks(talk, snapshot.expires_at - timedelta(hours=24), 24, every_min=60)
    assert [row.kind for row in sent(talk) if row.kind is Kind.EXPIRING] == []
    assert told != []


def test_after_a_rollback_the_end_of_its_snapshot_is_of_no_interest(talk: Talk) -> None:
    purged(talk)
    end = talk.story().snapshots[0].expires_at
    talk.say("rollback R-1", ONCALL)
    tick(talk, end - timedelta(hours=24))
    assert [row.kind for row in sent(talk) if row.kind is Kind.EXPIRING] == []


def test_when_the_watch_is_over_the_owner_is_told_what_it_found(talk: Talk) -> None:
    talk.tools = replace(talk.tools, watch=WatchPlan(looks=1, every_s=60))
    purged(talk)
    for number in (4, 5):
        talk.say(f'skip R-1 {number} "not needed today"')
    assert talk.story().release.state is ReleaseState.WATCHING
    at = talk.clock.now() + timedelta(minutes=5)
    for second in (0, 1):
        tend_watches(talk.tools, at + timedelta(seconds=second))
    assert talk.story().release.state is ReleaseState.DONE
    end = talk.story().snapshots[0].expires_at
    assert tick(talk, at + timedelta(seconds=5)) == [
        (
            OWNER,
            "The watch of R-1 is over, 0 of 0 looks OK, 1 missed.",
        )
    ]
    assert lines_of(talk, newest(talk, OWNER)) == (
        "Next: look at the watch in the thread. "
        f"It can be rolled back until {end:%Y-%m-%d %H:%M} UTC.",
    )
    assert ticks(talk, at, 24, every_min=60) == []


def test_a_day_after_a_rollback_its_review_names_what_is_missing(talk: Talk) -> None:
    purged(talk)
    talk.say("rollback R-1", ONCALL)
    back = talk.story().release.ended_at
    assert back is not None
    assert tick(talk, back + timedelta(hours=23, minutes=59)) == []
    told = dict(tick(talk, back + timedelta(hours=24)))
    assert told == dict.fromkeys(
        (OWNER, ONCALL),
        "R-1 was rolled back a day ago, please review it.",
    )
    assert lines_of(talk, newest(talk, OWNER)) == (
        "Nobody has said why yet.",
        "Missing: the reason: say it in the thread with one tap, or with `why`; "
        "shop production is still locked: unlock it, or fix it.",
        f"It was rolled back at {back:%Y-%m-%d %H:%M} UTC. Done ends the review for everybody.",
    )


def test_the_review_says_why_where_somebody_said_it(talk: Talk) -> None:
    purged(talk)
    talk.say("rollback R-1", ONCALL)
    talk.say("why R-1 Slow pages", ONCALL)
    talk.say("unlock shop", APPROVER)
    back = talk.story().release.ended_at
    assert back is not None
    tick(talk, back + timedelta(hours=24))
    assert lines_of(talk, newest(talk, OWNER))[:2] == ("Why: Slow pages", "Nothing is missing.")


def test_the_review_outlives_what_follows_and_is_done_once_for_everybody(talk: Talk) -> None:
    purged(talk)
    talk.say("rollback R-1", ONCALL)
    back = talk.story().release.ended_at
    assert back is not None
    tick(talk, back + timedelta(hours=24))
    answer(talk, "done", newest(talk, ONCALL))
    assert {row.person: row.answer for row in sent(talk)} == {
        ONCALL: Answer.DONE,
        OWNER: Answer.OVER,
    }
    said = talk.say("timeline R-1")
    assert isinstance(said, Said)
    assert said.lines[-1].endswith("<@U03ONCALL> ended the review of the rollback")
    assert ticks(talk, back + timedelta(hours=25), 72, every_min=60) == []


def test_a_failed_rollback_is_reminded_of_until_somebody_repeats_it(talk: Talk) -> None:
    purged(talk)
    talk.hook_log.mkdir()
    talk.say("rollback R-1", ONCALL)
    assert talk.story().release.state is ReleaseState.ROLLBACK_FAILED
    at = talk.clock.now()
    told = ticks(talk, at, 9, every_min=5)
    assert [row.split()[-1] for row in told] == [OWNER, ONCALL] * 3
    assert {row.kind for row in sent(talk)} == {Kind.ROLL_BACK}


def test_a_reminder_is_told_by_a_direct_message_and_never_in_the_thread(talk: Talk) -> None:
    since = started(talk)
    tick(talk, since + timedelta(hours=2))
    (told,) = [row for row in notices(talk) if row.key.startswith("remind:")]
    assert (told.to, told.about) == (OWNER, 1)
    assert told.at > MONDAY
