"""Of the people who say yes one must come from the group that the catalog requires."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.calling import wanted
from bot.release.catalog import Catalog
from bot.release.people import Person
from bot.release.refusal import Code, Refusal
from bot.slack.views.checklist import step_card
from tests.slack.reading import texts
from tests.talk.conftest import CATALOG, Talk, text

DEV, SECOND, SRE = "U02APPROVER", "U06SECOND", "U07SRE"
GROUP = frozenset({"S01SRE"})


class Guarded(Talk):
    """A shop whose purges need a yes from the group S01SRE; `groups` says who is in which at this moment."""

    def __init__(
        self, ledger: SqlLedger, folder: Path, approvals: int, required: str, **more: Any
    ) -> None:
        catalog = Catalog.model_validate(CATALOG)
        names = {"approvers": (DEV, SECOND, "S01SRE"), "approvers_required": required, **more}
        shop = catalog.apps["shop"].model_copy(update={"approvals": approvals, **names})
        self.groups = {SRE: GROUP}
        apps = {"shop": shop}
        super().__init__(ledger, folder, catalog.model_copy(update={"apps": apps}), who=self.now_is)
        self.redis.put("anp:page:/products", "old")
        self.say("purge shop products")
        self.say("run R-1")

    def now_is(self, user: str) -> Person:
        """Return the person as they are now."""
        return Person(id=user, groups=self.groups.get(user, frozenset()))

    def approves(self, user: str, *, work: bool = True) -> str:
        """Say yes as that person, with the groups they are in."""
        return text(self.say("approve R-1", user, groups=self.now_is(user).groups, work=work))

    def shows(self) -> str:
        """Return what the card says of the approvals."""
        story = self.story()
        card = step_card(story, story.steps[0], self.tools.catalog, str)
        return next(line for line in texts(card.blocks) if "approved plan" in line)

    def asks(self) -> tuple[str, ...]:
        """Return whom the release waits for."""
        wish = wanted(self.story(), self.tools.catalog)
        assert wish is not None
        return wish.people


def test_the_quorum_is_not_complete_without_the_group_and_the_card_says_so(
    empty_ledger: SqlLedger, tmp_path: Path
) -> None:
    talk = Guarded(empty_ledger, tmp_path, 2, "S01SRE")
    missing = "One by <!subteam^S01SRE> is still missing."
    assert talk.asks() == (DEV, SECOND, "S01SRE")
    assert talk.approves(DEV) == f"1 of 2 approvals for step 1. {missing}"
    assert talk.asks() == ("S01SRE",)
    assert talk.approves(SECOND) == f"2 of 2 approvals for step 1. {missing}"
    assert f". {missing} May approve: <!subteam^S01SRE>" in talk.shows()
    assert (talk.states(), list(talk.redis.keys)) == (["judged"], [b"anp:page:/products"])
    assert talk.approves(SRE) == "Approved: step 1 purges now."
    assert (talk.states(), talk.redis.keys) == (["done"], {})


def test_whoever_comes_first_the_group_counts_once_it_said_yes(
    empty_ledger: SqlLedger, tmp_path: Path
) -> None:
    talk = Guarded(empty_ledger, tmp_path, 2, "S01SRE")
    assert talk.approves(SRE) == "1 of 2 approvals for step 1."
    assert "missing" not in talk.shows()
    assert talk.story().approvals[0].required_from == "S01SRE"
    assert talk.approves(DEV) == "Approved: step 1 purges now."
    assert talk.redis.keys == {}


def test_a_person_can_be_required_too(empty_ledger: SqlLedger, tmp_path: Path) -> None:
    talk = Guarded(empty_ledger, tmp_path, 1, SECOND)
    said = talk.approves(DEV)
    assert said == f"1 of 1 approvals for step 1. One by <@{SECOND}> is still missing."
    assert talk.approves(SECOND) == "Approved: step 1 purges now."


def test_who_left_the_group_before_the_purge_does_not_count_for_it(
    empty_ledger: SqlLedger, tmp_path: Path
) -> None:
    talk = Guarded(empty_ledger, tmp_path, 1, "S01SRE")
    talk.groups = {SRE: GROUP, DEV: GROUP}
    assert talk.approves(DEV, work=False) == "Approved: step 1 purges now."
    talk.groups = {SRE: GROUP}
    talk.work()
    result = talk.story().actions[-1].result
    assert (result["code"], talk.states()) == ("not_allowed", ["stopped"])
    assert result["failed"] == (
        "Not purged, no key was touched: an approval does not count any more. "
        "No approval is one by <!subteam^S01SRE> at this moment"
    )
    assert "one of them by <!subteam^S01SRE>" in result["expected"]
    assert list(talk.redis.keys) == [b"anp:page:/products"]


def test_other_approvals_do_not_make_up_for_it_at_the_purge(
    empty_ledger: SqlLedger, tmp_path: Path
) -> None:
    talk = Guarded(empty_ledger, tmp_path, 2, "S01SRE")
    talk.approves(DEV)
    talk.approves(SECOND)
    assert talk.approves(SRE, work=False) == "Approved: step 1 purges now."
    talk.groups = {}
    talk.work()
    failed = talk.story().actions[-1].result["failed"]
    assert f"<@{SRE}>: Not approved: you are not an approver of this app." in failed
    assert "No approval is one by <!subteam^S01SRE> at this moment" in failed
    assert list(talk.redis.keys) == [b"anp:page:/products"]


def test_a_new_plan_needs_the_group_again(empty_ledger: SqlLedger, tmp_path: Path) -> None:
    talk = Guarded(empty_ledger, tmp_path, 2, "S01SRE")
    talk.approves(SRE)
    talk.say("run R-1")
    assert "One by <!subteam^S01SRE> is still missing." in talk.approves(DEV)
    with pytest.raises(Refusal) as caught:
        talk.approves(DEV)
    assert caught.value.code is Code.MOVED_ON
