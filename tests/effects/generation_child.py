"""A worker that purges by a generation key, and kills itself where the test says so."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.ledger.sql_ledger import SqlLedger, open_ledger
from bot.release.catalog import Catalog
from bot.release.generation import Generation
from tests.talk.conftest import CATALOG, Talk


class Dying(RedisKeyspace):
    """Dies before or after the number is set; `when` is empty where it lives."""

    def __init__(self, url: str, when: str) -> None:
        """Take the address and the moment."""
        super().__init__(url)
        self._when = when

    def set_generation(self, key: str, *, seen: int, new: int) -> Generation:
        """Set it, and die."""
        if self._when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        found = super().set_generation(key, seen=seen, new=new)
        if self._when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return found


def shop(ledger: SqlLedger, folder: Path, url: str, when: str = "") -> Talk:
    """Return a shop whose products go by a generation key of a real server."""
    apps: Any = CATALOG["apps"]
    products = {"generation": "anp:gen:products", "paths": ("/products",)}
    routes = {**apps["shop"]["routes"], "products": products}
    catalog = Catalog.model_validate({"apps": {"shop": {**apps["shop"], "routes": routes}}})
    return Talk(ledger, folder, catalog, Dying(url, when))


if __name__ == "__main__":
    ledger_url, folder, redis_url, when, key = sys.argv[1:]
    shop(open_ledger(ledger_url), Path(folder), redis_url, when).performer.perform(key)
