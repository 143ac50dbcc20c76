"""The sandbox Slack as one server in a thread of its own, with the doors that tests use."""

from __future__ import annotations

import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from bot.sandbox.slack import (
    chat_methods,
    file_methods,
    people_methods,
    place_methods,
    view_methods,
)
from bot.sandbox.slack.acts import Acts
from bot.sandbox.slack.background import Background
from bot.sandbox.slack.carrier import Carrier
from bot.sandbox.slack.group_changes import change_group
from bot.sandbox.slack.http_delivery import HttpDelivery
from bot.sandbox.slack.limits import Timing
from bot.sandbox.slack.picture import picture
from bot.sandbox.slack.rates import Rate, Rates
from bot.sandbox.slack.socket_mode import SocketMode
from bot.sandbox.slack.state import Store
from bot.sandbox.slack.troubles import Trouble, Troubles
from bot.sandbox.slack.weather import Weather
from bot.sandbox.slack.web_api import ApiCall, WebApi
from bot.sandbox.slack.web_door import WebDoor
from bot.sandbox.slack.workspace import Workspace, demo_workspace

__all__ = ["Rate", "SandboxSlack", "Timing", "Workspace", "demo_workspace"]

FAMILIES = (chat_methods, view_methods, place_methods, people_methods, file_methods)
T = TypeVar("T")


class SandboxSlack:
    """A Slack on 127.0.0.1 with one workspace and one app; everything is in memory.

    With `request_url` payloads go there over signed HTTP, else over Socket Mode. `port` 0 takes
    a free one. Without `strict_rates` no call is ever sent away with 429, except where
    `set_rate` says so. Stopped and started again it has the same address, and knows what it knew.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        port: int = 0,
        request_url: str | None = None,
        strict_rates: bool = True,
        timing: Timing | None = None,
    ) -> None:
        self.workspace = workspace
        self._port = port
        self._store = Store(workspace, timing or Timing(), time.monotonic)
        self._rates = Rates(strict=strict_rates, now=time.monotonic)
        self._troubles = Troubles()
        self._sockets = SocketMode(self._store)
        self._http = HttpDelivery(self._store, request_url) if request_url else None
        self._carrier = Carrier(self._store, self._http or self._sockets)
        self._acts = Acts(self._store, self._carrier)
        methods = [method for family in FAMILIES for method in family.METHODS]
        self._api = WebApi(
            self._store, self._rates, self._troubles, [*methods, self._sockets.method]
        )
        self._background: Background | None = None

    def start(self) -> None:
        """Listen; return once requests are answered. Raises OSError when the port is taken."""
        door = WebDoor(self._store, self._acts, self._troubles)
        app = Starlette(
            routes=[
                Route("/api/{method}", self._api.handle, methods=["GET", "POST"]),
                WebSocketRoute("/socket/{ticket}", self._sockets.serve),
                *door.routes(),
            ]
        )
        self._background = Background(app, port=self._port, at_end=self._carrier.stop)
        self._store.base_url = self._background.address
        self._port = self._background.port
        self._background.start()

    def stop(self) -> None:
        """Close every connection and wait until the server is gone."""
        if self._background is not None:
            self._background.stop()
        if self._http is not None:
            self._http.close()

    @property
    def url(self) -> str:
        """Return the address of the page, known once started."""
        return self._store.base_url

    @property
    def api_url(self) -> str:
        """Return the address of the Web API, for `base_url` of Slack's client."""
        return f"{self.url}api/"

    @property
    def connected(self) -> bool:
        """Say whether the app has a Socket Mode connection."""
        return self._sockets.lines > 0

    @property
    def lines(self) -> int:
        """Return how many Socket Mode connections the app has."""
        return self._sockets.lines

    @property
    def calls(self) -> list[ApiCall]:
        """Return the API calls so far, in the order of their answers."""
        return list(self._api.calls)

    @property
    def ack_times(self) -> list[float]:
        """Return the seconds from each press, command or form to its ack; may be cleared."""
        return self._carrier.ack_times

    def act(self, person: str, **act: Any) -> dict[str, Any]:
        """Do what a person would do on the page; same keys and answer as POST /page/act."""
        return self._on_loop(self._acts.act({**act, "as": person}))

    def state(self, person: str) -> dict[str, Any]:
        """Return what the person's page would draw; raises LookupError for an unknown one."""
        found = self.workspace.person(person)
        if found is None:
            raise LookupError(f"Nobody here has the id {person}.")

        async def look() -> dict[str, Any]:
            return picture(self._store, found)

        return self._on_loop(look())

    def fail_next(
        self,
        method: str,
        error: str | None = None,
        status: int | None = None,
        *,
        times: int = 1,
        delay: float = 0.0,
        retry_after: int | None = None,
        after: bool = False,
    ) -> None:
        """Let the next calls of a method, or of "response_url", meet trouble: see Trouble."""
        trouble = Trouble(
            error=error,
            status=status,
            times=times,
            delay=delay,
            retry_after=retry_after,
            after=after,
        )
        self._troubles.add(method, trouble)

    def bad_day(self, weather: Weather) -> None:
        """Let calls meet trouble at random from now on."""
        self._troubles.otherwise = weather.take

    def good_day(self) -> None:
        """End the trouble at random."""
        self._troubles.otherwise = lambda _: None

    def set_members(self, group: str, members: tuple[str, ...]) -> None:
        """Put other people into a user group, or make one, and tell the app as Slack does."""

        async def move() -> None:
            change_group(self._store, self._carrier, group, members)

        self._on_loop(move())
        self.workspace = self._store.workspace

    def withhold(self, *types: str) -> None:
        """Answer invalid_blocks to messages with blocks of these types, as before they are rolled out; for tests."""
        self._store.withheld = frozenset(types)

    def set_rate(self, method: str, rate: Rate) -> None:
        """Give one method another rate, strict or not."""
        self._rates.set(method, rate)

    def disconnect(self, reason: str = "refresh_requested", *, close: bool = True) -> None:
        """Send the app's websockets a disconnect frame, and close them."""
        self._on_loop(self._sockets.disconnect(reason, close=close))

    def verify_request_url(self) -> bool:
        """Send url_verification to the request URL; say whether it repeated the challenge."""
        assert self._http is not None
        return self._on_loop(self._http.verify())

    def _on_loop(self, work: Coroutine[Any, Any, T]) -> T:
        assert self._background is not None
        return self._background.on_loop(work)
