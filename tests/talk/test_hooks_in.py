from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.ci.door import LARGEST_BODY, MOST_A_MINUTE, BehindHooks, with_hooks
from bot.commands import Ask, Reply
from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.catalog import Catalog
from bot.release.checklist import find_step
from bot.release.refusal import Code, Refusal
from bot.release.signing import signature
from bot.slack.views.checklist import step_card
from bot.slack.views.wording import mention
from tests.talk.conftest import CATALOG, Talk

SECRET = "0123456789abcdef"
START = {"call": "start", "id": "build-1001", "routes": ["products"], "title": "New price table"}
SEEN = {
    "call": "evidence",
    "id": "build-1002",
    "release": "R-1",
    "step": 2,
    "outcome": "pass",
    "text": "200 logins, none leaked",
    "link": "https://ci.example.com/runs/7",
}


@dataclass
class Door:
    """The door for build systems, and the bot behind it."""

    talk: Talk

    def post(
        self, call: Any = START, *, path: str = "/hooks/shop", method: str = "POST", **changes: Any
    ) -> tuple[int, dict[str, Any]]:
        body = call if isinstance(call, bytes) else json.dumps(call).encode()
        at = self.talk.clock.now() + timedelta(seconds=changes.get("off_s", 0))
        stamp = changes.get("stamp", str(int(at.timestamp())))
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "CONTENT_LENGTH": changes.get("length", str(len(body))),
            "HTTP_X_CACHE_RELEASE_KEY_ID": changes.get("key_id", "1"),
            "HTTP_X_CACHE_RELEASE_TIMESTAMP": stamp,
            "HTTP_X_CACHE_RELEASE_SIGNATURE": changes.get(
                "signed", signature(changes.get("secret", SECRET), stamp, body)
            ),
            "wsgi.input": io.BytesIO(changes.get("body", body)),
        }
        status: list[int] = []

        def start(line: str, headers: list[tuple[str, str]], exc: object = None) -> Any:
            status.append(int(line.split(maxsplit=1)[0]))
            return lambda data: None

        app = with_hooks(self._nothing_else, self._behind())
        answer = b"".join(app(environ, start))
        return status[0], json.loads(answer)

    def _behind(self) -> BehindHooks:
        return BehindHooks(
            run=self._run,
            ledger=self.talk.ledger,
            catalog=self.talk.tools.catalog,
            secret_values={"env:CI": SECRET},
            now=self.talk.clock.now,
        )

    def _run(self, ask: Ask) -> Reply:
        return self.talk.tools.commands[ask.verb].run(ask, self.talk.tools)

    def _nothing_else(self, environ: Any, start: Any) -> list[bytes]:
        start("418 Elsewhere", [])
        return [b"{}"]


@pytest.fixture
def door(empty_ledger: SqlLedger, tmp_path: Path) -> Door:
    shop = {**CATALOG["apps"]["shop"], "ci": {"secret": "env:CI"}}  # type: ignore[index]
    blog = CATALOG["apps"]["shop"]  # type: ignore[index]
    catalog = Catalog.model_validate({"apps": {"shop": shop, "blog": blog}})
    return Door(Talk(empty_ledger, tmp_path, catalog))


def test_a_build_starts_a_release_that_people_approve(door: Door) -> None:
    status, told = door.post({**START, "previous": "v1"})
    assert (status, told["ok"], told["release"]) == (200, True, "R-1")
    release = door.talk.story().release
    assert (release.starter, release.owner, release.previous) == ("ci:shop", "U01OWNER", "v1")
    assert (release.environment, release.routes) == ("production", ("products",))
    door.talk.say("run R-1 1")
    assert door.talk.states()[0] == "judged"
    door.talk.say("approve R-1 1", "U02APPROVER")
    assert door.talk.states()[0] == "done"


def test_what_a_build_saw_stands_on_the_card_and_approves_nothing(door: Door) -> None:
    door.post()
    before = door.talk.states()
    status, told = door.post(SEEN)
    assert (status, told["said"]) == (200, "Reported on step 2 of R-1. Nothing was approved.")
    story = door.talk.story()
    assert door.talk.states() == before
    assert story.approvals == ()
    (report,) = story.evidence
    assert (report.step, report.outcome, report.by) == (2, "pass", "ci:shop")
    card = step_card(story, find_step(story, 2), door.talk.tools.catalog, mention)
    drawn = json.dumps(card.blocks, ensure_ascii=False)
    assert "PASS 200 logins, none leaked https://ci.example.com/runs/7 (ci:shop, " in drawn


def test_the_same_call_is_carried_out_once(door: Door) -> None:
    door.post()
    status, told = door.post()
    assert (status, told["code"], told["release"]) == (409, "replayed", "R-1")
    assert told["failed"] == (
        "A call with this id came before: it led to R-1. Nothing was done twice."
    )
    assert door.talk.ledger.story(2) is None


