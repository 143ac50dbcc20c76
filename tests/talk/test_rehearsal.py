"""A production release is rehearsed on staging first, or an approver says why not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.commands import Form, FormErrors, Said
from bot.effects.ledger.sql_ledger import SqlLedger, open_ledger
from bot.release.catalog import Catalog
from bot.release.records import Action, ActionState
from bot.release.refusal import Code, Refusal
from bot.release.two_places import ServerFacts
from bot.slack.views import draw
from tests.fakes.redis_keyspace import FakeKeyspace
from tests.talk.conftest import CATALOG, Talk, text

PAGES = tuple(f"anp:page:/products/{number}" for number in range(30))
LATER = 1_900_000_000_000
HOOK = {
    "argv": ("./deploy.sh", "--environment", "{environment}", "--to", "{previous}"),
}


def catalog(**changes: Any) -> Catalog:
    shop = Catalog.model_validate(CATALOG).apps["shop"].model_dump()
    return Catalog.model_validate(
        {**CATALOG, "apps": {"shop": {**shop, "rollback": HOOK, **changes}}}
    )


class Gated(Talk):
    """A channel in which production opens after a rehearsal, each environment with a Redis of its own."""

    def __init__(self, ledger: SqlLedger, folder: Path, of: Catalog) -> None:
        super().__init__(ledger, folder, of, rehearsal_h=24)
        self.there = FakeKeyspace(told=ServerFacts(server="valkey 9.0.1", ids=("a",), maxmemory=0))
        self.staging = self.there
        self.redis.told = ServerFacts(server="valkey 8.1.0", ids=("b",), maxmemory=1024 * 1024)
        for page in PAGES:
            self.there.put(page, "old", LATER)
            self.redis.put(page, "old", LATER)
        self.there.put("anp:page:/other", "x")

    def rehearsed(self, line: str = "rehearse R-1 --previous v1", who: str = "U01OWNER") -> Action:
        """Rehearse, and return what came out."""
        reply = self.say(line, who)
        assert isinstance(reply, Said)
        assert reply.action is not None
        action = self.ledger.action(reply.action)
        assert action is not None
        return action

    def card(self, name: str = "rehearsal:1") -> str:
        """Return a message as it is drawn now."""
        drawn = draw(name, self.ledger, self.tools.catalog, lambda person: person)
        assert drawn is not None
        return f"{drawn.text}\n{drawn.blocks}"


def gated(sqlite_url: str, tmp_path: Path, of: Catalog) -> Iterator[Gated]:
    ledger = open_ledger(sqlite_url)
    yield Gated(ledger, tmp_path, of)
    ledger.close()


@pytest.fixture
def talk(sqlite_url: str, tmp_path: Path) -> Iterator[Gated]:
    yield from gated(sqlite_url, tmp_path, catalog())


def refused(talk: Talk, line: str, who: str = "U01OWNER") -> Refusal:
    with pytest.raises(Refusal) as caught:
        talk.say(line, who)
    return caught.value


def test_a_production_release_is_told_to_rehearse_and_its_first_step_stays_shut(
    talk: Gated,
) -> None:
    reply = talk.say('start shop products "New price table" --previous v1')
    assert text(reply) == (
        "R-1 is open in <#C01REL>: New price table. Rehearse it first: its first step opens after a "
        "rehearsal on staging, and it was not rehearsed yet."
    )
    shut = refused(talk, "run R-1 1")
    assert (shut.code, shut.failed) == (
        Code.REHEARSAL_NEEDED,
        "Not run: R-1 opens after a rehearsal on staging, and it was not rehearsed yet.",
    )
    assert talk.states()[0] == "ready"
    card = talk.card()
    assert "R-1 waits for its rehearsal on staging." in card
    assert "Rehearse now" in card
    assert "Waive rehearsal" in card
    assert "Not rehearsed on staging yet" in talk.card("root:1")


def test_a_rehearsal_does_everything_on_staging_and_opens_the_first_step(talk: Gated) -> None:
    talk.say('start shop products "New price table" --previous v1')
    before, production = dict(talk.there.keys), dict(talk.redis.keys)
    action = talk.rehearsed("rehearse R-1")
    assert action.state is ActionState.DONE, action.result
    numbers = action.result["numbers"]
    assert [row["title"] for row in numbers["steps"]] == [
        "Inspect cache headers",
        "Test logged-in traffic",
        "Purge only the affected route",
        "Measure response time",
        "Keep a rollback command ready",
        "Roll back",
    ]
    assert (numbers["keys"], numbers["restored"], numbers["byte_equal"]) == (30, 30, True)
    assert (talk.there.keys, talk.redis.keys) == (before, production)
    assert (talk.redis.waves, len(talk.there.waves)) == ([], 2)
    assert talk.hook_log.read_text() == "--environment staging --to v1\n"
    assert talk.snapshots.ids() == ()
    card = talk.card()
    assert "30 keys in " in card
    assert "byte-equal" in card
    assert "counts until" in card
    assert f"by U01OWNER: 30 keys in {numbers['seconds']:.1f} s (staging)" in talk.card("root:1")
    talk.say("run R-1 1")
    assert talk.states()[0] == "judged"


def test_differences_that_change_what_it_proves_are_named_first(talk: Gated) -> None:
    for number in range(400):
        talk.redis.put(f"anp:page:/products/more/{number}", "old", LATER)
    talk.say("start shop products First")
    found = talk.rehearsed().result["numbers"]["differences"]
    weighty = [(row["what"], row["here"], row["there"]) for row in found if row["why"]]
    assert weighty == [
        ("server", "valkey 9.0.1", "valkey 8.1.0"),
        ("maxmemory", "no limit", "1 MB"),
        ("keys of anp:page:/products*", "30", "430"),
    ]
    assert [bool(row["why"]) for row in found] == sorted(
        [bool(row["why"]) for row in found], reverse=True
    )
    assert "a rollback takes longer with 14 times the keys" in talk.card()


def test_a_rehearsal_outside_a_release_opens_the_release_that_comes_after_it(talk: Gated) -> None:
    action = talk.rehearsed("rehearse shop products --previous v1", "U03ONCALL")
    assert (action.release_id, action.args["release"], action.partition) == (
        None,
        None,
        "shop/staging",
    )
    assert "products of shop production on staging" in talk.card(f"action:{action.key}")
    reply = talk.say("start shop products First")
    assert text(reply) == "R-1 is open in <#C01REL>: First."
    talk.say("run R-1 1")
    assert talk.states()[0] == "judged"


def test_another_scope_was_not_rehearsed(talk: Gated) -> None:
    talk.rehearsed("rehearse shop products --previous v1")
    talk.say("start shop cart First")
    assert refused(talk, "run R-1 1").code is Code.REHEARSAL_NEEDED


def test_a_rehearsal_counts_for_a_day(talk: Gated) -> None:
    talk.rehearsed("rehearse shop products --previous v1")
    talk.say("start shop products First")
    talk.clock.at += timedelta(hours=25)
    assert refused(talk, "run R-1 1").failed.endswith("its last rehearsal is older than 24 hours.")
    talk.rehearsed()
    talk.say("run R-1 1")
    talk.say("approve R-1 1", "U02APPROVER")
    talk.clock.at += timedelta(hours=25)
    talk.say("run R-1 2")
    assert talk.states()[:2] == ["done", "judged"]


def test_a_rehearsal_under_another_catalog_counts_no_longer(
    sqlite_url: str, tmp_path: Path
) -> None:
    ledger = open_ledger(sqlite_url)
    before = Gated(ledger, tmp_path, catalog())
    before.rehearsed("rehearse shop products --previous v1")
    after = Gated(ledger, tmp_path, catalog(approvals=2))
    after.say("start shop products First")
    assert refused(after, "run R-1 1").failed == (
        "Not run: R-1 opens after a rehearsal on staging, and the catalog was changed since its last "
        "rehearsal."
    )
    ledger.close()


def test_skipping_the_first_step_opens_no_other(talk: Gated) -> None:
    talk.say("start shop products First")
    talk.say("skip R-1 1 not needed", "U02APPROVER")
    assert refused(talk, "run R-1 2").code is Code.REHEARSAL_NEEDED


def test_only_an_approver_who_did_not_start_it_waives_a_rehearsal(talk: Gated) -> None:
    talk.say("start shop products First", "U02APPROVER")
    for who in ("U01OWNER", "U04DEV", "U02APPROVER"):
        assert refused(talk, "waive R-1 it burns", who).code is Code.NOT_ALLOWED
    assert talk.story().waiver is None
    assert refused(talk, "run R-1 1", "U02APPROVER").code is Code.REHEARSAL_NEEDED


def test_a_waiver_asks_for_its_reason_and_stays_on_the_cards_and_in_the_audit(talk: Gated) -> None:
    talk.say("start shop products First")
    form = talk.say("waive R-1", "U02APPROVER")
    assert isinstance(form, Form)
    assert (form.title, form.carry) == ("Waive rehearsal", {"release": "1"})
    assert isinstance(talk.say("waive R-1", "U02APPROVER", reason="x"), FormErrors)
    reply = talk.say("waive R-1", "U02APPROVER", reason="staging <burns> tonight")
    assert text(reply) == "R-1 may start without a rehearsal: staging <burns> tonight"
    last = talk.ledger.audit(1)[0]
    assert (last.act, last.by, last.body) == (
        "rehearsal waived",
        "U02APPROVER",
        {"reason": "staging <burns> tonight"},
    )
    for name in ("rehearsal:1", "root:1"):
        assert "waived by U02APPROVER" in talk.card(name)
        assert "staging &lt;burns&gt; tonight" in talk.card(name)
    talk.say("run R-1 1")
    assert talk.states()[0] == "judged"
    assert refused(talk, "waive R-1 once more", "U06SECOND").code is Code.NOT_NOW


def test_a_failed_look_on_staging_opens_nothing(talk: Gated) -> None:
    talk.say("start shop products First")
    talk.web.status = 500
    action = talk.rehearsed()
    assert (action.state, action.result["outcome"]) == (ActionState.DONE, "fail")
    assert action.result["numbers"]["byte_equal"] is True
    assert refused(talk, "run R-1 1").failed.endswith("its last rehearsal failed.")
    assert "Rehearsal on staging FAILED" in talk.card("root:1")


class Lossy(FakeKeyspace):
    """A server on which somebody writes over a key just before it is compared."""

    def verify(self, snapshot: Any, **options: Any) -> Any:
        """Change one key's expiry, then compare."""
        name = PAGES[0].encode()
        if name in self.keys:
            self.keys[name] = (self.keys[name][0], LATER + 1)
        return super().verify(snapshot, **options)


