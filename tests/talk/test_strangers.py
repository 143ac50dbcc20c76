"""Who is no full member of the workspace changes nothing, even where the catalog names them for everything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_sdk import WebClient

from bot.commands import Ask, Reply
from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.catalog import Catalog
from bot.release.refusal import Code, Refusal
from bot.sandbox.slack.server import SandboxSlack, demo_workspace
from bot.slack.deciding import Behind, Decider
from bot.slack.hearing import hear_command
from bot.slack.people import People
from bot.slack.strangers import Team
from tests.talk.conftest import CATALOG, Talk

MANIFEST = Path(__file__).parents[2] / "docs" / "slack-manifest.json"
HERE = Team(id="T01SANDBOX")
KINDS = {
    "U05GUEST": "a guest",
    "U06LEFT": "deactivated",
    "U07ROBOT": "a bot",
    "U0BOT": "a bot",
    "U08PARTNER": "not a member of this workspace",
    "U99NOBODY": "not a member of this workspace",
}
LINES = {
    "add": "add R-1",
    "ask": "ask R-1",
    "check": "check shop products",
    "drill": "drill R-1",
    "export": "export R-1",
    "headers": "headers shop products",
    "hotfix": 'hotfix R-1 "wrong prices"',
    "leave": "leave shop",
    "lock": 'lock shop "no more"',
    "notify": "notify R-1",
    "owner": "owner R-1 3 <@U04DEV>",
    "pace": "pace R-1 fast",
    "purge": "purge shop cart",
    "queue": "queue shop products",
    "rehearse": "rehearse shop products",
    "start": 'start shop cart "mine"',
    "unlock": "unlock shop",
    "where": "where",
}


@pytest.fixture
def slack() -> Iterator[SandboxSlack]:
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    running = SandboxSlack(demo_workspace(manifest), strict_rates=False)
    running.start()
    yield running
    running.stop()


class Office:
    """A release with a plan to approve, in a shop whose catalog gives everybody of the table every right."""

    def __init__(self, slack: SandboxSlack, ledger: SqlLedger, folder: Path) -> None:
        shop = CATALOG["apps"]["shop"]  # type: ignore[index]
        everybody = (*KINDS, "U02APPROVER")
        named = {**shop, "approvers": everybody, "oncall": everybody, "approvals": 1}
        catalog = Catalog.model_validate({"people": {"admins": everybody}, "apps": {"shop": named}})
        self.talk = Talk(ledger, folder, catalog)
        self.talk.redis.put("anp:page:/products", "old")
        self.talk.say("purge shop products", "U04DEV")
        self.talk.say("run R-1", "U04DEV")
        self.ledger = ledger
        client = WebClient(
            token=slack.workspace.bot_token, base_url=slack.api_url, timeout=5, retry_handlers=[]
        )
        self.decider = Decider(
            Behind(
                run=self.run,
                people=People(client, catalog, self.talk.clock.now, ledger),
                ledger=ledger,
                catalog=catalog,
                now=self.talk.clock.now,
                on_refused=ledger.keep,
            )
        )

    def run(self, ask: Ask) -> Reply:
        """Carry out what was asked for, as the app does."""
        return self.talk.tools.commands[ask.verb].run(ask, self.talk.tools)

    def says(self, user: str, line: str) -> object:
        """Type a slash command as that account and return the answer."""
        heard = hear_command({"user_id": user, "channel_id": "C01REL", "text": line})
        return self.decider.begin(heard, HERE).result(timeout=30)


@pytest.fixture
def office(slack: SandboxSlack, empty_ledger: SqlLedger, tmp_path: Path) -> Iterator[Office]:
    opened = Office(slack, empty_ledger, tmp_path)
    yield opened
    opened.decider.close()


@pytest.mark.parametrize("user", sorted(KINDS))
def test_no_verb_is_open_to_them_and_each_try_is_in_the_audit(office: Office, user: str) -> None:
    verbs = sorted(office.talk.tools.commands)
    before, locks = office.talk.story(), office.ledger.locks()
    answers = {verb: office.says(user, LINES.get(verb, f"{verb} R-1")) for verb in verbs}
    words = {
        verb: (answer.code, answer.failed, answer.expected)
        for verb, answer in answers.items()
        if isinstance(answer, Refusal)
    }
    refusal = (
        Code.NOT_ALLOWED,
        f"Not allowed: this account is {KINDS[user]}. Nothing was changed.",
        "a full member of this workspace.",
    )
    assert words == dict.fromkeys(verbs, refusal)
    assert (office.talk.story(), office.ledger.locks()) == (before, locks)
    assert office.talk.queue.keys == []
    assert list(office.talk.redis.keys) == [b"anp:page:/products"]
    assert len(office.ledger.releases(limit=10)) == 1
    tries = [row for row in office.ledger.audit() if row.act == "refused" and row.by == user]
    assert sorted(row.body["verb"] for row in tries) == verbs


def test_the_same_words_of_a_member_with_the_same_rights_are_carried_out(office: Office) -> None:
    answer = office.says("U02APPROVER", "approve R-1 1")
    assert getattr(answer, "text", answer) == "Approved: step 1 purges now."
    office.talk.work()
    assert office.talk.redis.keys == {}
