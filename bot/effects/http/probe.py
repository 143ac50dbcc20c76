"""Pages of an environment, asked for one after another, on a schedule."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests

from bot.effects.http.address_guard import (
    Resolve,
    page_url,
    read_origin,
    require_allowed,
    resolve_all,
)
from bot.effects.http.exchange import exchange
from bot.effects.http.fingerprint import fingerprint
from bot.effects.http.holding_back import conditional, why_not
from bot.effects.http.pinned_adapter import PinnedAdapter
from bot.effects.http.rate_ceiling import RateCeiling
from bot.steps import Fetch, Fetched, Request, Response

Progress = Callable[[int, int], None]

log = logging.getLogger(__name__)


class HttpProbe:
    """Asks for pages as a browser would that keeps one connection, no cookies, and follows nothing."""

    def __init__(
        self,
        *,
        user_agent: str,
        timeout_s: float = 5.0,
        ceiling: RateCeiling | None = None,
        resolve: Resolve = resolve_all,
        unix: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.perf_counter,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """Probe under this name; a request without a whole answer in `timeout_s` has failed.

        `ceiling` says how fast; without one there is no limit. `unix` is Unix time, `timer` a
        monotonic time, `wait` a pause, all in seconds.
        """
        self._user_agent = user_agent
        self._timeout = timeout_s
        self._ceiling = ceiling
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
        release: str | None = None,
    ) -> Fetched:
        """Carry out the wish below `base_url`; `cookies` holds each test account's Cookie header.

        The User-Agent of every request names the bot, and `release` where it is for one.
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
        _log_accounts(wish, origin.host, cookies, release)
        answers: list[Response] = []
        with ExitStack() as open_ones:
            session = open_ones.enter_context(self._session(addresses, release))
            start = self._timer()
            found_in_s = start - asked
            for place, (request, url) in enumerate(zip(wish.requests, urls, strict=True)):
                due = None if wish.every is None else start + place * wish.every
                problem = why_not(request, answers, cookies)
                used = session
                if request.fresh:
                    used = open_ones.enter_context(self._session(addresses, release))
                answers.append(
                    self._unsent(request, problem)
                    if problem is not None
                    else self._ask(
                        used,
                        request,
                        url,
                        due,
                        keep_body=wish.keep_body,
                        headers=_headers(request, answers, cookies),
                        dns_s=found_in_s if request.fresh or place == 0 else 0.0,
                    )
                )
                if on_progress is not None:
                    on_progress(place + 1, len(urls))
        return Fetched(responses=tuple(answers))

    def _session(self, addresses: tuple[str, ...], release: str | None) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        named = "" if release is None else f" ({release})"
        session.headers["User-Agent"] = f"{self._user_agent}{named}"
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
            sent=False,
        )

    def _ask(
        self,
        session: requests.Session,
        request: Request,
        url: str,
        due: float | None,
        *,
        keep_body: bool,
        headers: dict[str, str],
        dns_s: float,
    ) -> Response:
        try:
            prepared = session.prepare_request(requests.Request("GET", url, headers=headers))
        except requests.RequestException as error:
            return self._unsent(request, f"the request cannot be made ({type(error).__name__})")
        if request.after_s > 0:
            self._wait(request.after_s)
        if due is not None and (early := due - self._timer()) > 0:
            self._wait(early)
        held = 0.0 if self._ceiling is None else self._ceiling.enter(urlsplit(url).netloc)
        at = self._unix()
        seen = exchange(
            session,
            prepared,
            timeout_s=self._timeout,
            keep_body=keep_body,
            timer=self._timer,
            dns_s=dns_s,
        )
        # A time is the server's and the network's: what the ceiling held back is not theirs.
        since = seen.begun if due is None else due + held
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


def _headers(
    request: Request, answers: Sequence[Response], cookies: Mapping[str, str]
) -> dict[str, str]:
    headers = dict((*request.headers, *conditional(request, answers)))
    if request.account is not None:
        headers["Cookie"] = cookies[request.account]
    return headers


def _log_accounts(wish: Fetch, host: str, cookies: Mapping[str, str], release: str | None) -> None:
    """Write down as whom a host is asked; a cookie is never written, only a fingerprint of it."""
    for name in sorted({request.account for request in wish.requests} - {None}, key=str):
        log.info(
            "%s is asked as account %s, cookie %s, for %s",
            host,
            name,
            fingerprint(cookies.get(str(name), "")),
            release or "a look",
        )
