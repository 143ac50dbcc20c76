"""A worker as a process of its own: the engine with a body that does what the key's first word says."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from urllib.parse import quote

from bot.effects.liveness import open_liveness
from bot.release.refusal import Code, Refusal
from bot.work.engine import DbosEngine, engine_url

SLEEPS_S = {"nap": 1.0, "short": 0.1}
CRASH_AFTER_S = 0.3


def tell(folder: Path, word: str, key: str = "-") -> None:
    """Append one event; lines this short are written whole."""
    line = f"{time.monotonic():.4f} {os.getpid()} {word} {key}\n"
    handle = os.open(folder / "events", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, line.encode())
    os.close(handle)


def gate(folder: Path, key: str) -> Path:
    """Return the file that lets a `gate:` body end."""
    return folder / f"{quote(key, safe='')}.go"


def perform(folder: Path, key: str) -> None:
    tell(folder, "begin", key)
    kind = key.partition(":")[0]
    if kind == "gate":
        while not gate(folder, key).exists():
            time.sleep(0.02)
    elif kind in SLEEPS_S:
        time.sleep(SLEEPS_S[kind])
    elif kind == "crash":
        time.sleep(CRASH_AFTER_S)
        os._exit(9)
    elif kind == "break":
        raise ValueError(key)
    elif kind == "away" and not gate(folder, key).exists():
        gate(folder, key).touch()
        raise Refusal(code=Code.NOT_RECORDED, failed="Away.", expected="it.", retry_is_safe=True)
    tell(folder, "end", key)


def main(url: str, folder: Path, grace_s: float, linger_s: float) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    engine = DbosEngine(
        engine_url(url),
        role="worker",
        perform=lambda key: perform(folder, key),
        liveness=open_liveness(url),
        on_poisoned=lambda key: tell(folder, "poisoned", key),
    )
    engine.launch()
    tell(folder, "ready")
    stop.wait()
    tell(folder, "closing")
    engine.close(grace_s)
    tell(folder, "closed")
    time.sleep(linger_s)
    tell(folder, "gone")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
