from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.release.states import ReleaseState
from tests.effects.hook_server import receiver
from tests.talk.test_rehearsal import catalog, gated


@pytest.mark.parametrize(
    ("fields", "environments", "outcome"),
    [({"on": "{environment}"}, ["staging"], "pass"), ({}, [], "unsure")],
)
def test_a_webhook_is_rehearsed_where_it_says_where_it_works(
    sqlite_url: str, tmp_path: Path, fields: dict[str, str], environments: list[str], outcome: str
) -> None:
    with receiver() as book:
        webhook = {"url": book.url, "secret": "env:HOOK", "allow_private": True, "fields": fields}
        for talk in gated(sqlite_url, tmp_path, catalog(rollback={"webhook": webhook})):
            talk.say("start shop products First")
            last = talk.rehearsed().result["numbers"]["steps"][-1]
            assert last["outcome"] == outcome
            assert talk.story().release.state is ReleaseState.OPEN
    assert [json.loads(got.body)["environment"] for got in book.got] == environments
    assert [json.loads(got.body)["fields"] for got in book.got] == [
        {"on": place} for place in environments
    ]
