"""A leak stops the release: nothing goes on until somebody decides, and a rollback is always one press away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.effects.ledger.sql_ledger import open_ledger
from bot.release.catalog import Account, Catalog
from bot.release.records import Outcome
from bot.release.refusal import Code, Refusal
from bot.release.states import ReleaseState
from bot.release.stopping import stops_of, why_stopped
from tests.steps.answers import MARKERS, Cache
from tests.talk.conftest import CATALOG, Talk, text

LEAK = "/products: an anonymous visitor got the page of account a (L1)"


def personal(*, hook: bool) -> Catalog:
    """Return the catalog with a personalised route and two test accounts, its app with a deploy hook or without."""
    catalog = Catalog.model_validate(CATALOG)
    shop = catalog.apps["shop"]
    products = shop.routes["products"].model_copy(update={"personalised": True})
    accounts = {n: Account(cookie="env:R", marker=MARKERS[n]) for n in MARKERS}
    changed: dict[str, Any] = {
        "routes": {**shop.routes, "products": products},
        "accounts": accounts,
    }
    if not hook:
        changed |= {"rollback": None}
    return catalog.model_copy(update={"apps": {"shop": shop.model_copy(update=changed)}})


@pytest.fixture(params=[True, False], ids=["deploy hook", "nothing to undo"])
def talk(request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path) -> Iterator[Talk]:
    ledger = open_ledger(sqlite_url)
    yield Talk(ledger, tmp_path, personal(hook=request.param))
    ledger.close()


@pytest.fixture
def stopped(talk: Talk) -> Talk:
    """A release whose second step found a leak."""
    talk.say('start shop products "New price table" --previous v1')
    talk.say('skip R-1 1 "not asked here"', "U02APPROVER")
    talk.web.answer = Cache(keeps_personal=True)
    talk.say("run R-1 2")
    return talk


def refused(talk: Talk, line: str, who: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        talk.say(line, who)
    return caught.value


def why(talk: Talk) -> str | None:
    return why_stopped(talk.story().steps[1])


def test_a_leak_stops_the_release_and_no_later_step_opens(stopped: Talk) -> None:
    assert why(stopped) == LEAK
    assert stopped.states() == ["skipped", "judged", "waiting", "waiting", "waiting"]
    assert refused(stopped, "run R-1 3", "U01OWNER").code is Code.NOT_NOW
    assert refused(stopped, "approve R-1 2", "U02APPROVER").expected == (
        "run it again, skip it with a reason, or roll back."
    )
    assert stopped.states() == ["skipped", "judged", "waiting", "waiting", "waiting"]


@pytest.mark.parametrize("who", ["U01OWNER", "U01ADMIN"])
def test_only_an_approver_may_skip_what_stops_the_release(stopped: Talk, who: str) -> None:
    refusal = refused(stopped, 'skip R-1 2 "it is only a test account"', who)
    assert refusal.code is Code.NOT_ALLOWED
    assert refusal.failed == (
        f"Not skipped: step 2 stops the release, because of {LEAK}. Nothing was changed."
    )
    assert refusal.expected.endswith("; or run it again until it passes, or roll back.")
    assert why(stopped) == LEAK


def test_an_approver_skips_it_with_a_reason_and_the_next_step_opens(stopped: Talk) -> None:
    stopped.say('skip R-1 2 "the leak is in the test account\'s own page"', "U02APPROVER")
    assert stopped.states() == ["skipped", "skipped", "ready", "waiting", "waiting"]
    assert stopped.story().steps[1].reason == "the leak is in the test account's own page"
    assert why(stopped) is None


def test_no_page_and_no_marker_is_kept_in_the_ledger(stopped: Talk, tmp_path: Path) -> None:
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("ledger.sqlite*"))
    assert b"got the page of account a" in kept
    assert b"Signed in as" not in kept


def test_a_run_that_passes_lifts_the_stop(stopped: Talk) -> None:
    stopped.web.answer = Cache()
    stopped.say("run R-1 2")
    assert why(stopped) is None
    stopped.say("approve R-1 2", "U02APPROVER")
    assert stopped.states() == ["skipped", "done", "ready", "waiting", "waiting"]


def test_a_run_that_cannot_tell_leaves_the_stop_standing(stopped: Talk) -> None:
    stopped.web.answer = Cache(says=False)
    stopped.say("run R-1 2")
    verdict = stopped.story().steps[1].verdict
    assert verdict is not None
    assert verdict.outcome is Outcome.FAIL
    assert verdict.evidence.startswith(f"An earlier run stopped the release: {LEAK}. This one did")
    assert why(stopped) == LEAK
    assert refused(stopped, 'skip R-1 2 "it is gone"', "U01OWNER").code is Code.NOT_ALLOWED


def test_a_run_that_breaks_off_leaves_the_stop_standing(stopped: Talk) -> None:
    def broken(_: object) -> dict[str, object]:
        raise Refusal(
            code=Code.ADDRESS_FORBIDDEN, failed="No.", expected="Yes.", retry_is_safe=True
        )

    stopped.web.answer = broken
    stopped.say("run R-1 2")
    assert stopped.states()[1] == "stopped"
    assert why(stopped) == LEAK
    assert refused(stopped, 'skip R-1 2 "it is gone"', "U01OWNER").code is Code.NOT_ALLOWED


def test_a_stopped_release_is_rolled_back_by_one_word_of_on_call(stopped: Talk) -> None:
    assert text(stopped.say("rollback R-1", "U03ONCALL")) == "Rolling back R-1."
    story = stopped.story()
    assert story.release.state is ReleaseState.ROLLED_BACK
    assert story.lock is not None


def test_a_step_that_fails_without_a_leak_is_skipped_by_its_owner_as_before(talk: Talk) -> None:
    talk.say('start shop products "New price table" --previous v1')
    talk.web.status = 500
    talk.say("run R-1 1")
    verdict = talk.story().steps[0].verdict
    assert verdict is not None
    assert (verdict.outcome, stops_of(verdict)) == (Outcome.FAIL, ())
    talk.say('skip R-1 1 "known"')
    assert talk.states()[0] == "skipped"
