"""Requests that Slack never sends: made by hand from real shapes, and drawn by hypothesis."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from hypothesis import strategies as st

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
USER = {"id": "U01OWNER", "username": "olga", "team_id": "T01SANDBOX"}
TEAM = {"id": "T01SANDBOX", "domain": "sandbox"}
PRESSED = json.dumps({"v": 1, "verb": "status", "release": 1, "fields": {}})
VIEW = {
    "id": "V1",
    "type": "modal",
    "callback_id": "form",
    "private_metadata": json.dumps(
        {"v": 1, "verb": "status", "carry": {"release": "1"}, "channel": "C01REL", "thread": None}
    ),
    "hash": "1",
    "blocks": [{"type": "input", "block_id": "reason"}],
    "state": {"values": {"reason": {"value": {"type": "plain_text_input", "value": "why"}}}},
}
COMMON = {"team": TEAM, "user": USER, "enterprise": None, "trigger_id": "1.2.3"}
PAYLOADS: Mapping[str, dict[str, Any]] = {
    "press": {
        "type": "block_actions",
        **COMMON,
        "channel": {"id": "C01REL", "name": "releases"},
        "message": {"ts": "1700000000.000100", "thread_ts": "1700000000.000100", "text": "A card."},
        "container": {"type": "message", "channel_id": "C01REL"},
        "actions": [{"type": "button", "action_id": "status-1", "block_id": "b", "value": PRESSED}],
    },
    "dialog": {"type": "view_submission", **COMMON, "view": VIEW, "response_urls": []},
    "closed": {"type": "view_closed", **COMMON, "view": VIEW, "is_cleared": False},
    "shortcut": {
        "type": "message_action",
        **COMMON,
        "callback_id": "status",
        "channel": {"id": "C01REL"},
        "message": {"ts": "1700000000.000100", "user": "U01OWNER", "text": "It is slow."},
    },
    "mention": {
        "type": "event_callback",
        "team_id": "T01SANDBOX",
        "event_id": "Ev01",
        "authorizations": [{"team_id": "T01SANDBOX", "enterprise_id": None, "user_id": "U0BOT"}],
        "event": {
            "type": "app_mention",
            "user": "U01OWNER",
            "channel": "C01REL",
            "ts": "1700000000.000200",
            "text": "<@U0BOT> status R-1",
        },
    },
    "home": {
        "type": "event_callback",
        "team_id": "T01SANDBOX",
        "event_id": "Ev02",
        "event": {"type": "app_home_opened", "user": "U01OWNER", "tab": "home"},
    },
    "command": {
        "command": "/cache-release",
        "text": "status R-1",
        "user_id": "U01OWNER",
        "channel_id": "C01REL",
        "team_id": "T01SANDBOX",
        "trigger_id": "1.2.3",
    },
}
ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**400,
    1.5,
    "",
    "x" * 5000,
    "\0",
    "\ud800",
    "../../etc/passwd",
    "<!channel>",
    "U01OWNER\r\nX-Evil: 1",
    [],
    [[]],
    [None],
    {},
    {"id": None},
    {"id": {"id": "U01OWNER"}},
)


@dataclass(frozen=True, kw_only=True)
class Hostile:
    """A body, how it is labelled, and whether it is signed as Slack would."""

    body: bytes
    content_type: str = FORM
    signed: bool = True


def _paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    rows = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in rows:
        yield (*at, name)
        if isinstance(inner, dict | list):
            yield from _paths(inner, (*at, name))


def _changed(payload: Any, path: tuple[Any, ...], change: Callable[[Any, Any], None]) -> Any:
    copy = json.loads(json.dumps(payload))
    inner = copy
    for name in path[:-1]:
        inner = inner[name]
    change(inner, path[-1])
    return copy


def encoded(payload: Any) -> Hostile:
    """Return a payload in the form that Slack gives one of its kind."""
    if isinstance(payload, dict) and payload.get("type") == "event_callback":
        return Hostile(body=json.dumps(payload).encode(), content_type=JSON)
    if isinstance(payload, dict) and "command" in payload:
        return Hostile(body=urlencode(payload, errors="replace").encode())
    return Hostile(body=urlencode({"payload": json.dumps(payload)}).encode())


def mutations() -> Iterator[Hostile]:
    """Give every payload with each of its parts taken away, and replaced by each odd value."""

    def put(odd: Any) -> Callable[[Any, Any], None]:
        return lambda inner, name: inner.__setitem__(name, odd)

    for payload in PAYLOADS.values():
        for path in _paths(payload):
            yield encoded(_changed(payload, path, lambda inner, name: inner.pop(name)))
            for odd in ODD:
                yield encoded(_changed(payload, path, put(odd)))


def raw_bodies() -> Iterator[Hostile]:
    """Give bodies that are no payload at all, under every content type."""
    deep = "[" * 50_000 + "]" * 50_000
    bodies = (
        b"",
        b"{",
        b"null",
        b"[]",
        b"1e999",
        b"NaN",
        b'"text"',
        b"\xff\xfe\x00",
        b"\x00" * 100,
        b"payload=",
        b"payload={",
        b"payload=null",
        b"payload=[]",
        b"payload=%ff%fe",
        b"payload=%7B%7D&payload=%7B%7D",
        b"payload",
        b"=&=&=",
        b"&&&&",
        b"a=" + b"%" * 1000,
        b"&".join(b"f%d=1" % number for number in range(2000)),
        b'{"type": "event_callback"}',
        b'{"type": "event_callback", "type": "block_actions"}',
        b'{"type": "block_actions", "user": {"id": NaN}}',
        b'{"type": "view_submission", "n": ' + b"9" * 5000 + b"}",
        b'{"type": ' + deep.encode() + b"}",
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        b"payload=" + deep.encode(),
        b"command=%2Fcache-release",
        b"command=%2Fcache-release&user_id=U01OWNER&payload=%7B%7D&text=rollback+R-1",
        b"command=%2Fcache-release&user_id=U01OWNER&user_id=U01ADMIN&text=rollback+R-1",
        b"command=%2Fcache-release&user_id=U01OWNER&authorizations=x&text=%00",
        b"type=event_callback&command=x",
        b"<xml><a>1</a></xml>",
        b'--x\r\nContent-Disposition: form-data; name="payload"\r\n\r\n{}\r\n--x--',
    )
    types = (
        FORM,
        JSON,
        f"{FORM}; charset=utf-16",
        f"{JSON};charset=latin-1",
        "text/plain",
        "text/html",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/x-www-form-urlencoded, application/json",
        "",
        ";",
        "\t",
    )
    for body in bodies:
        for content_type in types:
            yield Hostile(body=body, content_type=content_type)
    for payload in PAYLOADS.values():
        good = encoded(payload)
        for content_type in types[4:]:
            yield Hostile(body=good.body, content_type=content_type)


def unsigned(number: int, seed: int) -> Iterator[Hostile]:
    """Give rollbacks that somebody else asks for, as real payloads and with a few bytes of noise."""
    for case in scrambled(number, seed):
        body = case.body.replace(b"status", b"rollback")
        yield replace(case, body=body, signed=False)


def scrambled(number: int, seed: int) -> Iterator[Hostile]:
    """Give real payloads, signed, with up to three bytes of noise in each."""
    chance = random.Random(seed)
    good = [encoded(payload) for payload in PAYLOADS.values()]
    for _ in range(number):
        chosen = chance.choice(good)
        body = bytearray(chosen.body)
        for _ in range(chance.randrange(4)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        yield replace(chosen, body=bytes(body))


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(["U01OWNER", "C01REL", "block_actions", "event_callback", "/cache-release"])
)
NAMES = st.sampled_from(
    ["type", "user", "team", "actions", "view", "event", "id", "command", "channel", "state"]
) | st.text(max_size=8)
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=6,
)
TYPES = st.sampled_from(sorted({str(row.get("type")) for row in PAYLOADS.values()}))
GUESSES = st.builds(
    lambda kind, rest: encoded({**rest, "type": kind}),
    TYPES,
    st.dictionaries(NAMES, VALUES, max_size=6),
)
NOISE = st.builds(
    Hostile,
    body=st.binary(max_size=200),
    content_type=st.sampled_from([FORM, JSON, "text/plain", ""]),
    signed=st.booleans(),
)
