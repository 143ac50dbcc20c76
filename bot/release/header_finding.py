"""What a rule about cache headers finds, and how grave that is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding means for the release: stop it, ask a person, or only be told."""

    STOP = "stop"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a rule found, as the end of a sentence about the page."""

    rule: str
    severity: Severity
    text: str


def gravest(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the findings with the gravest first, each kind in the order it was found."""
    return tuple(found for severity in Severity for found in findings if found.severity is severity)
