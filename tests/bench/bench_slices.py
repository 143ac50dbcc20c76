"""How long one request keeps the server, beside its budget: what SLOWLOG (threshold 0) says its commands took, plus
for each command what reading and answering it takes (the main thread's CPU time less that in commands, over all)."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from redis import Redis
from rich.console import Console
from rich.table import Table

from bot.effects.keyspace.connect import RedisLink
from bot.effects.keyspace.purge import Order, Purge
from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.keyspace.topology import Servers
from bot.release.pace import TEMPO, Pace
from bot.release.waves import WHOLE
from tests.bench.keyspace_of_size import loaded, port_of, scope_of, write_keys
from tests.bench.spread import percentile
from tests.effects.keyspaces import ignore, snapshots_in

SHARE = 10
LIMIT = 1.3


class CountingLink(RedisLink):
    """A link that notes how many commands each request held."""

    held: list[int]

    def post(self, commands: bytes, answers: int) -> None:
        """Note, then send."""
        self.held.append(answers)
        super().post(commands, answers)


def around_each(saved: Path, folder: Path) -> float:
    """Return the microseconds around one command; of a fast purge, so that the server does little else meanwhile."""
    with loaded(saved, folder / "usual") as client:
        before = _work_of(client)
        with snapshots_in(folder / "usual-snapshots").writer("r1") as writer:
            RedisKeyspace(_url(client)).purge(
                (scope_of(SHARE),),
                writer,
                stage="r1",
                on_batch=ignore,
                tempo=lambda: TEMPO[Pace.FAST],
            )
        return _around(before, _work_of(client))


def requests_of(saved: Path, folder: Path, pace: Pace, around: float) -> list[float]:
    """Purge with every command's time kept; return the milliseconds of each request."""
    with loaded(saved, folder / "kept") as client:
        found = _requests(client, folder / "kept-snapshots", scope_of(SHARE), pace)
    return [(took + held * around) / 1000 for took, held in found]


def _around(before: tuple[float, int, int], after: tuple[float, int, int]) -> float:
    cpu, took, calls = (late - early for early, late in zip(before, after, strict=True))
    return max(0.0, cpu - took) / calls


def _requests(client: Redis, folder: Path, pattern: str, pace: Pace) -> list[tuple[float, int]]:
    client.config_set("slowlog-max-len", 10_000_000)
    client.config_set("slowlog-log-slower-than", 0)
    files = snapshots_in(folder)
    with files.writer("r1") as writer, Servers(_url(client)) as servers:
        link = servers.first.link
        link.__class__ = CountingLink
        assert isinstance(link, CountingLink)
        link.held = []
        client.slowlog_reset()
        found = servers.first.found
        writer.begin(
            stage="r1", patterns=(pattern,), server=found.server, dump_format=found.dump_format
        )
        order = Order(
            patterns=(pattern,),
            soft=(),
            wave=WHOLE,
            tempo=lambda: TEMPO[pace],
            naming=servers.naming("r1"),
        )
        Purge(servers, writer, order, ignore).run()
        client.config_set("slowlog-log-slower-than", -1)
        host, port = link._opened().getsockname()
        return list(_sums(client, f"{host}:{port}", link.held))


def _sums(client: Redis, address: str, held: list[int]) -> Iterator[tuple[float, int]]:
    """Yield the microseconds and commands of each request; what one client sends is carried out in that order."""
    rows = client.execute_command("SLOWLOG", "GET", -1, NEVER_DECODE=True)
    took = [row[2] for row in reversed(rows) if row[4].decode() == address]
    assert len(took) == sum(held), "SLOWLOG holds other commands than were sent"
    at = 0
    for commands in held:
        yield float(sum(took[at : at + commands])), commands
        at += commands


def _work_of(client: Redis) -> tuple[float, int, int]:
    """Return the main thread's CPU time and the time in commands, in microseconds, and the number of commands."""
    rows, spent = client.info("commandstats").values(), client.info("cpu")
    cpu = spent["used_cpu_user_main_thread"] + spent["used_cpu_sys_main_thread"]
    return cpu * 1e6, sum(int(row["usec"]) for row in rows), sum(int(row["calls"]) for row in rows)


def _url(client: Redis) -> str:
    return f"redis://127.0.0.1:{port_of(client)}/0"


def main() -> None:
    """Measure with the keys that the arguments say."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--keys", type=int, default=200_000)
    given = words.parse_args()
    console = Console(highlight=False, width=120)
    table = Table(
        "one request, ms",
        "budget",
        "requests",
        "p50",
        "p99",
        "max",
        "around each command",
        "p99 / budget",
        "at most",
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "saved").mkdir()
        write_keys(folder / "saved", given.keys)
        around = around_each(folder / "saved", folder)
        for pace in Pace:
            (folder / pace).mkdir()
            whole = requests_of(folder / "saved", folder / pace, pace, around)
            p99, budget = percentile(whole, 0.99), TEMPO[pace].budget_us
            table.add_row(
                f"purge with undo, {pace}",
                f"{budget / 1000:.2f}",
                f"{len(whole):,}",
                *(f"{value:.2f}" for value in (percentile(whole, 0.5), p99, max(whole))),
                f"{around:.2f} us",
                f"{1000 * p99 / budget:.2f}",
                str(LIMIT),
            )
    console.print(f"{SHARE} % of {given.keys:,} keys")
    console.print(table)


if __name__ == "__main__":
    main()
