"""`oncall`: who, from where, and how fresh."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.commands import Said
from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.catalog import Catalog
from bot.release.membership import Membership, Unreachable
from bot.release.refusal import Code, Refusal
from tests.talk.conftest import CATALOG, Talk

GROUP, SCHEDULE = "S01NIGHT", "pagerduty:PRIMARY"


class OnCallTalk(Talk):
    """A shop with those on call as the test names them; `known` is what Slack and PagerDuty say."""

    def __init__(self, ledger: SqlLedger, folder: Path, *oncall: str) -> None:
        catalog = Catalog.model_validate(CATALOG)
        shop = catalog.apps["shop"].model_copy(update={"oncall": oncall})
        super().__init__(ledger, folder, catalog.model_copy(update={"apps": {"shop": shop}}))
        self.known: dict[str, Membership] = {}
        self.tools = replace(self.tools, members=self.members)

    def members(self, name: str) -> Membership:
        """Return what is known of a group."""
        if name not in self.known:
            raise Unreachable("PagerDuty does not answer")
        return self.known[name]

    def knows(self, name: str, *people: str, age_s: int = 11, **more: Any) -> None:
        """Let a group be known since so many seconds."""
        at = self.clock.at - timedelta(seconds=age_s)
        kept = Membership(name=name, people=frozenset(people), at=at)
        self.known[name] = replace(kept, **more)

    def answers(self, line: str = "oncall shop") -> list[str]:
        """Return the sentence and the lines of the answer."""
        said = self.say(line)
        assert isinstance(said, Said)
        return [said.text, *said.lines]


def test_each_source_is_said_with_its_people_and_its_age(
    empty_ledger: SqlLedger, tmp_path: Path
) -> None:
    talk = OnCallTalk(empty_ledger, tmp_path, "U03ONCALL", GROUP, SCHEDULE)
    talk.knows(GROUP, "U07ANA", "U08BEN")
    talk.knows(SCHEDULE, "U03ONCALL", age_s=1, strangers=1)
    assert talk.answers() == [
        "On call for shop: <@U03ONCALL>, <@U07ANA>, <@U08BEN>.",
        "• <@U03ONCALL>: by the catalog",
        "• user group S01NIGHT: <@U07ANA>, <@U08BEN>; asked 12 seconds ago",
        "• PagerDuty schedule PRIMARY: <@U03ONCALL>; 1 more without an account here; asked 2 seconds ago",
    ]


def test_an_old_copy_says_how_old_it_is_and_why(empty_ledger: SqlLedger, tmp_path: Path) -> None:
    talk = OnCallTalk(empty_ledger, tmp_path, SCHEDULE)
    talk.knows(SCHEDULE, "U07ANA", age_s=3 * 3600, trouble="PagerDuty answers 503")
    assert talk.answers() == [
        "On call for shop: <@U07ANA>.",
        "• PagerDuty schedule PRIMARY: <@U07ANA>; known as of 2026-03-01 11:00 UTC, "
        "3 hours ago: PagerDuty answers 503",
    ]


def test_what_was_never_known_and_nobody_are_told_apart(
    empty_ledger: SqlLedger, tmp_path: Path
) -> None:
    talk = OnCallTalk(empty_ledger, tmp_path, SCHEDULE)
    assert talk.answers() == [
        "Nobody is known to be on call for shop; its owner is <@U01OWNER>.",
        "• PagerDuty schedule PRIMARY: not known, PagerDuty does not answer",
    ]
    talk.knows(SCHEDULE)
    assert talk.answers()[1].startswith("• PagerDuty schedule PRIMARY: nobody is on call; asked ")


def test_an_app_without_anybody_on_call_names_its_owner(
    empty_ledger: SqlLedger, tmp_path: Path
) -> None:
    talk = OnCallTalk(empty_ledger, tmp_path)
    assert talk.answers("oncall") == [
        "The catalog names nobody who is on call for shop; its owner is <@U01OWNER>."
    ]


def test_an_unknown_app_is_refused_with_those_that_exist(talk: Talk) -> None:
    with pytest.raises(Refusal) as caught:
        talk.say("oncall shpo")
    assert (caught.value.code, caught.value.expected) == (Code.UNKNOWN_NAME, "one of: shop.")
