"""A small shop that a test breaks in one way, and the probes of the logged-in step on it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.effects.http.probe import HttpProbe
from bot.release.catalog import Account, App, Environment, Route
from bot.release.records import Verdict
from bot.steps import Fetch, Fetched, Job
from bot.steps.logged_in import STEP
from tests.proxies.origin import Asked, Page

MARKERS = {"a": "Signed in as account A", "b": "Signed in as account B"}
PUBLIC, PRIVATE = "public, max-age=60", "private, no-store"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """What the shop says of its pages; every path below its page is the page too, unless it is strict."""

    anybody: str = PUBLIC
    account: str = PRIVATE
    vary: str | None = "Cookie"
    sets_cookie: bool = False
    reflects: bool = False
    strict: bool = False

    def __call__(self, asked: Asked) -> Page:
        """Answer a request, signed in by the session cookie."""
        signed_in = asked.session in MARKERS
        if self.strict and asked.path != "/products":
            return Page(status=404, body="No such page.", headers=(("Cache-Control", "no-store"),))
        who = MARKERS.get(asked.session or "", "Nobody is signed in")
        host = asked.headers.get("x-forwarded-host") if self.reflects else None
        links = f"<link rel='canonical' href='https://{host or 'shop.example'}/products'>"
        headers = [("Cache-Control", self.account if signed_in else self.anybody)]
        if self.vary is not None:
            headers.append(("Vary", self.vary))
        if self.sets_cookie:
            headers.append(("Set-Cookie", f"visit={asked.session}; Path=/"))
        body = f"<html><head>{links}</head><body><h1>Products</h1><p>{who}</p></body></html>"
        return Page(body=body, headers=tuple(headers))


def probed(
    url: str, *, bypass_cookie: str | None = None, sessions: str = "ab"
) -> tuple[Verdict, tuple[Fetched, ...]]:
    """Return the verdict of the step on `/products` of that address, and what was seen."""
    route = Route(
        keys=("anp:page:/products*",),
        paths=("/products",),
        personalised=True,
        bypass_cookie=bypass_cookie,
    )
    app = App(
        channel="C01REL",
        owner="U01OWNER",
        approvers=("U02APPROVER",),
        environments={"production": Environment(redis="env:R", url=url, allow_private=True)},
        routes={"products": route},
        accounts={name: Account(cookie="env:C", marker=text) for name, text in MARKERS.items()},
    )
    job = Job(
        app_name="shop",
        environment_name="production",
        app=app,
        environment=app.environments["production"],
        routes=(("products", route),),
        nonce="0123456789ab",
    )
    probe = HttpProbe(user_agent="cache-release/test")
    seen = []
    for wish in STEP.plan(job):
        assert isinstance(wish, Fetch)
        cookies = dict(zip(MARKERS, (f"session={one}" for one in sessions), strict=True))
        seen.append(probe.fetch(wish, base_url=url, allow_private=True, cookies=cookies))
    return STEP.judge(job, tuple(seen)), tuple(seen)


def named(verdict: Verdict, word: str) -> set[str]:
    """Return the probes that said this of the page."""
    probes: dict[str, str] = verdict.numbers["probes"]["/products"]
    return {name for name, said in probes.items() if said == word}
