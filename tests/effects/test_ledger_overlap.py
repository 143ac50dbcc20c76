"""Keys are held by one live release in the whole cluster; history is as quick with many releases."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, insert, text

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.effects.ledger.tables import RELEASE, RELEASE_ROUTE
from bot.release.notices import Attached, Notice
from bot.release.offers import Offer
from bot.release.queueing import Wait, WaitEnd, WaitMove, Wants
from bot.release.records import Kept, Lock, Lost, Release, ReleaseMove
from bot.release.states import ReleaseState
from tests.ledger_values import NOON, change, kept, later, new_release, opened, story_of

ROUNDS = 12


@pytest.mark.fault
def test_of_two_processes_that_open_overlapping_releases_one_wins_each_time(
    ledger_url: str, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    child = ["-m", "tests.effects.opening_child", ledger_url]
    racers = [
        subprocess.Popen(
            [sys.executable, *child, name, str(go), str(ROUNDS)], stdout=subprocess.PIPE, text=True
        )
        for name in ("one", "two")
    ]
    deadline = time.monotonic() + 120
    while len(list(tmp_path.glob("*.ready"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    go.touch()
    won = [int(line) for racer in racers for line in racer.communicate(timeout=120)[0].split()]
    assert [racer.returncode for racer in racers] == [0, 0]
    assert sorted(won) == list(range(ROUNDS))


def overlapping(ledger: SqlLedger, **changes: object) -> Release | Lost:
    fields = {"app": "blog", "routes": ("posts",), "place": "env:R", "scope": ("anp:p*ts",)}
    return ledger.open_release(new_release(**{**fields, **changes}), by="U1", at=NOON)


def test_a_release_holds_its_keys_until_it_ends(ledger: SqlLedger) -> None:
    first = opened(ledger, place="env:R", scope=("anp:cart:*", "anp:products*"))
    assert overlapping(ledger) == Lost(
        what="`anp:p*ts` here and `anp:products*` of R-1, which is live, "
        "can both take the key `anp:products`",
        release=1,
    )
    assert isinstance(overlapping(ledger, place="env:OTHER"), Release)
    kept(ledger, releases=(ReleaseMove(id=first.id, seen_version=1, to=ReleaseState.DONE),))
    assert isinstance(overlapping(ledger, app="news"), Release)


def a_wait(who: str, **changes: object) -> Wait:
    fields = {
        "app": "shop",
        "environment": "production",
        "routes": ("products",),
        "place": "env:R",
        "patterns": ("anp:products*",),
        "wants": Wants.QUEUE,
        "behind": None,
        "asked_at": NOON,
    }
    return Wait(who=who, **{**fields, **changes})  # type: ignore[arg-type]


def test_who_waits_is_kept_in_order_told_once_and_ended_once(ledger: SqlLedger) -> None:
    release = opened(ledger)
    kept(ledger, waits=(a_wait("U1", behind=release.id), a_wait("U2", wants=Wants.NOTIFY)))
    assert ledger.keep(change(waits=(a_wait("U1"),))) == Lost(
        what="you wait for this since 12:00 UTC already"
    )
    one, two = ledger.waits()
    assert [one.who, two.who] == ["U1", "U2"]
    assert story_of(ledger, release).queue == (one,)
    tell = change(wait_moves=(WaitMove(id=one.id, to=WaitEnd.TOLD),), at=later(60))
    assert ledger.keep(tell) == Kept()
    assert ledger.keep(tell) == Lost(what="that person was told before")
    assert ledger.waits()[0].told_at == later(60)
    end = change(wait_moves=(WaitMove(id=one.id, to=WaitEnd.ENDED),))
    assert ledger.keep(end) == Kept()
    assert ledger.keep(end) == Lost(what="the waiting has ended")
    assert [row.who for row in ledger.waits()] == ["U2"]


def test_a_turn_is_kept_for_its_person_and_ends_with_their_release(ledger: SqlLedger) -> None:
    kept(ledger, waits=(a_wait("U2"),))
    wanted = {"place": "env:R", "scope": ("anp:prod*",)}
    lost = ledger.open_release(new_release(**wanted), by="U1", at=NOON)
    assert lost == Lost(
        what="others queue for products of shop production, and it is the turn of <@U2>", turn="U2"
    )
    assert isinstance(ledger.open_release(new_release(**wanted), by="U2", at=NOON), Release)
    assert ledger.waits() == ()


def test_a_hotfix_goes_before_the_queue(ledger: SqlLedger) -> None:
    kept(ledger, waits=(a_wait("U2"),))
    hot = new_release(place="env:R", scope=("anp:prod*",), hotfix="wrong prices")
    went = ledger.open_release(hot, by="U1", at=NOON)
    assert isinstance(went, Release)
    assert went.hotfix == "wrong prices"


def test_a_notice_is_written_once_and_reads_back_as_it_was(ledger: SqlLedger) -> None:
    release = opened(ledger)
    notice = Notice(
        key="turn:1",
        to="U1",
        about=release.id,
        at=NOON,
        text="It is your turn.",
        lines=("Start it.",),
        offers=(Offer(label="Start it", verb="start", fields={"app": "shop"}),),
        files=(Attached(name="a.md", content="ä\n"),),
    )
    kept(ledger, notices=(notice,))
    kept(ledger, notices=(notice,))
    assert ledger.notice("turn:1") == notice
    assert ledger.notice("turn:2") is None


def test_a_lock_is_taken_over_only_from_the_one_who_was_seen(ledger: SqlLedger) -> None:
    mine = Lock(app="shop", environment="p", reason="night", by="U1", at=NOON, until=later(60))
    yours = Lock(app="shop", environment="p", reason="day", by="U2", at=NOON, remind_at=later(9))
    kept(ledger, lock=mine)
    assert ledger.keep(change(lock=yours)) == Lost(what="shop p is locked by <@U1>: night")
    kept(ledger, lock=yours, lock_from="U1")
    assert ledger.locks() == (yours,)
    assert (ledger.locks_due(later(8)), ledger.locks_due(later(9))) == ((), (yours,))


def test_a_reminder_never_brings_back_a_lock_that_was_taken_away(ledger: SqlLedger) -> None:
    lock = Lock(app="shop", environment="p", reason="night", by="U1", at=NOON, remind_at=later(9))
    kept(ledger, lock=lock)
    moved = replace(lock, remind_at=later(99))
    remind = change(lock=moved, lock_from="U1", lock_seen=lock)
    assert ledger.keep(remind) == Kept()
    assert ledger.keep(remind) == Lost(what="shop p is locked by <@U1>: night")
    kept(ledger, unlock=("shop", "p"))
    assert ledger.keep(change(lock=lock, lock_from="U1", lock_seen=moved)) == Lost(
        what="shop p is not locked"
    )
    assert ledger.locks() == ()


def fill(ledger: SqlLedger, number: int) -> None:
    """Write many finished releases."""
    with ledger._engine.begin() as connection:
        rows = [
            {
                "id": count,
                "app": "shop" if count % 10 else "blog",
                "environment": "production",
                "title": f"Price table {count}",
                "starter": "U1",
                "owner": "U2",
                "state": "done",
                "version": 2,
                "channel": "C",
                "catalog_hash": "c",
                "started_at": NOON + timedelta(minutes=count),
                "ended_at": NOON + timedelta(minutes=count + 9),
            }
            for count in range(1, number + 1)
        ]
        connection.execute(insert(RELEASE), rows)
        routes = [{"release_id": row["id"], "route": "products", "position": 0} for row in rows]
        connection.execute(insert(RELEASE_ROUTE), routes)


def test_what_people_ask_often_walks_no_whole_table(sqlite_ledger: SqlLedger) -> None:
    fill(sqlite_ledger, 300)
    asked: list[tuple[str, object]] = []

    def remember(_c: object, _k: object, sql: str, values: object, *_: object) -> None:
        if sql.lstrip().upper().startswith("SELECT"):
            asked.append((sql, values))

    event.listen(sqlite_ledger._engine, "before_cursor_execute", remember)
    sqlite_ledger.releases(live=True, limit=20)
    sqlite_ledger.releases(app="shop", live=True, limit=20)
    sqlite_ledger.waits()
    sqlite_ledger.releases(limit=20)
    sqlite_ledger.releases(app="shop", route="products")
    sqlite_ledger.past(app="shop")
    sqlite_ledger.past(app="shop", route="products", before=200)
    sqlite_ledger.past(route="products", after=200)
    event.remove(sqlite_ledger._engine, "before_cursor_execute", remember)
    plans = []
    with sqlite_ledger._engine.connect() as connection:
        for sql, values in asked:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)  # type: ignore[arg-type]
            plans.append([row[3] for row in rows])
    walked = [plan for plan in plans if any(line.startswith("SCAN release") for line in plan)]
    # Only the newest releases of all apps are read by walking: backwards by their number, until there are enough.
    assert walked == [["SCAN release"]]
    assert any("ix_release_state_id" in line for line in plans[0])


def test_pages_meet_without_gap_or_repetition(ledger: SqlLedger) -> None:
    fill(ledger, 47)
    seen: list[int] = []
    page = ledger.past(limit=10)
    while True:
        seen += [row.release.id for row in page.rows]
        if not page.older:
            break
        page = ledger.past(before=seen[-1], limit=10)
    assert seen == list(range(47, 0, -1))
    back = ledger.past(after=7, limit=10)
    assert [row.release.id for row in back.rows] == list(range(17, 7, -1))
    assert (back.newer, back.older) == (True, True)
    assert ledger.past(before=1).rows == ()
    with ledger._engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM release")).scalar() == 47
