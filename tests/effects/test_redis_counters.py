"""The counters of an app's Redis, as a watch reads them."""

from __future__ import annotations

from pathlib import Path

from redis import Redis

from bot.effects.catalog_file import load_catalog
from bot.effects.keyspace.counters import traffic_reader
from tests.effects.conftest import free_port

CATALOG = """
[apps.shop]
channel = "C01REL"
owner = "U01OWNER"
approvers = ["U02APPROVER"]
[apps.shop.environments.production]
redis = "env:R"
url = "https://shop.example"
[apps.shop.environments.away]
redis = "env:AWAY"
url = "https://shop.example"
[apps.shop.routes.products]
keys = ["anp:page:/products*"]
paths = ["/products"]
"""


def test_what_is_found_and_not_found_is_counted_and_a_silent_server_says_nothing(
    valkey: str, tmp_path: Path
) -> None:
    path = tmp_path / "catalog.toml"
    path.write_text(CATALOG)
    away = f"redis://127.0.0.1:{free_port()}/0"
    read = traffic_reader(load_catalog(path, {"R": valkey, "AWAY": away}))
    before = read("shop", "production")
    with Redis.from_url(valkey) as client:
        client.set("anp:page:/products", "a page")
        for key in ("anp:page:/products", "anp:page:/products", "anp:page:/nothing"):
            client.get(key)
    after = read("shop", "production")
    assert before is not None
    assert after is not None
    assert (after.hits - before.hits, after.misses - before.misses) == (2, 1)
    assert read("shop", "away") is None
