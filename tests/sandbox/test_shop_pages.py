from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from redis import Redis

from bot.sandbox.shop.shop import Shop
from bot.sandbox.shop.versions import Version
from tests.sandbox.shops import running_shop

A, B = {"session": "a"}, {"session": "b"}


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Shop, Redis]]:
    with running_shop() as both:
        yield both


@pytest.fixture
def shop(running: tuple[Shop, Redis]) -> Shop:
    running[0].deploy(Version.V1)
    running[1].flushdb()
    return running[0]


@pytest.fixture
def cache(running: tuple[Shop, Redis]) -> Redis:
    return running[1]


def get(shop: Shop, path: str, cookies: dict[str, str] | None = None) -> requests.Response:
    return requests.get(shop.url + path, cookies=cookies, timeout=5, allow_redirects=False)


def test_a_page_is_made_once_and_then_comes_from_redis(shop: Shop, cache: Redis) -> None:
    first, second = get(shop, "/products"), get(shop, "/products")
    assert [first.headers["X-Cache"], second.headers["X-Cache"]] == ["MISS", "HIT"]
    assert first.text == second.text
    assert second.headers["Cache-Control"] == "public, max-age=0, s-maxage=3600"
    assert second.headers["Vary"] == "Cookie"
    assert int(second.headers["Age"]) in {0, 1}
    assert second.headers["Date"].endswith("GMT")
    assert cache.keys("*") == ["anp:page:/products"]
    assert 3590 < int(str(cache.ttl("anp:page:/products"))) <= 3600


def test_every_page_has_a_key_of_its_own(shop: Shop, cache: Redis) -> None:
    paths = ["/products?page=2", "/products?__crc=0", "/products/7", "/cart", "/about", "/about/3"]
    assert [get(shop, path).status_code for path in paths] == [200] * 6
    assert sorted(cache.keys("*")) == sorted(f"anp:page:{path}" for path in paths)


def test_a_signed_in_page_is_private_and_never_cached(shop: Shop, cache: Redis) -> None:
    mine, yours = get(shop, "/products", A), get(shop, "/products", B)
    assert "Signed in as account A" in mine.text
    assert "Signed in as account B" in yours.text
    assert mine.headers["Cache-Control"] == "private, no-store"
    assert cache.dbsize() == 0
    assert "Signed in" not in get(shop, "/products", {"session": "x"}).text


def test_signing_in_and_out_sets_and_takes_the_cookie(shop: Shop) -> None:
    into = get(shop, "/sign-in/b")
    assert (into.status_code, into.headers["Location"]) == (303, "/products")
    assert into.cookies["session"] == "b"
    assert 'session=""' in get(shop, "/sign-out").headers["Set-Cookie"]
    assert get(shop, "/sign-in/root").status_code == 404


@pytest.mark.parametrize(
    "path", ["/products?page=0", "/products?page=x", "/products?page=9999", "/products/10001"]
)
def test_a_page_that_is_not_there_is_not_cached(shop: Shop, cache: Redis, path: str) -> None:
    assert get(shop, path).status_code == 404
    assert cache.dbsize() == 0


def test_new_prices_show_only_after_the_stale_copy_is_gone(shop: Shop, cache: Redis) -> None:
    old = get(shop, "/products").text
    shop.deploy(Version.V2)
    stale = get(shop, "/products")
    assert (stale.headers["X-Cache"], stale.text) == ("HIT", old)
    cache.delete("anp:page:/products")
    new = get(shop, "/products").text
    assert ("€ 84.14" in old, "€ 100.12" in new) == (True, True)
    assert "this page was made by <b>v1</b>" in old
    assert "this page was made by <b>v2</b>" in new


def test_the_slow_version_is_late_with_products_and_not_with_the_control_page(shop: Shop) -> None:
    shop.deploy(Version.SLOW)
    get(shop, "/products"), get(shop, "/about")
    hit = get(shop, "/products")
    assert hit.headers["X-Cache"] == "HIT"
    assert hit.elapsed.total_seconds() >= 0.15
    assert min(get(shop, "/about").elapsed.total_seconds() for _ in range(3)) < 0.15


def test_the_leaky_version_gives_a_signed_in_page_to_everybody(shop: Shop) -> None:
    shop.deploy(Version.LEAKY)
    get(shop, "/products", A)
    assert "Signed in as account A" in get(shop, "/products").text


def test_a_version_is_deployed_from_the_shops_own_page_only(shop: Shop) -> None:
    page = get(shop, "/__deploy")
    assert page.headers["Cache-Control"] == "no-store"
    assert "Live now: <b>v1</b>" in page.text
    foreign = {"Origin": "http://evil.example"}
    refused = requests.post(f"{shop.url}/__deploy/v2", headers=foreign, timeout=5)
    assert (refused.status_code, shop.live) == (403, Version.V1)
    own = requests.post(f"{shop.url}/__deploy/v2", headers={"Origin": shop.url}, timeout=5)
    assert (own.status_code, shop.live) == (200, Version.V2)
    assert "Live now: <b>v2</b>" in own.text
    assert requests.post(f"{shop.url}/__deploy/v3", timeout=5).status_code == 404
    assert shop.live is Version.V2


def test_a_shop_without_its_cache_still_answers() -> None:
    with running_shop() as (shop, cache):
        cache.shutdown(nosave=True)
        answer = get(shop, "/products")
    assert (answer.status_code, answer.headers["X-Cache"]) == (200, "MISS")