def test_a_call_that_was_refused_may_come_again_with_its_id(door: Door) -> None:
    door.talk.say('lock shop "the database moves"', "U02APPROVER")
    status, told = door.post()
    assert (status, told["code"]) == (409, "locked")
    door.talk.say("unlock shop", "U02APPROVER")
    assert door.post()[0] == 200


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"secret": "another-secret-x"}, 401, "not_signed"),
        ({"signed": "v1=" + "0" * 64}, 401, "not_signed"),
        ({"signed": ""}, 401, "not_signed"),
        ({"signed": "v1=é"}, 401, "not_signed"),
        ({"stamp": "yesterday"}, 401, "not_signed"),
        ({"stamp": "٣"}, 401, "not_signed"),
        ({"stamp": "-1"}, 401, "not_signed"),
        ({"key_id": "2"}, 401, "not_signed"),
        ({"off_s": -310}, 401, "not_signed"),
        ({"off_s": 310}, 401, "not_signed"),
        ({"body": json.dumps(START).replace("New", "Old").encode()}, 401, "not_signed"),
        ({"path": "/hooks/blog"}, 404, "unknown_name"),
        ({"path": "/hooks/nothing"}, 404, "unknown_name"),
        ({"path": "/hooks/shop/"}, 404, "unknown_name"),
        ({"path": "/hooks"}, 404, "unknown_name"),
        ({"method": "GET"}, 404, "unknown_name"),
        ({"length": ""}, 400, "bad_request"),
        ({"length": "-1"}, 400, "bad_request"),
        ({"length": str(LARGEST_BODY + 1)}, 413, "too_large"),
    ],
)
def test_what_was_not_signed_just_now_is_turned_away(
    door: Door, changes: dict[str, Any], status: int, code: str
) -> None:
    answered, told = door.post(**changes)
    assert (answered, told["code"]) == (status, code)
    assert sorted(told) == ["code", "expected", "failed", "ok", "retry_is_safe"]
    assert door.talk.ledger.story(1) is None


@pytest.mark.parametrize(
    ("call", "status", "said"),
    [
        (b"", 400, "Invalid JSON"),
        (b"\xff\xfe", 400, "Invalid JSON"),
        (b"[]", 400, ""),
        ({}, 400, ""),
        ({"call": "approve", "id": "build-1001"}, 400, ""),
        ({**START, "approve": True}, 400, "approve: Extra inputs are not permitted"),
        ({**START, "routes": []}, 400, "routes: "),
        ({**START, "routes": "products"}, 400, "routes: "),
        ({**START, "routes": ["shoes"]}, 400, ""),
        ({**START, "title": ""}, 400, "title: "),
        ({**START, "id": "short"}, 400, "id: "),
        ({**START, "id": 100_000_000}, 400, "id: "),
        ({**START, "environment": "moon"}, 400, ""),
        ({**START, "previous": "--force"}, 400, ""),
        ({**START, "owner": "<!channel>"}, 400, ""),
        ({**SEEN, "release": "R-7"}, 404, "There is no R-7."),
        ({**SEEN, "release": "R-0"}, 400, "release: "),
        ({**SEEN, "step": "2"}, 400, "step: "),
        ({**SEEN, "outcome": "approved"}, 400, "outcome: "),
        ({**SEEN, "link": "javascript:alert(1)"}, 404, ""),
    ],
)
def test_what_cannot_be_carried_out_says_why(door: Door, call: Any, status: int, said: str) -> None:
    answered, told = door.post(call)
    assert (answered, told["ok"]) == (status, False)
    assert said in told["failed"]
    assert told["retry_is_safe"] is True
    assert door.talk.ledger.story(1) is None


def test_a_link_that_is_none_and_another_apps_release_are_refused(door: Door) -> None:
    door.post()
    assert door.post({**SEEN, "link": "javascript:alert(1)"})[0] == 400
    assert door.post({**SEEN, "link": "https://x/<!channel>"})[0] == 400
    door.talk.say('start blog products "Elsewhere" --environment staging')
    other = {**SEEN, "release": "R-2"}
    status, told = door.post(other)
    assert (status, told["failed"]) == (404, "R-2 is no release of shop. Nothing was reported.")
    assert door.talk.story().evidence == ()


def test_more_than_thirty_calls_a_minute_wait(door: Door) -> None:
    door.post()
    for number in range(MOST_A_MINUTE - 1):
        assert door.post({**SEEN, "id": f"build-{number:04}", "text": f"run {number}"})[0] == 200
        door.talk.clock.at -= timedelta(seconds=5)
    status, told = door.post({**SEEN, "id": "build-late"})
    assert (status, told["code"]) == (429, "too_many")


def test_other_paths_are_handed_on(door: Door) -> None:
    assert door.post(path="/slack/events") == (418, {})


def test_a_person_reports_with_the_same_verb(door: Door) -> None:
    door.post()
    door.talk.say("evidence R-1 3 looked at the graphs --outcome unsure", "U03ONCALL")
    (report,) = door.talk.story().evidence
    assert (report.step, report.text, report.by) == (3, "looked at the graphs", "U03ONCALL")
    with pytest.raises(Refusal) as caught:
        door.talk.say("evidence R-1 3 looked at the graphs --outcome unsure", "U03ONCALL")
    assert caught.value.code is Code.MOVED_ON
    with pytest.raises(Refusal) as told:
        door.talk.say("evidence R-1 3 fine --outcome approved", "U03ONCALL")
    assert told.value.failed == "Not reported: approved is no outcome."


def test_a_release_that_has_ended_takes_no_reports(door: Door) -> None:
    door.post()
    door.talk.say("abandon R-1")
    status, told = door.post(SEEN)
    assert (status, told["code"]) == (409, "not_now")
