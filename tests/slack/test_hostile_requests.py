"""Ten thousand requests that Slack never sends: none breaks the door, tells how it is built, or changes anything."""

from __future__ import annotations

import hashlib
import hmac
import io
import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select

from bot.commands import Ask, Reply
from bot.effects.ledger.columns import METADATA
from bot.effects.ledger.heard import HEARD
from bot.effects.ledger.sql_ledger import SqlLedger, open_ledger
from bot.release.catalog import Catalog
from bot.release.records import Change
from bot.release.refusal import Code, Refusal
from bot.sandbox.slack.server import SandboxSlack
from bot.slack.door import Behind, build_bolt_app, listening_client, wsgi_app
from bot.slack.people import People
from bot.slack.replays import REMEMBERED_FOR, Replays
from bot.slack.signed import LARGEST_BODY
from tests.slack.hostile import (
    FORM,
    GUESSES,
    NOISE,
    PAYLOADS,
    Hostile,
    encoded,
    mutations,
    raw_bodies,
    scrambled,
    unsigned,
)
from tests.talk.conftest import CATALOG, Talk

ALLOWED = {200, 400, 401, 404, 413}
BUILT = (b"Traceback", b"File ", b".py", b"Error", b"Exception", b"slack_bolt", b"sqlalchemy")


class Web:
    """The web process without a network, before a ledger that holds one release."""

    def __init__(self, slack: SandboxSlack, ledger: SqlLedger, talk: Talk) -> None:
        self.secret = slack.workspace.signing_secret
        self.ledger = ledger
        self.talk = talk
        self.slack = slack
        # A stranger who is refused is audited; that is wanted, and here beside the ledger.
        self.refused: list[Change] = []
        self.answers: Counter[int] = Counter()
        self.app = self.process(ledger)

    def process(self, ledger: SqlLedger) -> WSGIApplication:
        """Return the app of one web process more."""
        client = listening_client(self.slack.workspace.bot_token, self.slack.api_url)
        now = self.talk.clock.now
        tools = self.talk.tools
        behind = Behind(
            run=self._run,
            people=People(client, tools.catalog, now, ledger),
            ledger=ledger,
            catalog=tools.catalog,
            now=now,
            on_refused=self.refused.append,
        )
        return wsgi_app(
            build_bolt_app(behind, client=client, signing_secret=self.secret),
            signing_secret=self.secret,
            healthy=lambda: None,
            ready=lambda: None,
            first=Replays(ledger, now).first,
        )

    def _run(self, ask: Ask) -> Reply:
        command = self.talk.tools.commands.get(ask.verb)
        if command is None:
            raise Refusal(code=Code.UNKNOWN_NAME, failed="?", expected="!", retry_is_safe=True)
        return command.run(ask, self.talk.tools)

    def sends(self, case: Hostile, *, app: WSGIApplication | None = None, at: int = 0) -> int:
        """Send one request and return the status, once the answer is one that a stranger may see."""
        stamp = str(at or int(time.time()))
        secret = self.secret if case.signed else "0" * 32
        signed = hmac.new(secret.encode(), b"v0:%b:%b" % (stamp.encode(), case.body), "sha256")
        status, body = self.asks(
            app or self.app,
            case.body,
            CONTENT_TYPE=case.content_type,
            HTTP_X_SLACK_REQUEST_TIMESTAMP=stamp,
            HTTP_X_SLACK_SIGNATURE=f"v0={signed.hexdigest()}",
        )
        assert status in ALLOWED, (status, case, body)
        assert [word for word in BUILT if word in body] == [], (case, body)
        self.answers[status] += 1
        return status

    @staticmethod
    def asks(app: WSGIApplication, body: bytes, **environ: Any) -> tuple[int, bytes]:
        """Return status and body of one bare request."""
        said: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], exc: object = None) -> Any:
            said.append(status)
            assert dict(headers)
            return said.append

        made: dict[str, Any] = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/slack/events",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": FORM,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            **environ,
        }
        answer = b"".join(app(made, start))
        return int(said[0].split()[0]), answer

    def recorded(self) -> str:
        """Return a hash of every row of every table, but for the requests that were heard."""
        rows = []
        for table in METADATA.sorted_tables:
            if table is not HEARD:
                query = select(table)
                found = self.ledger._read(lambda connection: connection.execute(query).all())  # noqa: B023
                rows.append((table.name, sorted(map(repr, found))))
        return hashlib.sha256(repr(rows).encode()).hexdigest()


