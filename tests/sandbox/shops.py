from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis

from bot.sandbox.shop.shop import Shop, start_shop
from bot.sandbox.valkey import Valkey


@contextmanager
def running_shop() -> Iterator[tuple[Shop, Redis]]:
    """Run a shop of its own on a Valkey of its own; yield it and a client of its cache."""
    folder = Path(tempfile.mkdtemp(prefix="shop-"))
    valkey = Valkey(folder / "valkey")
    valkey.start()
    try:
        shop = start_shop(redis_url=valkey.url, environment="production", folder=folder / "shop")
        try:
            with Redis.from_url(valkey.url, decode_responses=True) as cache:
                yield shop, cache
        finally:
            shop.stop()
    finally:
        valkey.stop()
        shutil.rmtree(folder)
