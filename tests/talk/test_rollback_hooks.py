from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.catalog import Catalog
from bot.release.records import ActionKind, ActionState
from bot.release.states import ReleaseState
from bot.slack.views.rollback import end_card
from bot.slack.views.wording import mention
from bot.work.deploying import HOOK
from tests.effects.hook_server import Said, receiver
from tests.talk.conftest import CATALOG, Talk


def _talk(ledger: SqlLedger, folder: Path, url: str, **fields: str) -> Talk:
    shop: dict[str, Any] = dict(CATALOG["apps"]["shop"])  # type: ignore[index]
    webhook = {"url": url, "secret": "env:HOOK", "allow_private": True, "fields": fields}
    shop["rollback"] = {"webhook": webhook, "timeout_s": 2}
    talk = Talk(ledger, folder, Catalog.model_validate({"apps": {"shop": shop}}))
    for key in ("anp:page:/products", "anp:fragment:products:1"):
        talk.redis.put(key, "old")
    return talk


def _buttons(talk: Talk) -> dict[str, dict[str, Any]]:
    card = end_card(talk.story(), talk.tools.catalog, mention)
    assert card is not None
    rows = [block["elements"] for block in card.blocks if block["type"] == "actions"]
    return {button["text"]["text"]: json.loads(button["value"]) for row in rows for button in row}


def _rollback(talk: Talk) -> Any:
    return next(row for row in talk.story().actions if row.kind is ActionKind.ROLLBACK)


def test_a_webhook_puts_the_app_back_before_the_keys(
    empty_ledger: SqlLedger, tmp_path: Path
) -> None:
    with receiver() as book:
        talk = _talk(empty_ledger, tmp_path, book.url, to="{previous}")
        talk.until_purged()
        talk.say("rollback R-1", "U03ONCALL")
    assert talk.story().release.state is ReleaseState.ROLLED_BACK
    action = _rollback(talk)
    assert action.result["hook"] == f"ran POST {book.url} to=v1"
    assert talk.ledger.op_step(action.key, HOOK) == "done"
    assert [got.headers["idempotency-key"] for got in book.got] == [f"{action.key}:deploy-hook"]


def test_a_webhook_whose_end_was_not_seen_asks_with_three_buttons(
    empty_ledger: SqlLedger, tmp_path: Path
) -> None:
    with receiver(lambda got: Said(cut=True)) as book:
        talk = _talk(empty_ledger, tmp_path, book.url)
        talk.until_purged()
        talk.say("rollback R-1", "U03ONCALL")
        action = _rollback(talk)
        assert action.state is ActionState.UNKNOWN
        assert talk.ledger.op_step(action.key, HOOK) == "unknown"
        asked = _buttons(talk)
        assert list(asked) == ["It ran", "Run it again", "It failed"]
        failed = asked["It failed"]
        talk.say(failed["verb"], "U03ONCALL", release=1, **failed["fields"])
        said = talk.story().notes[-1].text
        assert said == "Looked: the app's rollback of R-1 failed."
        ran = asked["It ran"]
        talk.say(ran["verb"], "U03ONCALL", release=1, **ran["fields"])
    assert talk.story().release.state is ReleaseState.ROLLED_BACK
    assert len(book.got) == 1


def test_run_it_again_calls_once_more_under_another_key(
    empty_ledger: SqlLedger, tmp_path: Path
) -> None:
    with receiver(lambda got: Said(status=502)) as book:
        talk = _talk(empty_ledger, tmp_path, book.url)
        talk.until_purged()
        talk.say("rollback R-1", "U03ONCALL")
        book.say = lambda got: Said()
        again = _buttons(talk)["Run it again"]
        talk.say(again["verb"], "U03ONCALL", release=1)
    assert talk.story().release.state is ReleaseState.ROLLED_BACK
    first, second = (got.headers["idempotency-key"] for got in book.got)
    assert first != second
    assert second.endswith(":2:deploy-hook")


def test_a_worker_that_died_in_the_call_does_not_call_again(
    empty_ledger: SqlLedger, tmp_path: Path
) -> None:
    with receiver() as book:
        talk = _talk(empty_ledger, tmp_path, book.url)
        talk.until_purged()
        talk.say("rollback R-1", "U03ONCALL", work=False)
        talk.ledger.op_begin(talk.queue.keys[0], HOOK, talk.clock.now())
        talk.work()
        assert book.got == []
    assert _rollback(talk).state is ActionState.UNKNOWN
    assert talk.ledger.op_step(_rollback(talk).key, HOOK) == "unknown"
    assert list(_buttons(talk)) == ["It ran", "Run it again", "It failed"]
