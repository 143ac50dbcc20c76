"""How far a restore is, and what became of the keys."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RestoreProgress:
    """How far it is: `done` of `total` keys were dealt with; `held_back` says why it is slower than asked for."""

    done: int
    total: int
    held_back: str = ""


@dataclass(frozen=True, kw_only=True)
class RestoreOutcome:
    """What became of the keys; a key that stands as it was already counts as restored.

    `expired` are past their time and stay gone. `errors` are the first 20 sentences of `failed`.
    """

    restored: int
    kept_fresher: int
    expired: int
    failed: int
    seconds: float
    errors: tuple[str, ...] = ()
