"""A process that opens releases as fast as it can, once a file says go."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bot.effects.ledger.sql_ledger import open_ledger
from bot.release.records import Release
from tests.ledger_values import new_release


def main(url: str, name: str, go: str, rounds: int) -> None:
    """Try each round's overlapping patterns; print the rounds that this process won."""
    ledger = open_ledger(url, wait_ms=20_000)
    own = {"one": "anp:{}:/pro*", "two": "anp:{}:/p?oducts*"}[name]
    (Path(go).parent / f"{name}.ready").touch()
    while not Path(go).exists():
        time.sleep(0.001)
    for number in range(rounds):
        opened = ledger.open_release(
            new_release(
                app=name,
                routes=(f"route{number}",),
                place="env:R",
                scope=(own.format(number),),
            ),
            by=f"U0{name}",
            at=datetime.now(UTC),
        )
        if isinstance(opened, Release):
            print(number)  # noqa: T201
    ledger.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
