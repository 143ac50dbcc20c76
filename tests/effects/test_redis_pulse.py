"""A purge and a restore hold back while the server is slow for everybody, and go on when it is well again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis

from bot.effects.keyspace.connect import RedisLink
from bot.effects.keyspace.pulse import Pulse, pulse_of
from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.keyspace.restored import RestoreProgress
from bot.effects.keyspace.walk import PurgeProgress
from bot.release.pace import TEMPO, Pace
from tests.effects.keyspaces import SCOPE, live, plant_many, snapshots_in

BUSY = "local t = os.clock() while os.clock() - t < 0.06 do end"


@contextmanager
def slow(url: str) -> Iterator[threading.Event]:
    """Keep the server busy for 60 ms at a time, until the event is set."""
    well = threading.Event()

    def work() -> None:
        with Redis.from_url(url) as client:
            while not well.is_set():
                client.eval(BUSY, 0)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield well
    finally:
        well.set()
        thread.join()


def test_a_pulse_says_that_the_server_is_slow_until_patience_is_over(valkey: str) -> None:
    with RedisLink(valkey) as link, pulse_of([link], patience_s=60) as pulse:
        assert pulse.feel() == ""
        with slow(valkey):
            assert _felt_at_last(pulse).startswith("the server answers in ")
        assert pulse.feel() == ""
    with (
        RedisLink(valkey) as link,
        pulse_of([link], patience_s=0) as pulse,
        slow(valkey),
    ):
        assert [pulse.feel() for _ in range(3)] == ["", "", ""]


def _felt_at_last(pulse: Pulse) -> str:
    """Return the first words; the other client may need a moment to begin."""
    deadline = time.monotonic() + 20
    words = ""
    while not words and time.monotonic() < deadline:
        words = pulse.feel()
    return words


def test_a_purge_and_a_restore_hold_back_and_lose_nothing(
    redis: Redis, valkey: str, tmp_path: Path
) -> None:
    plant_many(redis, 8_000)
    before, files = live(valkey), snapshots_in(tmp_path)
    keyspace = RedisKeyspace(valkey)
    held: list[str] = []

    def on_batch(batch: PurgeProgress | RestoreProgress) -> None:
        held.append(batch.held_back)
        if any(held):
            well.set()

    with slow(valkey) as well, files.writer("r1") as writer:
        keyspace.purge(
            SCOPE, writer, stage="r1", on_batch=on_batch, tempo=lambda: TEMPO[Pace.GENTLE]
        )
    assert any(words.startswith("the server answers in ") for words in held)
    assert held[-1] == ""
    assert live(valkey) == {}
    assert keyspace.restore(files.reader("r1"), on_batch=on_batch).restored == 8_000
    assert live(valkey) == before
