"""Twenty thousand keys, as a shop that has been open for a while would have them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from redis import Redis
from redis.client import Pipeline

from bot.sandbox.shop import pages
from bot.sandbox.shop.goods import PRODUCTS, product
from bot.sandbox.shop.page_cache import Copy, key_of
from bot.sandbox.shop.pages import Visitor, frame
from bot.sandbox.shop.versions import Version

_BATCH = 2_000
_ANYBODY = Visitor(account=None)

Write = Callable[[Pipeline], object]


def seed(
    redis_url: str,
    count: int = 20_000,
    *,
    environment: str = "production",
    at: float | None = None,
) -> int:
    """Write exactly `count` keys (at least 100) of three routes, as v1 made them; return how many.

    The same arguments give the same keys, values and times to live; `at` is the Unix time before
    which the pages say they were made, now where it is None. A fifth of the keys never expires, the
    others do in one to seven hours.
    """
    written = 0
    made_before = time.time() if at is None else at
    with Redis.from_url(redis_url) as redis:
        pipeline = redis.pipeline(transaction=False)
        for write in _writes(count, environment, made_before):
            write(pipeline)
            written += 1
            if written % _BATCH == 0:
                pipeline.execute()
        pipeline.execute()
    return written


def _writes(count: int, environment: str, at: float) -> Iterator[Write]:
    """Yield the writes of each key: products with their fragments first, then carts, the rest about."""
    own, fragments, carts = count * 40 // 100, count * 25 // 100, count * 20 // 100
    lists = min(count // 100, 100)
    made = 0

    def page(path: str, query: str, title: str, main: str) -> Write:
        nonlocal made
        made += 1
        text = frame(title, main, visitor=_ANYBODY, environment=environment, version=Version.V1)
        value = Copy(text=text, version=Version.V1, made_at=at - made % 600).packed()
        key, life = key_of(path, query), _life(made)
        return lambda pipeline: pipeline.set(key, value, ex=life)

    for number in range(1, lists + 1):
        query = f"page={number}" if number > 1 else ""
        yield page("/products", query, "Products", pages.products(number, Version.V1))
    for number in range(1, own - lists):
        yield page(f"/products/{number}", "", *pages.one_product(number, Version.V1))
    yield _ranking(own)
    for number in range(1, fragments + 1):
        yield _fragment(number)
    yield page("/cart", "", "Cart", pages.cart(_ANYBODY))
    for number in range(1, carts):
        yield page(f"/cart/{number:06d}", "", "Cart", pages.cart(_ANYBODY))
    yield page("/about", "", "About", pages.about(None))
    for number in range(1, count - own - fragments - carts):
        yield page(f"/about/{number}", "", "About", pages.about(number))


def _life(number: int) -> int | None:
    return None if number % 5 == 0 else 3_600 + number * 37 % 21_600


def _fragment(number: int) -> Write:
    """Return the write of one price tag, every third one a hash."""
    one = product((number - 1) % PRODUCTS + 1, Version.V1)
    key = f"anp:fragment:products:{number}"
    life = _life(number)
    if number % 3:
        return lambda pipeline: pipeline.set(key, f"{one.name}: {one.cents}", ex=life)

    def write(pipeline: Pipeline) -> None:
        pipeline.hset(key, mapping={"name": one.name, "size": one.size, "cents": one.cents})
        if life is not None:
            pipeline.expire(key, life)

    return write


def _ranking(size: int) -> Write:
    prices = {str(number): product(number, Version.V1).cents for number in range(1, size + 1)}
    return lambda pipeline: pipeline.zadd("anp:fragment:products:by-price", prices)
