"""What an answer offers to do next, as values that a door can show as buttons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One thing to do next: at most 24 characters of label, the verb it asks for, and that verb's fields."""

    label: str
    verb: str
    release: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    danger: bool = False
