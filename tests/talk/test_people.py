"""Who may say yes, who may say no, and what a no does."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.commands import Form, FormErrors
from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.catalog import Catalog
from bot.release.refusal import Code, Refusal
from tests.talk.conftest import CATALOG, Talk, text


def _strict(ledger: SqlLedger, folder: Path, **changed: object) -> Talk:
    catalog = Catalog.model_validate(CATALOG)
    shop = catalog.apps["shop"].model_copy(update={"approvals": 2, **changed})
    return Talk(ledger, folder, catalog.model_copy(update={"apps": {"shop": shop}}))


def _planned(talk: Talk) -> None:
    talk.redis.put("anp:page:/products", "old")
    talk.say("purge shop products")
    talk.say("run R-1")


def test_one_no_stops_the_purge_and_voids_the_yes_before_it(
    empty_ledger: SqlLedger, tmp_path: Path
) -> None:
    talk = _strict(empty_ledger, tmp_path)
    _planned(talk)
    talk.say("approve R-1", "U02APPROVER")
    said = text(talk.say("reject R-1 the sale runs until noon", "U06SECOND"))
    assert said == "Rejected step 1: the sale runs until noon. 1 approval is void."
    assert talk.states() == ["stopped"]
    verdict = talk.story().steps[0].verdict
    assert verdict is not None
    assert verdict.evidence == (
        "Rejected by <@U06SECOND>: the sale runs until noon. Approvals that are void: 1."
    )
    with pytest.raises(Refusal) as caught:
        talk.say("approve R-1", "U02APPROVER")
    assert caught.value.code is Code.NOT_NOW
    talk.say("run R-1")
    assert text(talk.say("approve R-1", "U06SECOND")) == "1 of 2 approvals for step 1."
    assert list(talk.redis.keys) == [b"anp:page:/products"]


def test_a_no_without_a_reason_asks_for_it(talk: Talk) -> None:
    _planned(talk)
    form = talk.say("reject R-1", "U02APPROVER")
    assert isinstance(form, Form)
    assert form.fields[0].label == "What must change before a yes?"
    answer = talk.say("reject R-1", "U02APPROVER", reason="no")
    assert answer == FormErrors(errors={"reason": "Say why, in a few words."})
    assert talk.states() == ["judged"]


@pytest.mark.parametrize(
    ("who", "failed"),
    [
        ("U01OWNER", "Not rejected: you started this release. Nothing was changed."),
        ("U03ONCALL", "Not rejected: you are not an approver of this app. Nothing was changed."),
    ],
)
def test_only_an_approver_who_did_not_start_it_says_no(talk: Talk, who: str, failed: str) -> None:
    _planned(talk)
    with pytest.raises(Refusal) as caught:
        talk.say("reject R-1 the sale runs until noon", who)
    assert caught.value.failed == failed
    assert talk.states() == ["judged"]


def test_who_made_the_plan_does_not_approve_it(talk: Talk) -> None:
    _planned(talk)
    talk.say("run R-1", "U02APPROVER")
    with pytest.raises(Refusal) as caught:
        talk.say("approve R-1", "U02APPROVER")
    assert caught.value.failed == (
        "Not approved: you made this plan, with the last run of the step. Nothing was changed."
    )
    assert text(talk.say("approve R-1", "U06SECOND")) == "Approved: step 1 purges now."


def test_an_approver_who_lost_the_role_before_the_purge_does_not_count(
    talk: Talk, empty_ledger: SqlLedger, tmp_path: Path
) -> None:
    _planned(talk)
    talk.say("approve R-1", "U02APPROVER", work=False)
    (purge,) = talk.queue.keys
    shop = talk.tools.catalog.apps["shop"].model_copy(update={"approvers": ("U06SECOND",)})
    later = Talk(
        empty_ledger,
        tmp_path,
        talk.tools.catalog.model_copy(update={"apps": {"shop": shop}}),
        keyspace=talk.redis,
    )
    later.redis = talk.redis
    later.performer.perform(purge)
    result = talk.story().actions[-1].result
    assert result["code"] == "not_allowed"
    assert result["failed"] == (
        "Not purged, no key was touched: an approval does not count any more. "
        "<@U02APPROVER>: Not approved: you are not an approver of this app. Nothing was changed."
    )
    assert talk.states() == ["stopped"]
    assert list(talk.redis.keys) == [b"anp:page:/products"]
