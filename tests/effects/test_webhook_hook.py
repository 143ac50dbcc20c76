from __future__ import annotations

import json
import threading
import time

import pytest
import requests
import responses

from bot.effects.http.call_out import call_out
from bot.effects.webhook_hook import WebhookHook
from bot.release.calls_out import WebhookCall
from bot.release.refusal import Code, Refusal
from bot.release.signing import Signed, check
from tests.effects.hook_server import Got, Said, receiver
from tests.effects.web_server import pages

SECRETS = {"env:HOOK": "0123456789abcdef"}
VALUES: dict[str, str | None] = {
    "app": "shop",
    "environment": "production",
    "release": "R-1",
    "previous": "v1",
}
KEY = "rollback:1:none:1:deploy-hook"
PUBLIC = "http://93.184.216.34/rollback"


def _call(url: str, *, allow_private: bool = True) -> WebhookCall:
    return WebhookCall(
        url=url, secret="env:HOOK", fields={"to": "{previous}"}, allow_private=allow_private
    )


def _run(url: str, timeout_s: float = 5.0, *, allow_private: bool = True) -> tuple[int, str, str]:
    hook = WebhookHook(SECRETS, wait=lambda seconds: time.sleep(min(seconds, 0.01)))
    ran = hook.run(_call(url, allow_private=allow_private), VALUES, key=KEY, timeout_s=timeout_s)
    return ran.code, ran.ended, ran.output


def _refused(url: str, timeout_s: float = 5.0, *, allow_private: bool = True) -> Refusal:
    with pytest.raises(Refusal) as caught:
        _run(url, timeout_s, allow_private=allow_private)
    return caught.value


def test_the_call_is_signed_and_says_what_is_rolled_back() -> None:
    with receiver() as book:
        assert _run(f"{book.url}/rollback") == (0, "", "{}")
    (got,) = book.got
    assert (got.method, got.path) == ("POST", "/rollback")
    assert json.loads(got.body) == {
        "event": "rollback",
        "id": KEY,
        "app": "shop",
        "environment": "production",
        "release": "R-1",
        "previous": "v1",
        "fields": {"to": "v1"},
    }
    assert (got.headers["idempotency-key"], got.headers["x-cache-release-key-id"]) == (KEY, "1")
    worth = check(
        SECRETS["env:HOOK"],
        timestamp=got.headers["x-cache-release-timestamp"],
        given=got.headers["x-cache-release-signature"],
        body=got.body,
        now=time.time(),
    )
    assert worth is Signed.WELL


@pytest.mark.parametrize("status", [400, 401, 404, 409, 429, 503, 301])
def test_a_refused_call_has_failed(status: int) -> None:
    with receiver(lambda got: Said(status=status, body="no")) as book:
        assert _run(book.url) == (status, f"was refused with status {status}", "no")


@pytest.mark.parametrize("status", [500, 502, 504])
def test_an_answer_that_leaves_open_what_happened_asks_a_person(status: int) -> None:
    with receiver(lambda got: Said(status=status)) as book:
        refusal = _refused(book.url)
    assert (refusal.code, refusal.retry_is_safe) == (Code.OUTCOME_UNKNOWN, False)


def test_no_answer_after_it_was_sent_asks_a_person_and_no_connection_has_failed() -> None:
    never = threading.Event()
    with receiver(lambda got: Said(after=never)) as book:
        late = _refused(book.url, 0.5)
        book.say = lambda got: Said(cut=True)
        cut = _refused(book.url)
        never.set()
    assert (late.code, cut.code) == (Code.OUTCOME_UNKNOWN, Code.OUTCOME_UNKNOWN)
    assert "the connection was cut before an answer came" in cut.failed
    assert _run(book.url) == (1, "was not called", "no connection")


def _follow(states: list[Said], location: str = "/jobs/7") -> tuple[list[Got], object]:
    def say(got: Got) -> Said:
        if got.method == "POST":
            return Said(status=202, headers={"Location": location})
        return states.pop(0) if len(states) > 1 else states[0]

    with receiver(say) as book:
        try:
            return book.got, _run(f"{book.url}/rollback", 1.5)
        except Refusal as refusal:
            return book.got, refusal.failed


def test_a_202_is_followed_to_its_end_through_odd_answers() -> None:
    running = Said(body='{"state": "running"}')
    odd = [Said(status=500), Said(body="<html>"), Said(body="[]"), Said(cut=True), running]
    got, ran = _follow([*odd, Said(body='{"state": "done", "detail": "v1 is live"}')])
    assert ran == (0, "", "v1 is live")
    assert [one.method for one in got] == ["POST", *["GET"] * 6]
    assert {one.path for one in got[1:]} == {"/jobs/7"}
    _, failed = _follow([running, Said(body='{"state": "failed", "detail": "no v1"}')])
    assert failed == (1, "said that it failed", "no v1")


def test_a_202_that_never_ends_or_leads_elsewhere_asks_a_person() -> None:
    _, slow = _follow([Said(body='{"state": "running"}')])
    assert "it did not say in time how it ended" in str(slow)
    got, elsewhere = _follow([Said()], "http://169.254.169.254/latest")
    assert "it named another host to ask how it ended" in str(elsewhere)
    assert [one.method for one in got] == ["POST"]


def test_a_private_address_is_refused_before_anything_is_sent() -> None:
    with receiver() as book:
        assert _refused(book.url, allow_private=False).code is Code.ADDRESS_FORBIDDEN
        assert book.got == []
    assert _refused("http://169.254.169.254/x").code is Code.ADDRESS_FORBIDDEN


@responses.activate
@pytest.mark.parametrize(
    ("error", "unknown"),
    [
        (requests.ReadTimeout(), True),
        (requests.exceptions.ChunkedEncodingError(), True),
        (requests.exceptions.ContentDecodingError(), True),
        (requests.ConnectTimeout(), False),
        (requests.exceptions.SSLError(), False),
    ],
)
def test_each_way_a_network_fails_says_whether_the_call_may_have_arrived(
    error: Exception, *, unknown: bool
) -> None:
    responses.post(PUBLIC, body=error)
    if unknown:
        assert _refused(PUBLIC, allow_private=False).code is Code.OUTCOME_UNKNOWN
    else:
        assert _run(PUBLIC, allow_private=False)[:2] == (1, "was not called")


@responses.activate
def test_a_large_answer_is_cut_off() -> None:
    responses.post(PUBLIC, body="x" * 1_000_000)
    assert _run(PUBLIC, allow_private=False) == (0, "", "x" * 500)


def test_an_answer_that_drips_does_not_hold_the_caller() -> None:
    with pages() as (url, _):
        answer = call_out("GET", f"{url}/drip", headers={}, allow_private=True, timeout_s=0.3)
        cut = call_out("GET", f"{url}/cut", headers={}, allow_private=True, timeout_s=5)
    assert (answer.status, answer.error) == (200, "no whole answer within 0.3 s")
    assert 1 <= len(answer.body) < 8
    assert cut.sent
    assert cut.error == "the connection was cut before an answer came"
