"""A snapshot goes when its time is over, with the large keys that stand on the server for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.release.refusal import Code, Refusal
from bot.release.states import ReleaseState
from bot.work.expiring import expire_snapshots
from bot.work.outside import Keyspace
from tests.fakes.redis_keyspace import FakeKeyspace
from tests.talk.conftest import Talk

LARGE = "anp:page:/products/all"


@dataclass
class Unreachable(FakeKeyspace):
    """A server that does not answer."""

    def release_quarantine(self, stage: str) -> int:
        """Refuse as a server does that is away."""
        raise Refusal(
            code=Code.REDIS_UNREACHABLE,
            failed=f"{stage} was not asked for.",
            expected="a server that answers.",
            retry_is_safe=True,
        )


def purged(talk: Talk) -> str:
    """Purge one page, and leave a large one under its staged name; return the snapshot."""
    talk.redis.put("anp:page:/products", "old")
    talk.until_purged()
    snapshot = talk.story().snapshots[0].id
    talk.redis.put(f"~q:{snapshot}:{LARGE}", "large")
    return snapshot


def expire(talk: Talk, keyspace: Keyspace | None = None, *, days: int = 8) -> None:
    at = talk.clock.now() + timedelta(days=days)
    expire_snapshots(
        talk.ledger, talk.snapshots, lambda app, environment: keyspace or talk.redis, at
    )


def state(talk: Talk) -> str:
    return talk.story().snapshots[0].state


def staged(talk: Talk) -> list[bytes]:
    return [key for key in talk.redis.keys if key.startswith(b"~q:")]


def test_an_expired_snapshot_goes_with_its_large_keys(talk: Talk) -> None:
    snapshot = purged(talk)
    talk.say("abandon R-1 not today")
    expire(talk)
    assert (state(talk), staged(talk)) == ("expired", [])
    assert snapshot not in talk.snapshots.ids()


def test_before_its_time_is_over_nothing_goes(talk: Talk) -> None:
    snapshot = purged(talk)
    talk.say("abandon R-1 not today")
    expire(talk, days=6)
    assert (state(talk), len(staged(talk))) == ("sealed", 1)
    assert snapshot in talk.snapshots.ids()


def test_what_a_live_release_may_still_need_is_kept(talk: Talk) -> None:
    snapshot = purged(talk)
    assert talk.story().release.state is ReleaseState.OPEN
    expire(talk)
    assert (state(talk), len(staged(talk))) == ("sealed", 1)
    assert snapshot in talk.snapshots.ids()


def test_a_server_that_is_away_is_asked_again_later(talk: Talk) -> None:
    snapshot = purged(talk)
    talk.say("abandon R-1 not today")
    expire(talk, Unreachable())
    assert state(talk) == "sealed"
    assert snapshot in talk.snapshots.ids()
    expire(talk)
    assert state(talk) == "expired"


def test_a_snapshot_of_an_app_that_left_the_catalog_goes_too(talk: Talk) -> None:
    snapshot = purged(talk)
    talk.say("abandon R-1 not today")

    def unknown(app: str, environment: str) -> Keyspace:
        raise KeyError(app)

    expire_snapshots(talk.ledger, talk.snapshots, unknown, talk.clock.now() + timedelta(days=8))
    assert state(talk) == "expired"
    assert snapshot not in talk.snapshots.ids()
