"""A bot in a forked process that ends itself with SIGKILL at a named point, or says which points it passes."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

from bot.effects.fault_points import watch_fault_points
from bot.processes import Role, serve

# Everything is imported once; a bot is ready in half a second instead of three.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["bot.__main__", "tests.fault.dying_bot"])


@dataclass(frozen=True, kw_only=True)
class Death:
    """Where to die: at the `time`th pass of the point, counted from when the file `armed` is there."""

    point: str
    time: int
    armed: Path


def start_bot(
    environ: Mapping[str, str],
    log: Path,
    *,
    death: Death | None = None,
    passed: Path | None = None,
) -> BaseProcess:
    """Start a bot that dies as told, or adds each point that it passes to a file, one a line."""
    bot = FORKS.Process(target=_run, args=(dict(environ), log, death, passed))
    bot.start()
    return bot


def _run(environ: dict[str, str], log: Path, death: Death | None, passed: Path | None) -> None:
    os.environ.clear()
    os.environ.update(environ)
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(handle, stream)
    if death is not None:
        watch_fault_points(Dying(death).see)
    if passed is not None:
        watch_fault_points(partial(_tell, passed))
    serve(os.environ, Role.ALL)


class Dying:
    """Counts the passes of one point."""

    def __init__(self, death: Death) -> None:
        self._death = death
        self._left = death.time

    def see(self, point: str) -> None:
        """End the process at the pass that was named."""
        if point != self._death.point or not self._death.armed.exists():
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _tell(passed: Path, point: str) -> None:
    # A line this short is written whole, also by two threads.
    with passed.open("a", encoding="utf-8") as file:
        file.write(f"{point}\n")