@pytest.fixture
def web(slack: SandboxSlack, ledger: SqlLedger, tmp_path: Path) -> Web:
    talk = Talk(ledger, tmp_path, Catalog.model_validate(CATALOG))
    talk.say('start shop products "New price table" --previous v1')
    return Web(slack, ledger, talk)


@pytest.fixture
def sqlite_of(tmp_path: Path) -> str:
    """Return the URL of the file that the ledger of these tests is."""
    return f"sqlite:///{tmp_path / 'ledger.sqlite'}"


def _all(web: Web, cases: Iterable[Hostile]) -> set[int]:
    return {web.sends(case) for case in cases}


def test_ten_thousand_hostile_requests_break_and_change_nothing(web: Web) -> None:
    before = web.recorded()

    assert _all(web, map(encoded, PAYLOADS.values())) == {200}
    assert _all(web, unsigned(3_000, seed=1)) == {400, 401}
    assert _all(web, scrambled(3_300, seed=2)) == {200, 400, 401, 404}
    assert _all(web, raw_bodies()) == {400}
    assert _all(web, mutations()) == {200, 400, 401, 404}

    @settings(
        max_examples=500, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(GUESSES)
    def guesses(case: Hostile) -> None:
        web.sends(case)

    @settings(
        max_examples=600, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(NOISE)
    def noise(case: Hostile) -> None:
        assert web.sends(case) in {400, 401}

    guesses()
    noise()
    assert web.recorded() == before
    assert web.answers.total() >= 10_000
    assert web.answers[400] > 2_000


def _locking() -> Hostile:
    body = {**PAYLOADS["command"], "text": 'lock shop "prices are wrong"', "user_id": "U01OWNER"}
    return encoded(body | {"trigger_id": "7.8.9"})


def test_a_request_that_is_sent_again_is_turned_away_by_every_process(
    web: Web, sqlite_of: str
) -> None:
    stamp = int(time.time())
    assert web.sends(_locking(), at=stamp) == 200
    _wait_for_lock(web.ledger)
    locked = web.recorded()
    assert web.sends(_locking(), at=stamp) == 401
    other = open_ledger(sqlite_of)
    try:
        assert web.sends(_locking(), app=web.process(other), at=stamp) == 401
    finally:
        other.close()
    assert web.recorded() == locked


def test_a_request_that_was_heard_is_forgotten_when_its_signature_is_too_old(web: Web) -> None:
    now = web.talk.clock.now()
    assert web.ledger.first_heard("one", now) is True
    assert web.ledger.forget_heard(now - REMEMBERED_FOR) == 0
    assert web.ledger.first_heard("one", now) is False
    assert web.ledger.forget_heard(now + timedelta(seconds=1)) == 1
    assert web.ledger.first_heard("one", now) is True


class SilentLedger:
    """A ledger that never says whether a request is new."""

    def first_heard(self, key: str, at: datetime) -> bool:
        raise Refusal(
            code=Code.NOT_RECORDED, failed="No.", expected="an answer.", retry_is_safe=True
        )


def test_a_ledger_that_is_silent_lets_a_request_in_once(web: Web) -> None:
    replays = Replays(SilentLedger(), web.talk.clock.now)
    assert [replays.first("1700000000", "v0=a") for _ in range(2)] == [True, False]


@pytest.mark.parametrize("name", ["payload", "a=b&payload"])
def test_a_command_may_speak_of_a_payload(web: Web, name: str) -> None:
    body = {**PAYLOADS["command"], "text": f'lock shop "{name}"', "trigger_id": "3.2.1"}
    assert web.sends(encoded(body)) == 200
    _wait_for_lock(web.ledger)


def test_an_old_or_strange_time_is_turned_away(web: Web) -> None:
    case = encoded(PAYLOADS["command"])
    now = int(time.time())
    assert [web.sends(case, at=at) for at in (1, now - 301, now + 301, 10**11)] == [401] * 4
    bare = web.asks(
        web.app,
        case.body,
        HTTP_X_SLACK_REQUEST_TIMESTAMP="soon",
        HTTP_X_SLACK_SIGNATURE="v0=" + "0" * 64,
    )
    assert bare == (401, b'{"error": "unauthorized"}')


def test_a_body_over_the_limit_is_not_read(web: Web) -> None:
    class Unread(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError("the body was read")

    status, _ = web.asks(
        web.app, b"", CONTENT_LENGTH=str(LARGEST_BODY + 1), **{"wsgi.input": Unread()}
    )
    assert status == 413


def _wait_for_lock(ledger: SqlLedger) -> None:
    deadline = time.monotonic() + 10
    while ledger.lock("shop", "production") is None:
        assert time.monotonic() < deadline, "the command did not lock the app"
        time.sleep(0.02)
