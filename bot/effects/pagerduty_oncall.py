"""Asks PagerDuty who is on call by a schedule; needs the extra `pagerduty`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, NoReturn

from pydantic import SecretStr

from bot.release.membership import Unreachable

try:
    from pagerduty import Error, RestApiV2Client

    INSTALLED = True
except ImportError:
    INSTALLED = False

TIMEOUT_S = 2
A_MOMENT = timedelta(seconds=1)
NO_TOKEN = "PAGERDUTY_TOKEN is not set"  # noqa: S105 - a sentence

Emails = Callable[[str], tuple[str, ...]]


def oncall_reader(token: SecretStr | None, base_url: str, now: Callable[[], datetime]) -> Emails:
    """Return what gives the addresses of those on call by a schedule; it raises Unreachable for no answer.

    https://developer.pagerduty.com/api-reference/, "List users on call": GET /schedules/{id}/users. It answers also
    for a schedule that stands in no escalation policy, which /oncalls does not.
    """
    if token is None:
        return _saying(NO_TOKEN)
    if not INSTALLED:
        return _saying("pip install 'cache-release[pagerduty]' is missing here")

    def emails(schedule: str) -> tuple[str, ...]:
        at = now()
        when = {"since": at.isoformat(), "until": (at + A_MOMENT).isoformat()}
        return _addresses(_asked(token.get_secret_value(), base_url, schedule, when), schedule)

    return emails


def _saying(why: str) -> Emails:
    def emails(schedule: str) -> tuple[str, ...]:
        raise Unreachable(why, lasting=True)

    return emails


def _asked(token: str, base_url: str, schedule: str, when: dict[str, str]) -> Any:
    """Return PagerDuty's answer as JSON."""
    try:
        with _Api(token, base_url=base_url) as api:
            answer = api.get(f"/schedules/{schedule}/users", params=when)
            return answer.json() if answer.status_code == 200 else _refuse(answer, schedule)
    except Error as error:
        if error.response is None:
            raise Unreachable("PagerDuty does not answer") from error
        return _refuse(error.response, schedule)
    except ValueError as error:
        raise Unreachable("PagerDuty answers something that is no JSON") from error


def _refuse(answer: Any, schedule: str) -> NoReturn:
    match answer.status_code:
        case 401 | 403 as status:
            raise Unreachable(f"PagerDuty does not take the token ({status})", lasting=True)
        case 404:
            raise Unreachable(f"PagerDuty knows no schedule {schedule} (404)", lasting=True)
        case 429:
            raise Unreachable("PagerDuty asks for fewer requests (429)")
        case status:
            raise Unreachable(f"PagerDuty answers {status}")


def _addresses(answer: Any, schedule: str) -> tuple[str, ...]:
    """Return the addresses, each once; raise Unreachable for an answer that is no list of people."""
    users = answer.get("users") if isinstance(answer, dict) else None
    if not isinstance(users, list):
        raise Unreachable(f"PagerDuty answers no list of people for {schedule}")
    return tuple(dict.fromkeys(_address_in(users, schedule)))


def _address_in(users: list[Any], schedule: str) -> Iterable[str]:
    for user in users:
        email = user.get("email") if isinstance(user, dict) else None
        if not isinstance(email, str) or "@" not in email:
            raise Unreachable(f"PagerDuty answers a person without an address for {schedule}")
        yield email


if INSTALLED:

    class _Api(RestApiV2Client):
        """PagerDuty's client, which neither sleeps nor asks again: a person waits, and there is a last copy."""

        max_network_attempts = 0
        max_http_attempts = -1

        def __init__(self, token: str, *, base_url: str) -> None:
            super().__init__(token, base_url=base_url)
            self.timeout = TIMEOUT_S
            self.retry = {429: 1}  # without it a 429 is asked again for ever

        @property
        def url(self) -> str:
            """Return where the API is; unlike the client's own it may be http, as a test's server is."""
            return self._url or ""

        @url.setter
        def url(self, new_base_url: str) -> None:
            self._url = new_base_url.rstrip("/")
