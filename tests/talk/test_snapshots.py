"""Snapshots are listed from the ledger, and proven by the workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.commands import Said
from bot.effects.snapshots.files import SnapshotFiles
from bot.release.records import Action, ActionState
from bot.release.refusal import Code, Refusal
from bot.slack.views.look import look_card
from tests.talk.conftest import Talk, text

PAGES = ("anp:page:/products", "anp:page:/products/1", "anp:page:/products/2")


def purged(talk: Talk) -> None:
    for page in PAGES:
        talk.redis.put(page, "old")
    talk.until_purged()


def lines(talk: Talk, line: str) -> tuple[str, ...]:
    reply = talk.say(line, "U04DEV")
    assert isinstance(reply, Said)
    return reply.lines


def verified(talk: Talk, line: str = "verify-snapshot R-1") -> Action:
    reply = talk.say(line, "U04DEV")
    assert isinstance(reply, Said)
    assert reply.action is not None
    action = talk.ledger.action(reply.action)
    assert action is not None
    return action


def segment(tmp_path: Path, snapshot: str) -> Path:
    return tmp_path / "snapshots" / snapshot / "segment-0001.resp.zst"


def test_no_snapshot_is_said_so(talk: Talk) -> None:
    talk.say("start shop products First")
    assert text(talk.say("snapshots")) == "The last releases left no snapshot."


def test_what_was_purged_is_listed_with_its_size_and_its_end(talk: Talk) -> None:
    purged(talk)
    row = talk.story().snapshots[0]
    reply = talk.say("snapshots shop", "U04DEV")
    assert text(reply) == "1 snapshot of the last 20 releases, newest first."
    assert lines(talk, "snapshots") == (
        f"{row.id} · R-1 · shop production · what was purged · 3 keys · {row.bytes:,} bytes captured · "
        f"complete, until {row.expires_at:%Y-%m-%d %H:%M} UTC",
    )
    assert row.bytes > 0


def test_the_newest_stands_first_and_an_expired_one_says_so(talk: Talk) -> None:
    purged(talk)
    first = talk.story().snapshots[0]
    talk.redis.put(PAGES[0], "new")
    talk.say("rollback R-1", "U03ONCALL")
    talk.ledger.snapshot_state(first.id, "expired", talk.clock.now())
    found = [line.split(" · ") for line in lines(talk, "snapshots")]
    assert [(row[0], row[3], row[4]) for row in found] == [
        (talk.story().snapshots[1].id, "what the rollback took out", "1 key"),
        (first.id, "what was purged", "3 keys"),
    ]
    assert found[1][-1] == "expired"


def test_an_unknown_app_is_refused_with_those_that_are_known(talk: Talk) -> None:
    with pytest.raises(Refusal) as refused:
        talk.say("snapshots shoes")
    assert (refused.value.code, refused.value.expected) == (Code.UNKNOWN_NAME, "one of: shop.")


def test_a_whole_snapshot_is_proven_by_the_workers(talk: Talk, tmp_path: Path) -> None:
    purged(talk)
    row = talk.story().snapshots[0]
    reply = talk.say("verify-snapshot R-1", "U04DEV", work=False)
    assert text(reply) == "Verifying the snapshot of R-1."
    assert isinstance(reply, Said)
    assert reply.action is not None
    waiting = talk.ledger.action(reply.action)
    assert waiting is not None
    assert (waiting.state, waiting.channel, waiting.partition) == (
        ActionState.ACCEPTED,
        "C01REL",
        "verify:1",
    )
    talk.work()
    size = segment(tmp_path, row.id).stat().st_size
    action = talk.ledger.action(reply.action)
    assert action is not None
    assert action.state is ActionState.DONE
    assert action.result == {
        "outcome": "pass",
        "evidence": "R-1: 3 keys can be put back, every byte is what was written.",
        "actual": f"{row.id}: whole, 3 keys, {size:,} bytes on disk",
        "numbers": {"snapshots": [{"id": row.id, "keys": 3, "bytes": size, "problem": None}]},
    }


def test_a_damaged_snapshot_is_named_on_the_card(talk: Talk, tmp_path: Path) -> None:
    purged(talk)
    row = talk.story().snapshots[0]
    path = segment(tmp_path, row.id)
    changed = bytearray(path.read_bytes())
    changed[-1] ^= 1
    path.write_bytes(changed)
    action = verified(talk)
    problem = (
        f"The snapshot's file {row.id}/segment-0001.resp.zst is not what was written. "
        "Nothing of it was restored."
    )
    assert (action.state, action.result["outcome"], action.result["evidence"]) == (
        ActionState.DONE,
        "fail",
        problem,
    )
    assert action.result["actual"] == f"{row.id}: {problem}"
    assert problem in str(look_card(action, lambda person: person))


def test_both_snapshots_of_a_rolled_back_release_are_proven(talk: Talk) -> None:
    purged(talk)
    talk.redis.put(PAGES[0], "new")
    talk.say("rollback R-1", "U03ONCALL")
    action = verified(talk)
    assert action.result["outcome"] == "pass"
    assert [row["keys"] for row in action.result["numbers"]["snapshots"]] == [1, 3]


def test_an_encrypted_snapshot_without_its_key_is_found_before_it_is_needed(
    talk: Talk, tmp_path: Path
) -> None:
    purged(talk)
    row = talk.story().snapshots[0]
    keyed = SnapshotFiles(
        tmp_path / "snapshots", hmac_key=b"k" * 32, encryption_key=b"e" * 32, max_bytes=10**6
    )
    with keyed.writer(row.id) as writer:
        writer.begin(stage=row.id, patterns=(), server="", dump_format=0)
        writer.append([], {})
        writer.seal()
    action = verified(talk)
    assert action.result["outcome"] == "fail"
    assert action.result["evidence"].startswith(
        f"The snapshot {row.id} is encrypted with the key c983f17e3d671138, and none is set."
    )


@pytest.mark.parametrize("expired", [False, True])
def test_a_release_without_a_snapshot_is_refused(talk: Talk, expired: bool) -> None:
    if expired:
        purged(talk)
        talk.ledger.snapshot_state(talk.story().snapshots[0].id, "expired", talk.clock.now())
    else:
        talk.say("start shop products First")
    with pytest.raises(Refusal) as refused:
        talk.say("verify-snapshot R-1")
    assert refused.value.code is Code.SNAPSHOT_EXPIRED
    assert refused.value.failed == (
        "Not verified: R-1 has no snapshot. Nothing was taken out, or it expired."
    )


@pytest.mark.parametrize(
    ("line", "failed"),
    [("verify-snapshot", "No release was named."), ("verify-snapshot R-9", "There is no R-9.")],
)
def test_verify_snapshot_needs_a_release_that_is_known(talk: Talk, line: str, failed: str) -> None:
    with pytest.raises(Refusal) as refused:
        talk.say(line)
    assert (refused.value.code, refused.value.failed) == (Code.UNKNOWN_NAME, failed)
