"""Takes a scope out for good: no snapshot, no way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.effects.redis_bites import UNLINK_US
from bot.effects.redis_connect import packed
from bot.effects.redis_flow import Flow
from bot.effects.redis_wanted import Wanted


class Drop(Flow):
    """UNLINK of what SCAN finds; a page goes while the next is looked for."""

    _taken = 0

    @property
    def taken(self) -> int:
        """Return how many keys went."""
        return self._taken

    def run(self, wanted: Wanted, between: Callable[[], None]) -> None:
        """Walk the keyspace once; `between` is called after every answer, and may raise to stop."""
        self._walk(wanted, between)

    def _wait(self) -> None:
        """Nothing ever holds it back."""

    def _work_us(self) -> float:
        return len(self._pending) * UNLINK_US

    def _send_work(self, budget: float) -> None:
        most = max(1, int(budget / UNLINK_US))
        keys = [self._pending.popleft() for _ in range(min(most, len(self._pending)))]
        self._post(packed([(b"UNLINK", *keys)]), 1, self._unlinked)

    def _unlinked(self, answers: list[Any]) -> None:
        self._refuse_error(answers[0], "UNLINK was refused")
        self._taken += int(answers[0])
