"""The story of one release, told from every place that keeps a part of it."""

from __future__ import annotations

import json

import pytest

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.effects.liveness import open_liveness
from bot.release.records import ActionMove, ActionState, DueCard
from bot.release.refusal import Refusal
from bot.tracing import trace
from bot.work.engine import DbosEngine, engine_url, migrate_engine
from tests.ledger_values import CHANNEL, kept, later, opened, request, snapshot

KEY = "purge:1:2:v1"


def died(key: str) -> None:
    raise AssertionError(key)


@pytest.fixture
def told(ledger: SqlLedger, ledger_url: str) -> SqlLedger:
    """Return a ledger with a release of which every table keeps a part."""
    migrate_engine(engine_url(ledger_url))
    engine = DbosEngine(
        engine_url(ledger_url),
        role="web",
        perform=None,
        liveness=open_liveness(ledger_url),
        on_poisoned=died,
    )
    release = opened(ledger)
    kept(
        ledger,
        at=later(1),
        release_id=release.id,
        requests=(request(KEY, release_id=release.id, asked_at=later(1)),),
    )
    engine.enqueue(KEY, "shop/production")
    engine.close()
    begun = ledger.start_action(KEY, later(2))
    assert begun is not None
    kept(ledger, at=later(2), snapshots=(snapshot(release, created_at=later(2)),))
    ledger.op_begin(KEY, "hook", later(3))
    ledger.op_end(KEY, "hook", "done", "exit 0", later(4))
    done = ActionMove(key=KEY, seen_fence=begun.fence, to=ActionState.DONE, result={"taken": 7})
    kept(ledger, at=later(5), actions=(done,), release_id=release.id)
    (root,) = ledger.due_cards(later(6), 1, "test", 60)
    assert isinstance(root, DueCard)
    ledger.card_sent(root.id, root.card, CHANNEL, "171.001", "d" * 64, later(6))
    (step,) = ledger.due_cards(later(7), 1, "test", 60)
    ledger.card_dead(step.id, "is_archived xoxb-1-secret", later(8))
    return ledger


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_every_part_is_told_in_the_order_in_which_it_happened(
    told: SqlLedger, ledger_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"DATABASE_URL": ledger_url}
    assert trace(environ, "R-1", as_json=False) == 0
    shown = [line for line in lines(capsys) if "  engine  " not in line]
    about = [line.split("  ", 3) for line in shown]
    assert [line[0] for line in about] == sorted(line[0] for line in about)
    for line in (
        "2026-05-04 12:00:01.000Z  work      purge:1:2:v1  asked for by U02ANA",
        "2026-05-04 12:00:02.000Z  work      purge:1:2:v1  begun; since then started 1 times",
        "2026-05-04 12:00:03.000Z  effect    purge:1:2:v1/hook  started",
        "2026-05-04 12:00:04.000Z  effect    purge:1:2:v1/hook  done exit 0",
        "2026-05-04 12:00:05.000Z  work      purge:1:2:v1  ended done taken=7",
        "2026-05-04 12:00:06.000Z  slack     root:1  sent; stands in C01REL at 171.001",
        "2026-05-04 12:00:08.000Z  outbox    step:1:1  dead: given up, is_archived xoxb-***",
    ):
        assert line in shown
    assert shown[0].startswith("2026-05-04 12:00:00.000Z  audit     1  start by U05STARTER {")


def test_a_machine_gets_the_same_parts_with_those_of_the_engine(
    told: SqlLedger, ledger_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trace({"DATABASE_URL": ledger_url}, "r-1", as_json=True) == 0
    (line,) = lines(capsys)
    story = json.loads(line)
    assert (story["release"], story["missing"]) == ("R-1", None)
    engine = [part for part in story["parts"] if part["source"] == "engine"]
    assert {part["about"] for part in engine} == {KEY}
    assert engine[0]["what"] == "queued in release"
    assert engine[-1]["what"].startswith("ENQUEUED, 0 starts")


def test_an_engine_that_is_away_leaves_the_rest(
    sqlite_ledger: SqlLedger, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    release = opened(sqlite_ledger)
    kept(sqlite_ledger, requests=(request(KEY, release_id=release.id),))
    assert trace({"DATABASE_URL": sqlite_url}, "1", as_json=False) == 1
    *parts, missing = lines(capsys)
    assert len(parts) >= 2
    assert missing.startswith("The engine's database does not answer (OperationalError)")


@pytest.mark.parametrize("name", ["R-2", "shop", "R-1; DROP", "-1"])
def test_a_release_that_is_not_there_is_refused(
    sqlite_ledger: SqlLedger, sqlite_url: str, name: str
) -> None:
    opened(sqlite_ledger)
    with pytest.raises(Refusal, match="There is no release"):
        trace({"DATABASE_URL": sqlite_url}, name, as_json=False)
