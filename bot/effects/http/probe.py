"""Pages of an environment, asked for one after another, on a schedule."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from http.cookiejar import DefaultCookiePolicy

import requests

from bot.effects.http.address_guard import (
    Resolve,
    page_url,
    read_origin,
    require_allowed,
    resolve_all,
)
from bot.effects.http.exchange import exchange
from bot.effects.http.pinned_adapter import PinnedAdapter
from bot.release.cache_indicator import came_from_cache
from bot.steps import Fetch, Fetched, Request, Response

Progress = Callable[[int, int], None]


class HttpProbe:
    """Asks for pages as a browser would that keeps one connection, no cookies, and follows nothing."""

    def __init__(
        self,
        *,
        user_agent: str,
        timeout_s: float = 5.0,
        resolve: Resolve = resolve_all,
        unix: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.perf_counter,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """Probe under this name; a request without a whole answer in `timeout_s` has failed.

        `unix` is Unix time, `timer` a monotonic time, `wait` a pause, all in seconds.
        """
        self._user_agent = user_agent
        self._timeout = timeout_s
        self._resolve = resolve
        self._unix, self._timer, self._wait = unix, timer, wait

    def fetch(
        self,
        wish: Fetch,
        *,
        base_url: str,
        allow_private: bool,
        cookies: Mapping[str, str],
        on_progress: Progress | None = None,
    ) -> Fetched:
        """Carry out the wish below `base_url`; `cookies` holds each test account's Cookie header.

        Every request has an answer: what went wrong stands in its `error`. A request that waits for a
        miss that was none is not sent. Refuses (address_forbidden) before anything is sent.
        """
        origin = read_origin(base_url)
        urls = [page_url(origin, request.path) for request in wish.requests]
        asked = self._timer()
        try:
            addresses = self._resolve(origin.host, origin.port)
        except OSError:
            lost = f"the name {origin.host} cannot be resolved"
            return Fetched(
                responses=tuple(self._unsent(request, lost) for request in wish.requests)
            )
        require_allowed(origin.host, addresses, allow_private=allow_private)
        answers: list[Response] = []
        with ExitStack() as open_ones:
            session = open_ones.enter_context(self._session(addresses))
            start = self._timer()
            found_in_s = start - asked
            for place, (request, url) in enumerate(zip(wish.requests, urls, strict=True)):
                due = None if wish.every is None else start + place * wish.every
                problem = _why_not(request, answers, cookies)
                used = session
                if request.fresh:
                    used = open_ones.enter_context(self._session(addresses))
                answers.append(
                    self._unsent(request, problem)
                    if problem is not None
                    else self._ask(
                        used,
                        request,
                        url,
                        due,
                        keep_body=wish.keep_body,
                        cookies=cookies,
                        dns_s=found_in_s if request.fresh or place == 0 else 0.0,
                    )
                )
                if on_progress is not None:
                    on_progress(place + 1, len(urls))
        return Fetched(responses=tuple(answers))

    def _session(self, addresses: tuple[str, ...]) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.headers["User-Agent"] = self._user_agent
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        for scheme in ("http://", "https://"):
            session.mount(scheme, PinnedAdapter(addresses))
        return session

    def _unsent(self, request: Request, why: str) -> Response:
        return Response(
            request=request,
            status=0,
            headers=(),
            body="",
            at=self._unix(),
            seconds=0.0,
            first_byte=0.0,
            error=why,
        )

    def _ask(
        self,
        session: requests.Session,
        request: Request,
        url: str,
        due: float | None,
        *,
        keep_body: bool,
        cookies: Mapping[str, str],
        dns_s: float,
    ) -> Response:
        headers = dict(request.headers)
        if request.account is not None:
            headers["Cookie"] = cookies[request.account]
        try:
            prepared = session.prepare_request(requests.Request("GET", url, headers=headers))
        except requests.RequestException as error:
            return self._unsent(request, f"the request cannot be made ({type(error).__name__})")
        if due is not None and (early := due - self._timer()) > 0:
            self._wait(early)
        at = self._unix()
        seen = exchange(
            session,
            prepared,
            timeout_s=self._timeout,
            keep_body=keep_body,
            timer=self._timer,
            dns_s=dns_s,
        )
        since = seen.begun if due is None else due
        return Response(
            request=request,
            status=seen.status,
            headers=seen.headers,
            body=seen.body,
            at=at,
            seconds=seen.ended - since,
            first_byte=seen.first_byte - since,
            error=seen.error,
            phases=seen.phases,
        )


def _why_not(request: Request, answers: list[Response], cookies: Mapping[str, str]) -> str | None:
    """Return why a request must not be sent: its account has no cookie, or its guard was no plain miss."""
    if request.account is not None and not cookies.get(request.account):
        return f"no cookie is configured for account {request.account}"
    guard = request.only_after_miss
    if guard is None:
        return None
    for answer in answers:
        if answer.request.label == guard and answer.error is None:
            if came_from_cache(answer.headers) is False:
                return None
            break
    return f"not sent, because the request {guard!r} was no plain cache miss"
