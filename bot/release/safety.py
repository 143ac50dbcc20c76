"""What a look at an installation's safety found, as lines that a person and a machine read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class How(StrEnum):
    """How a finding is: as it should be, worth a look, or wrong."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at; `expected` is empty where it is as it should be. Never a secret's value."""

    section: str
    name: str
    found: str
    how: How = How.OK
    expected: str = ""


def finding_lines(findings: Sequence[Finding]) -> list[str]:
    """Return the findings for a terminal, each section under its name."""
    lines: list[str] = []
    section = ""
    for row in findings:
        if row.section != section:
            section = row.section
            lines.append(f"{section}")
        more = f"; expected {row.expected}" if row.expected else ""
        mark = row.how.upper() if row.how is How.WRONG else str(row.how)
        lines.append(f"  {mark:<5} {row.name}: {row.found}{more}")
    return lines


def finding_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the findings for a machine; `ok` is false where one of them is wrong."""
    return {
        "ok": all(row.how is not How.WRONG for row in findings),
        "findings": [
            {
                "section": row.section,
                "name": row.name,
                "found": row.found,
                "state": str(row.how),
                "expected": row.expected or None,
            }
            for row in findings
        ],
    }


def mode_finding(section: str, name: str, mode: int | None, most: int) -> Finding:
    """Return what a file's mode means; `most` are the bits that it may have at most."""
    if mode is None:
        return Finding(section=section, name=name, found="not there yet")
    how = How.OK if not mode & ~most else How.WRONG if mode & 0o022 & ~most else How.NOTE
    expected = "" if how is How.OK else f"at most {most:04o}"
    return Finding(section=section, name=name, found=f"mode {mode:04o}", how=how, expected=expected)