def test_one_millisecond_of_another_expiry_is_not_byte_equal(talk: Gated) -> None:
    lossy = Lossy(keys=dict(talk.there.keys), told=talk.there.told)
    talk.staging = lossy
    talk.say("start shop products First")
    numbers = talk.rehearsed().result["numbers"]
    assert (numbers["restored"], numbers["keys"], numbers["byte_equal"]) == (29, 30, False)
    assert "29 of 30 byte-equal, the rest NOT" in talk.card()


class Broken(FakeKeyspace):
    """A server that dies at the end of a purge, and cannot take anything back for a while."""

    down = True

    def purge(self, *args: Any, **options: Any) -> Any:
        """Take the keys, then fail."""
        outcome = super().purge(*args, **options)
        if self.down:
            raise away()
        return outcome

    def restore(self, *args: Any, **options: Any) -> Any:
        """Fail while it is away."""
        if self.down:
            raise away()
        return super().restore(*args, **options)


def away() -> Refusal:
    return Refusal(
        code=Code.REDIS_UNREACHABLE, failed="Gone.", expected="a server.", retry_is_safe=True
    )


def test_what_a_broken_rehearsal_took_is_put_back_by_the_next_one(talk: Gated) -> None:
    broken = Broken(keys=dict(talk.there.keys), told=talk.there.told)
    before = dict(broken.keys)
    talk.staging = broken
    talk.say("start shop products First")
    action = talk.rehearsed()
    assert action.state is ActionState.FAILED
    assert "are still in snapshot rehearsal-" in action.result["failed"]
    assert len(broken.keys) == 1
    broken.down = False
    again = talk.rehearsed()
    assert again.result["numbers"]["byte_equal"] is True
    assert (broken.keys, talk.snapshots.ids()) == (before, ())


