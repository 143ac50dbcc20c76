"""The parts of one request's time."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from bot.release.records import Json


@dataclass(frozen=True, kw_only=True)
class Phases:
    """One request, all times in ms; dns, tcp and tls are 0 where a connection is reused.

    `wait` is from the request being sent to the first byte of the answer; `first_byte` and `total` count from the
    beginning: of the connection where it is new, of the request where it is reused, as curl's do.
    """

    reused: bool
    dns: float
    tcp: float
    tls: float
    wait: float
    first_byte: float
    total: float

    def as_json(self) -> Json:
        """Return the phases as they are kept."""
        return asdict(self)
