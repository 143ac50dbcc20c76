"""A worker is killed around the one command that sets a generation, and another goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from redis import Redis

from bot.effects.ledger.migrate import migrate
from bot.effects.ledger.sql_ledger import open_ledger
from bot.release.generation import moves_of
from tests.effects.generation_child import shop

ROOT = Path(__file__).parents[2]
KEY = "anp:gen:products"


@pytest.mark.parametrize("routes", ["products", "products cart"])
@pytest.mark.parametrize(("when", "then"), [("before", b"41"), ("after", b"42")])
def test_a_killed_purge_and_a_killed_rollback_count_once(
    redis: Redis, valkey: str, tmp_path: Path, when: str, then: bytes, routes: str
) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    migrate(url)
    ledger = open_ledger(url)
    talk = shop(ledger, tmp_path, valkey)

    def kill_a_worker() -> None:
        (key,) = talk.queue.keys
        words = ["-m", "tests.effects.generation_child", url, str(tmp_path), valkey, when, key]
        ended = subprocess.run([sys.executable, *words], cwd=ROOT, check=False, timeout=60)
        assert ended.returncode == -9

    redis.set(KEY, "41", pxat=4_102_444_800_000)
    redis.set("anp:page:/cart", "old")
    talk.say(f"start shop {routes} 'A change' --previous v1")
    for number in (1, 2):
        talk.say(f"skip R-1 {number} not today")
    talk.say("run R-1 3")
    talk.say("approve R-1 3", "U02APPROVER", work=False)
    kill_a_worker()
    assert redis.get(KEY) == then
    assert redis.get("anp:page:/cart") == b"old"
    assert [(row["old"], row["new"]) for row in moves_of(talk.story())] == [(41, 42)]
    talk.work()
    assert redis.get(KEY) == b"42"
    assert redis.exists("anp:page:/cart") == (routes == "products")
    talk.say("rollback R-1", "U03ONCALL", work=False)
    kill_a_worker()
    talk.work()
    assert (redis.get(KEY), redis.pexpiretime(KEY)) == (b"41", 4_102_444_800_000)
    assert redis.get("anp:page:/cart") == b"old"
    assert talk.story().release.state == "rolled_back"
    ledger.close()
