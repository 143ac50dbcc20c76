"""A rollback by webhook: one signed POST, and its end followed where the answer says where to look."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from urllib.parse import urljoin, urlsplit

from bot.effects.deploy_hook import Ran, fill
from bot.effects.http.call_out import Answer, call_out
from bot.release.calls_out import WebhookCall
from bot.release.refusal import Code, Refusal
from bot.release.signing import signed_headers

JSON_TYPE = "application/json"
ANSWERS_IN_S = 10.0
LOOK_EVERY_S = 2.0
# The other side may have begun before it failed to answer.
MAYBE = frozenset({408, 500, 502, 504})

Wait = Callable[[float], None]


class WebhookHook:
    """Calls addresses that put an app back; `wait` waits between two looks, in seconds."""

    def __init__(self, secrets: Mapping[str, str], *, wait: Wait = time.sleep) -> None:
        """Take the values of `env:NAME`."""
        self._secrets = secrets
        self._wait = wait

    def words(self, call: WebhookCall, values: Mapping[str, str | None]) -> tuple[str, ...]:
        """Return what a call shows of itself; refuse a field that cannot be filled."""
        filled = (f"{name}={fill(word, values)}" for name, word in call.fields.items())
        return ("POST", call.url, *filled)

    def run(
        self, call: WebhookCall, values: Mapping[str, str | None], *, key: str, timeout_s: float
    ) -> Ran:
        """Call once; raise Refusal(OUTCOME_UNKNOWN) where it may have run and its end was not seen.

        2xx is the end, but for 202 with a Location of the same host: that is asked until it says done or failed.
        """
        argv = self.words(call, values)
        until = time.monotonic() + timeout_s
        filled = {name: fill(word, values) for name, word in call.fields.items()}
        told = {name: value for name, value in values.items() if value is not None}
        body = json.dumps({"event": "rollback", "id": key, **told, "fields": filled}).encode()
        answer = self._send("POST", call.url, call, key=key, body=body, left_s=timeout_s)
        if not answer.sent:
            return Ran(argv=argv, code=1, output=str(answer.error), ended="was not called")
        if answer.error is not None or answer.status in MAYBE:
            raise unknown(answer.error or f"it answered {answer.status}")
        if not 200 <= answer.status < 300:
            ended = f"was refused with status {answer.status}"
            return Ran(argv=argv, code=answer.status, output=answer.body[-500:], ended=ended)
        place = answer.headers.get("location", "")
        if answer.status == 202 and place:
            return self._follow(_same_host(call.url, place), call, argv, key=key, until=until)
        return Ran(argv=argv, code=0, output=answer.body[-500:])

    def _send(
        self, method: str, url: str, call: WebhookCall, *, key: str, body: bytes, left_s: float
    ) -> Answer:
        headers = signed_headers(
            self._secrets[call.secret],
            key_id=call.key_id,
            event_id=key,
            timestamp=int(time.time()),
            body=body,
        )
        return call_out(
            method,
            url,
            headers={**headers, "Content-Type": JSON_TYPE, "Accept": JSON_TYPE},
            body=body,
            allow_private=call.allow_private,
            timeout_s=max(min(ANSWERS_IN_S, left_s), 0.1),
        )

    def _follow(
        self, url: str, call: WebhookCall, argv: tuple[str, ...], *, key: str, until: float
    ) -> Ran:
        while (left := until - time.monotonic()) > 0:
            seen = self._send("GET", url, call, key=key, body=b"", left_s=left)
            state, detail = _state(seen)
            if state == "done":
                return Ran(argv=argv, code=0, output=detail)
            if state == "failed":
                return Ran(argv=argv, code=1, output=detail, ended="said that it failed")
            self._wait(min(LOOK_EVERY_S, max(until - time.monotonic(), 0)))
        raise unknown("it did not say in time how it ended")


def unknown(why: str) -> Refusal:
    """Return the refusal of a call that may have run."""
    return Refusal(
        code=Code.OUTCOME_UNKNOWN,
        failed=f"The app's rollback was called, and its end was not seen: {why}.",
        expected="a person who looks which version runs, then says whether it ran.",
        retry_is_safe=False,
    )


def _same_host(url: str, place: str) -> str:
    """Return where the state is asked for; refuse an address of another host."""
    found = urljoin(url, place)
    if urlsplit(found)[:2] != urlsplit(url)[:2] or "\\" in found:
        raise unknown("it named another host to ask how it ended")
    return found


def _state(answer: Answer) -> tuple[str, str]:
    """Return what a look at the state says; anything else than a clear word is looked at again."""
    if answer.error is not None or answer.status != 200:
        return "", ""
    try:
        told = json.loads(answer.body)
    except ValueError:
        return "", ""
    if not isinstance(told, dict):
        return "", ""
    return str(told.get("state", "")), str(told.get("detail", ""))[:500]
