"""Who is on call, asked of a server that answers as PagerDuty does on good days and on bad ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from bot.effects.pagerduty_oncall import Emails, oncall_reader
from bot.release.membership import Unreachable
from tests.ledger_values import NOON
from tests.pagerduty_server import PagerDuty, pagerduty_server

TOKEN = SecretStr("u+read-only-key")


@pytest.fixture
def pagerduty() -> Iterator[PagerDuty]:
    with pagerduty_server() as running:
        yield running


@pytest.fixture
def emails(pagerduty: PagerDuty) -> Emails:
    return oncall_reader(TOKEN, pagerduty.url, lambda: NOON)


def why(emails: Emails) -> tuple[str, bool]:
    with pytest.raises(Unreachable) as caught:
        emails("PRIMARY")
    return str(caught.value), caught.value.lasting


def test_those_on_call_now_are_returned_by_their_addresses(
    pagerduty: PagerDuty, emails: Emails
) -> None:
    pagerduty.on_call("nico@shop.example", "dana@shop.example", "nico@shop.example")
    assert emails("PRIMARY") == ("nico@shop.example", "dana@shop.example")
    (asked,) = pagerduty.asked
    assert (asked.path, asked.token) == ("/schedules/PRIMARY/users", "Token token=u+read-only-key")
    assert asked.query == {
        "since": ["2026-05-04T12:00:00+00:00"],
        "until": ["2026-05-04T12:00:01+00:00"],
    }


def test_nobody_on_call_is_an_answer(pagerduty: PagerDuty, emails: Emails) -> None:
    pagerduty.on_call()
    assert emails("PRIMARY") == ()


@pytest.mark.parametrize(
    ("status", "said", "lasting"),
    [
        (302, "PagerDuty answers 302", False),
        (400, "PagerDuty answers 400", False),
        (401, "PagerDuty does not take the token (401)", True),
        (403, "PagerDuty does not take the token (403)", True),
        (404, "PagerDuty knows no schedule PRIMARY (404)", True),
        (429, "PagerDuty asks for fewer requests (429)", False),
        (500, "PagerDuty answers 500", False),
        (503, "PagerDuty answers 503", False),
    ],
)
def test_every_other_status_is_no_answer_and_is_asked_for_once(
    pagerduty: PagerDuty, emails: Emails, status: int, said: str, lasting: bool
) -> None:
    pagerduty.status = status
    assert why(emails) == (said, lasting)
    assert len(pagerduty.asked) == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "PagerDuty answers something that is no JSON"),
        (b"<html>Bad gateway</html>", "PagerDuty answers something that is no JSON"),
        (b'{"users": [', "PagerDuty answers something that is no JSON"),
        (b"\xff\xfe\x00", "PagerDuty answers something that is no JSON"),
        (b"[]", "PagerDuty answers no list of people for PRIMARY"),
        (b"{}", "PagerDuty answers no list of people for PRIMARY"),
        (b'{"users": {"email": "a@b"}}', "PagerDuty answers no list of people for PRIMARY"),
        (b'{"users": [null]}', "PagerDuty answers a person without an address for PRIMARY"),
        (b'{"users": [{"id": "P1"}]}', "PagerDuty answers a person without an address for PRIMARY"),
        (b'{"users": [{"email": 7}]}', "PagerDuty answers a person without an address for PRIMARY"),
    ],
)
def test_garbage_is_no_answer(pagerduty: PagerDuty, emails: Emails, body: bytes, said: str) -> None:
    pagerduty.body = body
    assert why(emails) == (said, False)


def test_a_server_that_is_silent_or_gone_is_no_answer(pagerduty: PagerDuty, emails: Emails) -> None:
    pagerduty.silent.set()
    assert why(emails) == ("PagerDuty does not answer", False)
    assert len(pagerduty.asked) == 1
    gone = oncall_reader(TOKEN, "http://127.0.0.1:1/", lambda: NOON)
    assert why(gone) == ("PagerDuty does not answer", False)


def test_without_a_token_nobody_is_asked(pagerduty: PagerDuty) -> None:
    assert why(oncall_reader(None, pagerduty.url, lambda: NOON)) == (
        "PAGERDUTY_TOKEN is not set",
        True,
    )
    assert pagerduty.asked == []


def test_the_token_is_shown_nowhere(pagerduty: PagerDuty, emails: Emails) -> None:
    pagerduty.status = 401
    with pytest.raises(Unreachable) as caught:
        emails("PRIMARY")
    assert "read-only-key" not in f"{caught.value!r} {caught.value}"
