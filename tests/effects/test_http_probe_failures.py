from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import responses

from bot.steps import Fetch, Request
from tests.effects.probing import Seen, asked, probe
from tests.effects.web_server import pages

BASE = "http://shop.example"


@pytest.fixture
def web() -> Iterator[tuple[str, Seen]]:
    with pages() as served:
        yield served


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/cut", "no connection, or it was cut"),
        ("/wait?600", "no whole answer within 0.3 s"),
        ("/drip", "no whole answer within 0.3 s"),
    ],
)
def test_what_a_network_does_becomes_a_sentence_and_the_rest_goes_on(
    web: tuple[str, Seen], path: str, error: str
) -> None:
    broken, fine = asked(web[0], Request(path=path), Request(path="/"), timeout_s=0.3).responses
    assert broken.error == error
    assert (fine.error, fine.status) == (None, 200)


def test_a_closed_port_is_an_error_of_every_request() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    answers = asked(f"http://127.0.0.1:{port}", Request(path="/a"), Request(path="/b")).responses
    assert [(answer.status, answer.error) for answer in answers] == [
        (0, "no connection, or it was cut")
    ] * 2


def test_a_name_that_does_not_resolve_is_an_error_of_every_request() -> None:
    def resolve(host: str, port: int) -> tuple[str, ...]:
        raise socket.gaierror("no such name")

    fetched = probe(resolve=resolve).fetch(
        Fetch(requests=(Request(path="/"),)), base_url=BASE, allow_private=False, cookies={}
    )
    assert fetched.responses[0].error == "the name shop.example cannot be resolved"


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ({"X-Cache": "MISS"}, True),
        ({"X-Cache": "HIT"}, False),
        ({}, False),
        (None, False),
    ],
)
@responses.activate
def test_a_guarded_request_is_sent_only_after_a_plain_miss(
    headers: dict[str, str] | None, sent: bool
) -> None:
    proof: Any = {"headers": headers} if headers is not None else {"body": requests.Timeout()}
    responses.get(f"{BASE}/proof", **proof)
    responses.get(f"{BASE}/mine")
    guarded = Request(path="/mine", account="a", only_after_miss="proof")
    answer = asked(BASE, Request(path="/proof", label="proof"), guarded, cookies={"a": "s=a"})
    assert len(responses.calls) == (2 if sent else 1)
    assert answer.responses[1].error == (
        None if sent else "not sent, because the request 'proof' was no plain cache miss"
    )


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (requests.ConnectionError("refused"), "no connection, or it was cut"),
        (requests.exceptions.SSLError("self-signed"), "the certificate is not trusted"),
        (requests.ReadTimeout("slow"), "no whole answer within 2 s"),
        (
            requests.exceptions.ContentDecodingError("bad gzip"),
            "the answer cannot be read (ContentDecodingError)",
        ),
    ],
)
@responses.activate
def test_every_failure_is_a_sentence(body: Exception, error: str) -> None:
    responses.get(f"{BASE}/", body=body)
    (answer,) = asked(BASE, Request(path="/")).responses
    assert (answer.error, answer.status) == (error, 0)


@responses.activate
def test_odd_headers_come_back_as_they_were_sent() -> None:
    responses.get(
        f"{BASE}/", headers={"Age": "garbage", "Cache-Control": "max-age=60, max-age=600"}
    )
    (answer,) = asked(BASE, Request(path="/")).responses
    assert dict(answer.headers)["Age"] == "garbage"
    assert dict(answer.headers)["Cache-Control"] == "max-age=60, max-age=600"


@responses.activate
def test_a_compressed_body_is_read_and_a_broken_one_is_an_error() -> None:
    zipped = {"Content-Encoding": "gzip"}
    responses.get(f"{BASE}/good", body=gzip.compress("Grüße".encode()), headers=zipped)
    responses.get(f"{BASE}/bad", body=b"no gzip at all", headers=zipped)
    good, bad = asked(BASE, Request(path="/good"), Request(path="/bad"), keep_body=True).responses
    assert good.body == "Grüße"
    assert bad.error == "the answer cannot be read (DecodeError)"