class Shy(FakeKeyspace):
    """A server that refuses the purge's end once, and then is well."""

    def purge(self, *args: Any, **options: Any) -> Any:
        """Take the keys, then fail."""
        super().purge(*args, **options)
        raise away()


def test_a_rehearsal_that_breaks_off_puts_back_what_it_took(talk: Gated) -> None:
    shy = Shy(keys=dict(talk.there.keys), told=talk.there.told)
    before = dict(shy.keys)
    talk.staging = shy
    talk.say("start shop products First")
    action = talk.rehearsed()
    assert "being rehearsed" not in talk.card("root:1")
    assert action.result["failed"] == "Gone. What was taken out of staging was put back."
    assert (shy.keys, talk.snapshots.ids()) == (before, ())
    assert refused(talk, "run R-1 1").code is Code.REHEARSAL_NEEDED


def test_two_presses_are_one_rehearsal(talk: Gated) -> None:
    talk.say("start shop products First")
    talk.say("rehearse R-1 --previous v1", work=False)
    again = talk.say("rehearse R-1", "U03ONCALL", work=False)
    assert "is being rehearsed already: asked by <@U01OWNER>" in text(again)
    assert len(talk.queue.keys) == 1
    assert "Rehearse" not in talk.card().partition("actions")[2]


def test_one_redis_for_both_is_refused_before_anything_is_touched(talk: Gated) -> None:
    talk.there.told = talk.redis.told
    talk.say("start shop products First")
    action = talk.rehearsed()
    assert (action.state, action.result["code"]) == (ActionState.FAILED, Code.SCOPE_INVALID)
    assert talk.there.waves == []


