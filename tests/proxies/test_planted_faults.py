from __future__ import annotations

from dataclasses import dataclass

import pytest
import requests

from bot.release.probe_gets import MOST_REQUESTS
from bot.release.records import Outcome
from tests.proxies.fixture import Start
from tests.proxies.nginx import Caching
from tests.proxies.origin import Asked, Page
from tests.proxies.shops import PUBLIC, Shop, named, probed


@dataclass(frozen=True, kw_only=True)
class Row:
    """One way to set up a cache and a shop, and the probes that must fail on it, and no other."""

    name: str
    caching: Caching
    shop: Shop
    fails: str = ""
    warns: str = ""
    outcome: Outcome = Outcome.PASS
    stops: str = ""


STEPS_ASIDE = ("$cookie_session",)
ROWS = (
    Row(name="healthy", caching=Caching(bypass=STEPS_ASIDE), shop=Shop()),
    Row(
        name="healthy, no page below the page",
        caching=Caching(bypass=STEPS_ASIDE),
        shop=Shop(strict=True),
    ),
    Row(
        name="healthy, nothing is cached",
        caching=Caching(),
        shop=Shop(anybody="no-store", account="no-store", vary=None),
    ),
    Row(
        name="signed-in pages are public",
        caching=Caching(),
        shop=Shop(account=PUBLIC, vary=None),
        fails="L1 L2 L3 L5 L7",
        warns="L6",
        outcome=Outcome.FAIL,
        stops="L1 L2",
    ),
    Row(
        name="the anonymous copy is served to the signed in",
        caching=Caching(),
        shop=Shop(vary=None),
        fails="L2 L3 L7",
        warns="L6",
        outcome=Outcome.FAIL,
        stops="L2",
    ),
    Row(
        name="Set-Cookie is cached",
        caching=Caching(ignored=("Set-Cookie",)),
        shop=Shop(account=PUBLIC, vary=None, sets_cookie=True),
        fails="C2 L1 L2 L3 L5 L7",
        warns="L6",
        outcome=Outcome.FAIL,
        stops="L1 L2",
    ),
    Row(
        name="every .css is cached",
        caching=Caching(bypass=STEPS_ASIDE, forced=(r"\.css$",)),
        shop=Shop(),
        fails="D1",
        outcome=Outcome.FAIL,
        stops="D1",
    ),
    Row(
        name="X-Forwarded-Host is reflected and no part of the key",
        caching=Caching(bypass=STEPS_ASIDE),
        shop=Shop(reflects=True),
        fails="X1",
        outcome=Outcome.FAIL,
    ),
    Row(
        name="the query is no part of the key",
        caching=Caching(bypass=STEPS_ASIDE, key="$uri"),
        shop=Shop(),
        fails="K0",
        outcome=Outcome.UNSURE,
    ),
    Row(
        name="what passes by the cache is kept in it",
        caching=Caching(bypass=STEPS_ASIDE, keeps_bypassed=True),
        shop=Shop(account=PUBLIC, vary=None),
        fails="L1 L4 L5",
        warns="L6",
        outcome=Outcome.FAIL,
        stops="L1",
    ),
    Row(
        name="what may be cached never comes from the cache",
        caching=Caching(bypass=STEPS_ASIDE, key="$request_uri$request_id"),
        shop=Shop(),
        fails="C1",
        outcome=Outcome.UNSURE,
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_fault_is_caught_by_its_probes_and_by_no_other(row: Row, nginx: Start) -> None:
    verdict, seen = probed(nginx(row.caching, row.shop).url)
    assert named(verdict, "fail") == set(row.fails.split()), verdict.actual
    assert named(verdict, "warn") == set(row.warns.split()), verdict.actual
    assert named(verdict, "unsure") == set(), verdict.actual
    assert verdict.outcome is row.outcome
    stopped = {text.rpartition("(")[2].rstrip(")") for text in verdict.numbers["stops"]}
    assert stopped == set(row.stops.split())
    asked = [answer for fetched in seen for answer in fetched.responses]
    assert len(asked) <= MOST_REQUESTS
    assert "Signed in" not in f"{verdict}"


@pytest.mark.parametrize(("cookie", "warns"), [(None, {"L6"}), ("session", set())])
def test_a_cache_that_steps_aside_for_a_cookie_is_healthy_and_warned_of_until_the_catalog_says_so(
    cookie: str | None, warns: set[str], nginx: Start
) -> None:
    proxy = nginx(Caching(bypass=STEPS_ASIDE), Shop(vary=None))
    verdict, _ = probed(proxy.url, bypass_cookie=cookie)
    assert (verdict.outcome, named(verdict, "warn")) == (Outcome.PASS, warns)


@pytest.mark.parametrize(
    ("sessions", "unsure"), [("xb", {"P0"}), ("ax", {"L2"})], ids=["a expired", "b expired"]
)
def test_an_expired_cookie_is_unsure_and_no_leak(
    sessions: str, unsure: set[str], nginx: Start
) -> None:
    verdict, _ = probed(nginx(Caching(bypass=STEPS_ASIDE), Shop()).url, sessions=sessions)
    assert (verdict.outcome, named(verdict, "fail")) == (Outcome.UNSURE, set())
    assert named(verdict, "unsure") == unsure


@pytest.mark.parametrize("warm", [False, True])
def test_where_the_query_is_no_part_of_the_key_no_account_is_ever_sent(
    warm: bool, nginx: Start
) -> None:
    asked: list[str | None] = []
    shop = Shop()

    def listening(request: Asked) -> Page:
        asked.append(request.session)
        return shop(request)

    proxy = nginx(Caching(key="$uri"), listening)
    if warm:
        requests.get(f"{proxy.url}/products", timeout=10)
    verdict, _ = probed(proxy.url)
    assert set(asked) == {None}
    assert (verdict.outcome, named(verdict, "fail")) == (Outcome.UNSURE, {"K0"})


@pytest.mark.parametrize(
    ("shop", "kept"),
    [(Shop(account=PUBLIC, vary=None), 1), (Shop(), 0)],
    ids=["leaky", "healthy"],
)
def test_no_personal_page_is_kept_where_visitors_read(shop: Shop, kept: int, nginx: Start) -> None:
    proxy = nginx(Caching(), shop)
    probed(proxy.url)
    personal = [key for key, file in proxy.keys().items() if b"Signed in as" in file.read_bytes()]
    assert len(personal) == kept
    assert all("0123456789ab" in key for key in personal)
    assert b"Nobody is signed in" in proxy.keys()["http127.0.0.1/products"].read_bytes()
