"""Which deliveries were heard already: a first net under the ledger's own."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

MOST = 10_000


class Seen:
    """Remembers the last 10,000 deliveries of this process; the ledger settles what two processes hear."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._kept: OrderedDict[str, None] = OrderedDict()
        self._guard = Lock()

    def first(self, delivery: str | None) -> bool:
        """Return whether this delivery is heard for the first time; one without a name always is."""
        if delivery is None:
            return True
        with self._guard:
            if delivery in self._kept:
                return False
            self._kept[delivery] = None
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return True

    def forget(self, delivery: str | None) -> None:
        """Let a delivery that failed be heard again."""
        with self._guard:
            self._kept.pop(delivery or "", None)
