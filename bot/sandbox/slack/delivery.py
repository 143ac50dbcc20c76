"""How what people do reaches the app: the envelope, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class Kind(StrEnum):
    """The types of envelopes, by the names that Socket Mode gives them."""

    COMMAND = "slash_commands"
    INTERACTIVE = "interactive"
    EVENT = "events_api"


class Outcome(StrEnum):
    """What came of a delivery."""

    ACKED = "acked"
    LATE = "late"
    FAILED = "failed"
    ABSENT = "absent"


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One payload on its way; an event that is sent again says how often and why."""

    kind: Kind
    payload: Mapping[str, Any]
    retry: int = 0
    retry_reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The app's answer; `body` is what came with the ack, empty where nothing did."""

    outcome: Outcome
    body: Any = None
    may_retry: bool = True


class Delivery(Protocol):
    """A way to the app."""

    async def deliver(self, envelope: Envelope) -> Answer:
        """Send one envelope and wait for its ack, at most as long as Slack does."""
        ...
