"""Releases are opened, read back, and never share a route while both are live."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy.exc import StatementError

from bot.commands import Ledger
from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.records import (
    Approval,
    Lock,
    Lost,
    Release,
    ReleaseMove,
    StepLine,
    Story,
)
from bot.release.states import ReleaseState, StepState
from bot.work.parts import WorkLedger
from tests.ledger_values import (
    CHANNEL,
    NOON,
    VERDICT,
    approval,
    judged,
    kept,
    new_release,
    opened,
    request,
    snapshot,
    story_of,
)


def test_the_ledger_is_what_commands_and_workers_lean_on(sqlite_ledger: SqlLedger) -> None:
    for_commands: Ledger = sqlite_ledger
    for_workers: WorkLedger = sqlite_ledger
    assert for_commands.releases() == for_workers.releases() == ()


def test_a_release_is_read_back_as_it_was_opened(ledger: SqlLedger) -> None:
    release = opened(ledger)
    assert release == Release(
        id=1,
        app="shop",
        environment="production",
        routes=("products", "prices"),
        title="New price table",
        starter="U05STARTER",
        owner="U01OWNER",
        state=ReleaseState.OPEN,
        version=1,
        channel=CHANNEL,
        previous=None,
        catalog_hash="c" * 64,
        started_at=NOON,
        ended_at=None,
    )
    story = story_of(ledger, release)
    assert story.release == release
    assert [step.state for step in story.steps] == [
        StepState.READY,
        StepState.WAITING,
        StepState.WAITING,
    ]
    assert story.steps[1] == StepLine(
        release_id=1,
        number=2,
        kind="purge",
        title="Purge",
        owner="U01OWNER",
        expected="purge is well",
        rollback_note="undo purge",
        state=StepState.WAITING,
        version=1,
        verdict=None,
        plan=None,
        plan_hash=None,
        reason=None,
        moved_at=NOON,
    )


def test_a_story_holds_everything_of_its_release_and_nothing_of_another(ledger: SqlLedger) -> None:
    release = judged(ledger)
    other = opened(ledger, routes=("news",))
    lock = Lock(app="shop", environment="production", reason="night", by="U02ANA", at=NOON)
    work = request(release_id=release.id, step=2)
    kept(
        ledger,
        requests=(work,),
        approvals=(approval(release),),
        snapshots=(snapshot(release),),
        lock=lock,
    )
    story = story_of(ledger, release)
    assert story.steps[0].verdict == VERDICT
    assert story.actions == (work,)
    assert story.approvals == (
        Approval(release_id=release.id, step=1, plan_hash="p" * 64, by="U02ANA", at=NOON),
    )
    assert story.snapshots == (snapshot(release),)
    assert story.lock == lock
    steps = story_of(ledger, other).steps
    assert story_of(ledger, other) == Story(
        release=other,
        steps=steps,
        approvals=(),
        actions=(),
        snapshots=(),
        lock=lock,
        moved_by=other.starter,
    )
    assert ledger.story(99) is None


def test_a_route_that_is_in_a_live_release_is_lost(ledger: SqlLedger) -> None:
    opened(ledger)
    taken = ledger.open_release(new_release(routes=("about", "prices")), by="U1", at=NOON)
    assert taken == Lost(what="route prices of shop production is in R-1, which is live", release=1)
    assert len(ledger.releases()) == 1
    assert [entry.act for entry in ledger.audit()] == ["start"]


def test_the_same_route_elsewhere_and_after_the_end_is_free(ledger: SqlLedger) -> None:
    first = opened(ledger)
    opened(ledger, environment="staging")
    opened(ledger, app="blog")
    done = ReleaseMove(id=first.id, seen_version=1, to=ReleaseState.DONE, ended=True)
    kept(ledger, releases=(done,))
    again = opened(ledger)
    assert again.routes == first.routes
    assert story_of(ledger, first).release.ended_at == NOON


def test_of_twenty_that_open_the_same_route_at_once_one_wins(ledger: SqlLedger) -> None:
    def start(number: int) -> Release | Lost:
        return ledger.open_release(new_release(title=f"try {number}"), by="U1", at=NOON)

    with ThreadPoolExecutor(20) as people:
        answers = list(people.map(start, range(20)))
    won = [answer for answer in answers if isinstance(answer, Release)]
    lost = {answer for answer in answers if isinstance(answer, Lost)}
    assert [release.title for release in won] == [ledger.releases()[0].title]
    assert lost == {
        Lost(
            what=f"route products of shop production is in R-{won[0].id}, which is live",
            release=won[0].id,
        )
    }
    assert ledger.verify_audit() is None


def test_a_time_without_a_zone_is_refused_and_nothing_is_kept(ledger: SqlLedger) -> None:
    naive = datetime(2026, 5, 4, 12)  # noqa: DTZ001 - the mistake this test is about
    with pytest.raises((StatementError, ValueError), match=r"without a zone|needs its zone"):
        ledger.open_release(new_release(), by="U1", at=naive)
    assert ledger.releases() == ()
