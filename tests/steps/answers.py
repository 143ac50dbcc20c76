from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.effects.http.holding_back import why_not
from bot.release.catalog import Account, App, Environment, Route
from bot.release.records import Json, Measurement, Release
from bot.release.states import ReleaseState
from bot.steps import Fetch, Fetched, Job, Request, Response, Wish

AT = 1_772_373_600.0
NONCE = "0123456789ab"
MARKERS = {"a": "Signed in as account A", "b": "Signed in as account B"}

CACHED = (
    ("Cache-Control", "public, s-maxage=60"),
    ("Vary", "Cookie"),
    ("X-Cache", "HIT"),
    ("Age", "7"),
)
MADE = (("Cache-Control", "public, s-maxage=60"), ("Vary", "Cookie"), ("X-Cache", "MISS"))
PRIVATE = (("Cache-Control", "private, no-store"), ("Vary", "Cookie"), ("X-Cache", "MISS"))

SPREAD = [0.9, 0.95, 0.97, 1.0, 1.0, 1.03, 1.05, 1.1, 1.2, 1.5]

Answer = Callable[[Request], dict[str, Any]]


def job(
    *,
    accounts: str = "ab",
    paths: tuple[str, ...] = ("/products",),
    personalised: bool = True,
    control: str | None = None,
    budget: int | None = None,
    baseline: Json | None = None,
    released: bool = True,
    samples: int = 30,
    tolerance: float = 0.25,
    asked_for: int | None = None,
    earlier: tuple[Measurement, ...] = (),
    snapshot_id: str | None = None,
) -> Job:
    route = Route(
        keys=("anp:page:/products*",),
        paths=paths,
        control=control,
        personalised=personalised,
        budget_p95_ms=budget,
        samples=samples,
        tolerance=tolerance,
    )
    app = App(
        channel="C01REL",
        owner="U01OWNER",
        approvers=("U02APPROVER",),
        environments={"production": Environment(redis="env:R", url="http://127.0.0.1:9")},
        routes={"products": route},
        accounts={n: Account(cookie=f"env:{n.upper()}", marker=MARKERS[n]) for n in accounts},
    )
    return Job(
        app_name="shop",
        environment_name="production",
        app=app,
        environment=app.environments["production"],
        routes=(("products", route),),
        nonce=NONCE,
        release=_release() if released else None,
        baseline=baseline,
        snapshot_id=snapshot_id,
        samples=asked_for,
        earlier=earlier,
    )


def _release() -> Release:
    return Release(
        id=1,
        app="shop",
        environment="production",
        routes=("products",),
        title="New price table",
        starter="U01OWNER",
        owner="U01OWNER",
        state=ReleaseState.OPEN,
        version=1,
        channel="C01REL",
        previous="v1",
        catalog_hash="",
        started_at=datetime(2026, 3, 1, tzinfo=UTC),
        ended_at=None,
    )


def carried_out(wishes: tuple[Wish, ...], answer: Answer) -> tuple[Fetched, ...]:
    """Answer every request that is sent; what `answer` leaves out is a plain page of 10 ms."""
    seen = []
    for wish in wishes:
        assert isinstance(wish, Fetch)
        answers: list[Response] = []
        for request in wish.requests:
            problem = why_not(request, answers, dict.fromkeys(MARKERS, "session=x"))
            said = answer(request) if problem is None else held_back(problem)
            answers.append(_response(request, said))
        seen.append(Fetched(responses=tuple(answers)))
    return tuple(seen)


def held_back(problem: str) -> dict[str, Any]:
    """Return the answer of a request that was not sent."""
    return {"status": 0, "headers": (), "body": "", "error": problem, "sent": False}


def _response(request: Request, said: dict[str, Any]) -> Response:
    plain: dict[str, Any] = {
        "status": 200,
        "headers": CACHED,
        "body": "",
        "at": AT,
        "seconds": 0.010,
        "first_byte": 0.008,
    }
    return Response(request=request, **(plain | said))


class Cache:
    """A page cache in memory, with the faults that a test gives it."""

    def __init__(
        self,
        *,
        query_in_key: bool = True,
        keeps_personal: bool = False,
        says: bool = True,
        signed_in: str = "ab",
    ) -> None:
        self._query_in_key = query_in_key
        self._keeps_personal = keeps_personal
        self._says = says
        self._signed_in = signed_in
        self._pages: dict[str, str] = {}

    def __call__(self, request: Request) -> dict[str, Any]:
        key = request.path if self._query_in_key else request.path.partition("?")[0]
        account = request.account if request.account in tuple(self._signed_in) else None
        if account is not None and not self._keeps_personal:
            return self._said(PRIVATE, MARKERS[account])
        if key in self._pages:
            return self._said(CACHED, self._pages[key])
        body = "Products" if account is None else MARKERS[account]
        self._pages[key] = body
        return self._said(MADE, body)

    def _said(self, headers: tuple[tuple[str, str], ...], body: str) -> dict[str, Any]:
        told = headers if self._says else headers[:2]
        return {"headers": told, "body": f"<h1>Shop</h1>\n<p>{body}</p>"}


def window(middle: float, count: int = 30) -> list[float]:
    """Return samples around a middle, in ms."""
    return [middle * SPREAD[place % len(SPREAD)] for place in range(count)]
