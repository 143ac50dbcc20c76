from __future__ import annotations

from itertools import count

import requests

from tests.proxies.fixture import Start
from tests.proxies.nginx import Caching, Proxy
from tests.proxies.origin import Answer, Asked, Page


def counting(cache_control: str) -> Answer:
    numbers = count(1)

    def answer(asked: Asked) -> Page:
        body = f"{asked.path} {asked.session} {next(numbers)}"
        return Page(body=body, headers=(("Cache-Control", cache_control),))

    return answer


def got(proxy: Proxy, path: str, **headers: str) -> tuple[str, str]:
    page = requests.get(proxy.url + path, headers=headers, timeout=10)
    return page.headers["X-Cache-Status"], page.text


def test_nginx_keeps_a_page_until_it_is_purged(nginx: Start) -> None:
    proxy = nginx(Caching(), counting("public, max-age=60"))
    assert [got(proxy, "/a"), got(proxy, "/a"), got(proxy, "/b")] == [
        ("MISS", "/a None 1"),
        ("HIT", "/a None 1"),
        ("MISS", "/b None 2"),
    ]
    assert proxy.purge("/a") == 1
    assert [got(proxy, "/a"), got(proxy, "/a"), got(proxy, "/b")] == [
        ("MISS", "/a None 3"),
        ("HIT", "/a None 3"),
        ("HIT", "/b None 2"),
    ]


def test_nginx_is_set_up_as_a_case_says(nginx: Start) -> None:
    shy = counting("no-store")
    forced = nginx(Caching(forced=(r"\.css$",), bypass=("$cookie_session",), key="$uri"), shy)
    assert got(forced, "/a.css") == ("MISS", "/a.css None 1")
    assert got(forced, "/a.css?other") == ("HIT", "/a.css None 1")
    assert got(forced, "/a.css", Cookie="session=me") == ("HIT", "/a.css None 1")
    assert [got(forced, "/a"), got(forced, "/a")] == [
        ("MISS", "/a None 2"),
        ("MISS", "/a None 3"),
    ]
