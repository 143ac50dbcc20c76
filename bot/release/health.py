"""How well the bot itself is: who works, and how far behind the messages are."""

from __future__ import annotations

from dataclasses import dataclass

BEHIND_S = 30.0
CLOCK = "clock"
WORKERS = ("all-", "worker-")


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """What waits in the ledger: messages not sent, those given up, and the oldest waiting work; seconds."""

    messages: int
    behind_s: float
    given_up: int
    unworked_s: float


@dataclass(frozen=True, kw_only=True)
class Health:
    """Processes that are alive, whether the clock ticks, and what waits."""

    workers: int
    clock: bool
    backlog: Backlog

    @property
    def troubles(self) -> tuple[str, ...]:
        """Return what is wrong, worst first; nothing where all is well."""
        late = max(self.backlog.behind_s, 0.0)
        found = (
            ("NO worker is alive: nothing is worked on", self.workers == 0),
            ("the clock stands still: no reminders, no expiry", not self.clock),
            (f"work waits for {self.backlog.unworked_s:.0f} s", self.backlog.unworked_s > BEHIND_S),
            (f"messages are {late:.0f} s behind", late > BEHIND_S),
            (f"{self.backlog.given_up} messages were given up", self.backlog.given_up > 0),
        )
        return tuple(words for words, holds in found if holds)


def health_of(alive: tuple[str, ...], backlog: Backlog) -> Health:
    """Return the health, from the names of the processes' locks that are held."""
    return Health(
        workers=sum(name.startswith(WORKERS) for name in alive),
        clock=CLOCK in alive,
        backlog=backlog,
    )
