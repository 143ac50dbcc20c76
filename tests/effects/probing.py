from __future__ import annotations

from typing import Any

from bot.effects.http.probe import HttpProbe
from bot.steps import Fetch, Fetched, Request

Seen = list[dict[str, str]]


def probe(**given: Any) -> HttpProbe:
    def resolve(host: str, port: int) -> tuple[str, ...]:
        return (host,) if host[0].isdigit() else ("127.0.0.1",)

    return HttpProbe(user_agent="cache-release/R-1", **({"resolve": resolve} | given))


def asked(
    base: str, *requests_: Request, cookies: dict[str, str] | None = None, **given: Any
) -> Fetched:
    timeout = given.pop("timeout_s", 2.0)
    return probe(timeout_s=timeout).fetch(
        Fetch(requests=requests_, **given), base_url=base, allow_private=True, cookies=cookies or {}
    )
