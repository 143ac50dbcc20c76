"""Looks outside a release, and what help, status and history say."""

from __future__ import annotations

import pytest

from bot.commands import Said
from bot.release.records import ActionState
from bot.release.refusal import Code, Refusal
from tests.talk.conftest import Talk, text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("check shop products", "Measuring products of shop production."),
        ("headers shop products --env staging", "Inspecting products of shop staging."),
        ("purge shop products cart --dry-run", "Counting products, cart of shop production."),
    ],
)
def test_a_look_is_recorded_and_done(talk: Talk, line: str, said: str) -> None:
    reply = talk.say(line, "U04DEV")
    assert text(reply) == said
    assert isinstance(reply, Said)
    assert reply.action is not None
    action = talk.ledger.action(reply.action)
    assert action is not None
    assert action.state is ActionState.DONE
    assert set(action.result) == {"outcome", "evidence", "actual", "numbers"}


def test_a_dry_run_takes_nothing(talk: Talk) -> None:
    talk.redis.put("anp:page:/products", "old")
    talk.say("purge shop products --dry-run")
    assert set(talk.redis.keys) == {b"anp:page:/products"}


def test_a_measurement_is_kept_for_comparison(talk: Talk) -> None:
    talk.say("check shop products")
    rows = talk.ledger.measurements(
        app="shop", environment="production", route="products", kind="latency"
    )
    assert [row.phase for row in rows] == ["check"]


def test_a_check_takes_as_many_requests_as_are_asked_for(talk: Talk) -> None:
    talk.say("check shop products --n 40")
    assert talk.web.asked == ["/products"] * (5 + 40 + 1)


@pytest.mark.parametrize("wrong", ["29", "201", "many", "-5", "99999999999999999999"])
def test_a_check_of_too_few_or_too_many_requests_is_refused(talk: Talk, wrong: str) -> None:
    with pytest.raises(Refusal) as caught:
        talk.say(f"check shop products --n {wrong}")
    assert caught.value.code is Code.BAD_REQUEST
    assert caught.value.expected.startswith("a number from 30 to 200;")
    assert talk.web.asked == []


def test_a_second_check_is_compared_with_the_first(talk: Talk) -> None:
    said = [_evidence(talk, "check shop products") for _ in range(2)]
    assert said[0] == "/products: there is neither a budget nor a look before to judge by."
    assert said[1].startswith(
        "/products is not slower: 0 % (0 to 0 %, 99 % sure); no control route:"
    )
    assert said[1].endswith(", compared with 2026-03-01 14:00 UTC.")


def test_the_history_of_a_route_shows_how_fast_it_was(talk: Talk) -> None:
    talk.say("check shop products")
    talk.say("check shop products --environment staging")
    talk.say("start shop products cart Both")
    talk.say("check shop products")
    lines = _lines(talk, "history shop products")
    at = lines.index("Response time of products, staging:")
    assert lines[at + 1].endswith("UTC · p50 10.0 ms · p95 10.0 ms · not compared")
    mine = lines[lines.index("Response time of products, production:") + 1 :]
    assert mine[0].startswith("2026-03-01 14:0")
    assert mine[0].endswith("UTC · p50 10.0 ms · p95 10.0 ms · not slower")
    assert _lines(talk, "history shop cart")[0].startswith("R-1")
    assert not any("Response time" in line for line in _lines(talk, "history shop"))


def test_help_lists_only_what_the_asker_may_do(talk: Talk) -> None:
    verbs = {
        who: {line.split()[0].strip("`") for line in _lines(talk, "help", who)}
        for who in ("U04DEV", "U03ONCALL", "U02APPROVER")
    }
    assert {"approve", "rollback", "unlock", "lock"} & verbs["U04DEV"] == set()
    assert {"rollback", "lock"} <= verbs["U03ONCALL"]
    assert "approve" not in verbs["U03ONCALL"]
    assert {"approve", "rollback", "unlock"} <= verbs["U02APPROVER"]


def test_status_lists_live_releases_and_locks(talk: Talk) -> None:
    talk.say("start shop products First")
    talk.say('lock shop "checkout is down" --env staging', "U03ONCALL")
    lines = _lines(talk, "status")
    assert lines[0].startswith("R-1 · shop production · products · First · open")
    assert lines[1] == "Locked: shop staging by <@U03ONCALL>: checkout is down"


def test_history_is_newest_first(talk: Talk) -> None:
    talk.say("start shop products First")
    talk.say("abandon R-1")
    talk.say("start shop cart Second")
    assert [line.split(" · ")[0] for line in _lines(talk, "history shop")] == ["R-2", "R-1"]
    assert [line.split(" · ")[0] for line in _lines(talk, "history shop products")] == ["R-1"]


def test_a_lock_needs_a_reason(talk: Talk) -> None:
    with pytest.raises(Refusal) as caught:
        talk.say("lock shop", "U03ONCALL")
    assert caught.value.code is Code.BAD_REQUEST


def _evidence(talk: Talk, line: str) -> str:
    reply = talk.say(line)
    assert isinstance(reply, Said)
    action = talk.ledger.action(str(reply.action))
    assert action is not None
    return str(action.result["evidence"])


def _lines(talk: Talk, line: str, who: str = "U01OWNER") -> tuple[str, ...]:
    reply = talk.say(line, who)
    assert isinstance(reply, Said)
    return reply.lines
