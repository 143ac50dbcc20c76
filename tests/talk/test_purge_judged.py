"""A purge is judged by the pages: one that did not do what it should stops the release."""

from __future__ import annotations

import pytest

from bot.release.records import ActionKind, ActionState, Outcome
from bot.release.refusal import Code, Refusal
from bot.release.states import ReleaseState
from bot.release.stopping import why_stopped
from tests.talk.conftest import Talk

OLD = {b"anp:page:/products": (b"old", 0), b"anp:page:/cart": (b"cart", 0)}
NOTHING = "/products: still a hit after the purge: it purged nothing here (H11)"


@pytest.fixture
def stopped(talk: Talk) -> Talk:
    """A release whose purge took a key, while the page stayed what it was."""
    talk.redis.keys |= OLD
    talk.web.kept = {"/products"}
    talk.until_purged()
    return talk


def test_a_purge_that_purged_nothing_stops_the_release(stopped: Talk) -> None:
    line = stopped.story().steps[2]
    assert stopped.states() == ["done", "done", "stopped", "waiting", "waiting"]
    assert line.verdict is not None
    assert line.verdict.outcome is Outcome.FAIL
    assert line.verdict.evidence.startswith(f"{NOTHING}. 1 more below. 1 keys are in snapshot")
    assert why_stopped(line) == NOTHING
    (purge,) = [row for row in stopped.story().actions if row.kind is ActionKind.PURGE]
    assert (purge.state, purge.result["taken"]) == (ActionState.DONE, 1)
    assert [(row.state, row.keys) for row in stopped.story().snapshots] == [("sealed", 1)]


def test_its_rollback_puts_the_keys_back(stopped: Talk) -> None:
    stopped.say("rollback R-1", "U03ONCALL")
    assert stopped.redis.keys == OLD
    assert stopped.story().release.state is ReleaseState.ROLLED_BACK


def test_only_an_approver_passes_by_it_with_a_reason(stopped: Talk) -> None:
    with pytest.raises(Refusal) as caught:
        stopped.say('skip R-1 3 "it is fine"', "U01OWNER")
    assert caught.value.code is Code.NOT_ALLOWED
    stopped.say('skip R-1 3 "the page is not cached any more"', "U02APPROVER")
    assert stopped.states() == ["done", "done", "skipped", "ready", "waiting"]


def test_a_purge_that_pages_show_to_be_good_opens_the_next_step(talk: Talk) -> None:
    talk.redis.keys |= OLD
    talk.until_purged()
    line = talk.story().steps[2]
    assert talk.states() == ["done", "done", "done", "ready", "waiting"]
    assert line.verdict is not None
    assert line.verdict.evidence.endswith("The page was made anew.")
    assert "\n/products\n         before   after #1 after #2\n" in line.verdict.actual
    assert all(len(row) <= 36 for row in line.verdict.actual.splitlines()[1:])


def test_the_look_before_stands_in_the_progress_and_is_not_repeated(talk: Talk) -> None:
    talk.redis.keys |= OLD
    talk.until_purged()
    (purge,) = [row for row in talk.story().actions if row.kind is ActionKind.PURGE]
    kept = purge.progress["so_far"]["beside"]
    assert sorted(kept) == ["/cart", "/products"]
    assert set(kept["/products"]) == {"before", "identity before"}


def test_pages_that_cannot_be_reached_leave_the_purge_unsure(talk: Talk) -> None:
    talk.redis.keys |= OLD
    talk.say('start shop products "New price table" --previous v1')
    for number in (1, 2):
        talk.say(f"skip R-1 {number} not today")
    talk.say("run R-1 3")
    talk.web.status = 503
    talk.say("approve R-1 3", "U02APPROVER")
    verdict = talk.story().steps[2].verdict
    assert verdict is not None
    assert verdict.outcome is Outcome.UNSURE
    assert verdict.evidence.startswith(
        "/products: it answered 503 before the purge, so nothing can be compared."
    )