def test_people_at_work_on_staging_are_not_disturbed(talk: Gated) -> None:
    talk.say("start shop products Mine --environment staging")
    talk.say("start shop products First")
    action = talk.rehearsed("rehearse R-2 --previous v1")
    assert (action.state, action.result["code"]) == (ActionState.FAILED, Code.SCOPE_BUSY)
    talk.say("abandon R-1", "U02APPROVER")
    talk.say('lock shop "we test" --environment staging', "U02APPROVER")
    assert refused(talk, "rehearse R-2").code is Code.LOCKED
    assert len(talk.there.keys) == 31


def test_a_rehearsal_is_for_those_who_may_roll_back_or_started_the_release(talk: Gated) -> None:
    assert refused(talk, "rehearse shop products", "U04DEV").code is Code.NOT_ALLOWED
    talk.say("start shop products First", "U04DEV")
    assert refused(talk, "rehearse R-1", "U05OTHER").code is Code.NOT_ALLOWED
    assert talk.rehearsed(who="U04DEV").state is ActionState.DONE


@pytest.fixture
def careless(sqlite_url: str, tmp_path: Path) -> Iterator[Gated]:
    hook = {"argv": ("./deploy.sh", "--to", "{previous}")}
    yield from gated(sqlite_url, tmp_path, catalog(rollback=hook))


def test_a_command_that_names_no_environment_is_not_run_on_staging(careless: Gated) -> None:
    careless.say("start shop products First --previous v1")
    result = careless.rehearsed().result
    assert not careless.hook_log.exists()
    assert result["outcome"] == "unsure"
    assert "it names no {environment}, so on staging it would have put production back" in str(
        result["numbers"]["steps"][-1]["evidence"]
    )


@pytest.fixture
def hookless(sqlite_url: str, tmp_path: Path) -> Iterator[Gated]:
    yield from gated(sqlite_url, tmp_path, catalog(rollback=None))


def test_an_app_without_a_rollback_command_is_told_so(hookless: Gated) -> None:
    hookless.say("start shop products First")
    last = hookless.rehearsed().result["numbers"]["steps"][-1]
    assert (last["outcome"], last["evidence"].partition(". ")[0]) == (
        "pass",
        "The app has no rollback command, so none was rehearsed",
    )


@pytest.fixture
def alone(sqlite_url: str, tmp_path: Path) -> Iterator[Gated]:
    only = {"production": {"redis": "env:R", "url": "http://127.0.0.1:1"}}
    yield from gated(sqlite_url, tmp_path, catalog(environments=only))


def test_an_app_without_staging_is_not_gated_and_its_card_says_so(alone: Gated) -> None:
    assert text(alone.say("start shop products First")) == "R-1 is open in <#C01REL>: First."
    assert "No staging: nothing is rehearsed" in alone.card("root:1")
    alone.say("run R-1 1")
    assert alone.states()[0] == "judged"
    assert refused(alone, "rehearse R-1").code is Code.UNKNOWN_NAME
    assert refused(alone, "waive R-1 no place", "U02APPROVER").code is Code.NOT_NOW


def test_a_staging_release_and_a_purge_alone_need_no_rehearsal(talk: Gated) -> None:
    talk.say("start shop products First --environment staging")
    talk.say("run R-1 1")
    assert talk.states(1)[0] == "judged"
    talk.say("purge shop products")
    talk.say("run R-2 1")
    assert talk.states(2) == ["judged"]


@pytest.mark.parametrize("treated", [{"undo": False}, {"soft_ttl": 300}], ids=["plain", "soft"])
def test_keys_that_a_purge_would_delete_or_let_expire_are_put_back_on_staging(
    sqlite_url: str, tmp_path: Path, treated: dict[str, Any]
) -> None:
    products = {"keys": ("anp:page:/products*",), "paths": ("/products",), **treated}
    for talk in gated(sqlite_url, tmp_path, catalog(routes={"products": products})):
        before = dict(talk.there.keys)
        talk.say("start shop products First")
        numbers = talk.rehearsed().result["numbers"]
        assert (numbers["keys"], numbers["byte_equal"]) == (30, True)
        assert talk.there.keys == before


def test_a_generation_is_set_and_set_back(sqlite_url: str, tmp_path: Path) -> None:
    products = {"generation": "anp:gen:products", "paths": ("/products",)}
    for talk in gated(sqlite_url, tmp_path, catalog(routes={"products": products})):
        talk.there.put("anp:gen:products", "41")
        before = dict(talk.there.keys)
        talk.say("start shop products First")
        result = talk.rehearsed().result
        last = result["numbers"]["steps"][-1]
        assert "Generation set back: anp:gen:products 42 -> 41" in last["evidence"]
        assert (last["outcome"], talk.there.keys) == ("pass", before)
        assert "generation set back" in result["evidence"]
        talk.say("run R-1 1")
        assert talk.states()[0] == "judged"
