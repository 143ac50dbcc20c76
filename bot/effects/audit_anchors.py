"""Where the audit stood, kept outside its database: lines in a file that is only added to, and in the log."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.effects.ledger.canonical import canonical
from bot.release.audit_standing import Anchor
from bot.release.problems import Problem, Problems

MARK = "audit anchor "


def anchor_line(anchor: Anchor) -> str:
    """Return the anchor as one line of JSON, without its end."""
    return canonical(asdict(anchor))


def add_anchor(path: Path, anchor: Anchor) -> None:
    """Add the anchor to the file, made with mode 0600 where it is not there; durable on return."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, (anchor_line(anchor) + "\n").encode("ascii"))
        os.fsync(handle)
    finally:
        os.close(handle)


def read_anchors(path: Path) -> tuple[Anchor, ...]:
    """Return the anchors of a file: of anchors, of the bot's log lines, or of lines copied out of Slack.

    Raise Problems for a file that cannot be read or holds none, and for an anchor that was mutilated.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Problems([_unusable(path, f"a file that cannot be read ({error})")]) from error
    found = tuple(_anchors(path, lines))
    if not found:
        raise Problems([_unusable(path, "a file without an anchor")])
    return found


def _anchors(path: Path, lines: Iterable[str]) -> Iterable[Anchor]:
    for number, line in enumerate(lines, start=1):
        text = _said(line)
        if text is None:
            continue
        try:
            fields = json.loads(text)
            yield Anchor(**{**fields, "at": datetime.fromisoformat(fields["at"])})
        except (ValueError, TypeError, KeyError) as broken:
            found = f"line {number}, which holds no whole anchor"
            raise Problems([_unusable(path, found)]) from broken


def _said(line: str) -> str | None:
    """Return what stands for an anchor in the line, None where it speaks of something else."""
    event = _json(line)
    if isinstance(event, dict) and "hmac" not in event:
        line = str(event.get("message", ""))
        if not line.startswith(MARK):
            return None
    _, mark, marked = line.partition(MARK)
    text = marked.strip(" `\n") if mark else line.strip()
    return text or None


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _unusable(path: Path, found: str) -> Problem:
    return Problem(
        name=str(path),
        found=found,
        expected="anchors of the audit, one a line",
        hint="CACHE_RELEASE_AUDIT_ANCHORS names the file that the clock adds to.",
    )
