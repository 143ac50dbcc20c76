"""A clock as a process of its own: each tick appends a line."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

from bot.effects.liveness import open_liveness
from bot.work.clock import Tick, Ticker
from tests.work.engine_worker import tell


def main(url: str, folder: Path) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    tick = Tick(name="sweep", every_s=0.2, run=lambda: tell(folder, "tick"))
    ticker = Ticker([tick], locks=open_liveness(url))
    ticker.start()
    tell(folder, "ready")
    stop.wait()
    ticker.stop()
    tell(folder, "closed")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
