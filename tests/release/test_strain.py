"""When work on a server waits: it answers slowly, its replicas fall behind, it is full."""

from __future__ import annotations

import pytest

from bot.release.strain import strain

ONLINE = "ip=127.0.0.1,port=6380,state=online,offset={},lag={}"


def _replication(offset: int, lag: int, *, state: str = "online") -> dict[str, str]:
    row = ONLINE.format(offset, lag).replace("online", state)
    return {"role": "master", "master_repl_offset": "50000000", "slave0": row}


@pytest.mark.parametrize(
    ("ping_ms", "replication", "memory", "said"),
    [
        (20.0, None, None, ""),
        (20.1, None, None, "the server answers in 20 ms"),
        (1.0, _replication(50_000_000, 1), None, ""),
        (1.0, _replication(18_000_000, 0), None, ""),
        (1.0, _replication(17_999_999, 0), None, "a replica is 32 MB behind"),
        (1.0, _replication(50_000_000, 10), None, ""),
        (1.0, _replication(50_000_000, 11), None, "a replica has not answered for 11 s"),
        (1.0, _replication(0, 99, state="wait_bgsave"), None, ""),
        (1.0, None, {"maxmemory": "0", "used_memory": "99"}, ""),
        (
            1.0,
            None,
            {"maxmemory": "100", "used_memory": "98", "maxmemory_policy": "noeviction"},
            "the server uses 98 % of its memory",
        ),
        (
            1.0,
            None,
            {"maxmemory": "100", "used_memory": "98", "maxmemory_policy": "allkeys-lru"},
            "",
        ),
    ],
)
def test_a_server_under_strain_is_said_in_a_few_words(
    ping_ms: float,
    replication: dict[str, str] | None,
    memory: dict[str, str] | None,
    said: str,
) -> None:
    assert strain(ping_ms, replication, memory) == said
