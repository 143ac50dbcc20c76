from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import select

from bot.effects.ledger.hook_tables import WEBHOOK_OUT
from bot.effects.ledger.sql_ledger import open_ledger
from bot.release.catalog import Catalog
from tests.talk.conftest import CATALOG, Talk


def test_a_purge_and_its_rollback_are_told_move_by_move(sqlite_url: str, tmp_path: Path) -> None:
    hook = {"url": "http://127.0.0.1:1/", "secret": "env:CI", "events": ("*",)}
    shop = {**CATALOG["apps"]["shop"], "webhooks": (hook,)}  # type: ignore[index]
    catalog = Catalog.model_validate({"apps": {"shop": shop}})
    ledger = open_ledger(sqlite_url, catalog=catalog)
    talk = Talk(ledger, tmp_path, catalog)
    talk.redis.put("anp:page:/products", "old")
    talk.until_purged()
    talk.say("rollback R-1", "U03ONCALL")
    query = select(WEBHOOK_OUT.c.body).order_by(WEBHOOK_OUT.c.id)
    rows = ledger._read(lambda connection: connection.execute(query).scalars().all())
    told = [json.loads(row) for row in rows]
    ledger.close()
    assert [(one["event"], one["step"] and one["step"]["number"]) for one in told] == [
        ("release.started", None),
        *((event, 1) for event in ("step.judged", "step.approved", "step.done")),
        *((event, 2) for event in ("step.judged", "step.approved", "step.done")),
        ("step.judged", 3),
        ("step.approved", 3),
        ("step.purged", 3),
        ("release.rolling_back", None),
        ("release.rolled_back", None),
    ]
    assert told[-1]["state"] == "rolled_back"
    assert told[-2]["by"] == "U03ONCALL"
