"""Who did what when: the audit of one release and what people noted, as lines that a person reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.release.records import AuditEntry, Note, Story

LONGEST = 160
LONGEST_NOTE = 500
Body = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One thing that happened; `what` begins with a verb in the past, `link` leads to a message it came from."""

    at: datetime
    by: str
    what: str
    link: str | None = None


def timeline(story: Story, entries: Sequence[AuditEntry]) -> tuple[Moment, ...]:
    """Return what happened, oldest first; what the bot keeps for itself, such as whom it called, is left out."""
    told = [_moment(row) for row in entries]
    moments = [row for row in told if row is not None] + [_noted(row) for row in story.notes]
    return tuple(sorted(moments, key=lambda row: row.at))


def moment_line(row: Moment) -> str:
    """Return `2026-03-01 14:03:20 UTC <@U1> approved step 3`; the time is one that each reader sees in their zone."""
    link = "" if row.link is None else f" {row.link}"
    who = f"<@{row.by}>" if row.by[:1] in {"U", "W"} and row.by.isalnum() else row.by
    return f"{row.at:%Y-%m-%d %H:%M} UTC · {who} {row.what}{link}"


def _noted(note: Note) -> Moment:
    added = "" if note.by == note.said_by else f" (added by <@{note.by}>)"
    what = f"noted: {_short(note.text)}{added}"
    return Moment(at=note.said_at, by=note.said_by, what=what, link=note.link)


def _moment(entry: AuditEntry) -> Moment | None:
    words = WORDS.get(entry.act)
    if words is None:
        if not entry.act.endswith(" failed"):
            return None
        words = _broke
    what = _short(words(entry.body))
    return Moment(at=entry.at, by=entry.by, what=what)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _step(verb: str) -> Callable[[Body], str]:
    return lambda body: f"{verb} step {body.get('step', '?')}"


def _started(body: Body) -> str:
    return f"started: {body.get('title', 'a release')}"


def _skipped(body: Body) -> str:
    return f"skipped step {body.get('step', '?')}: {body.get('reason', '')}"


def _rejected(body: Body) -> str:
    return f"rejected step {body.get('step', '?')}: {body.get('reason', '')}"


def _handed(body: Body) -> str:
    return f"handed step {body.get('step', '?')} to <@{body.get('owner', '?')}>"


def _judged(body: Body) -> str:
    return f"judged step {body.get('step', '?')} {str(body.get('outcome', '')).upper()}: {body.get('evidence', '')}"


def _purged(body: Body) -> str:
    return f"purged {int(body.get('taken') or 0):,} keys in step {body.get('step', '?')}"


def _rolled_back(body: Body) -> str:
    expected, restored = int(body.get("expected") or 0), int(body.get("restored") or 0)
    if not expected:
        return "rolled back: there was no key to put back"
    return f"rolled back: {restored:,} of {expected:,} keys put back"


def _broke(body: Body) -> str:
    return f"could not finish: {body.get('failed', 'no reason was recorded')}"


def _reason(verb: str) -> Callable[[Body], str]:
    return lambda body: f"{verb}: {body['reason']}" if body.get("reason") else verb


def _plain(words: str) -> Callable[[Body], str]:
    return lambda body: words


WORDS: Mapping[str, Callable[[Body], str]] = {
    "start": _started,
    "run": _step("ran"),
    "judge": _judged,
    "approve": _step("approved"),
    "reject": _rejected,
    "approval closed": _step("closed the request for approval of"),
    "review done": _plain("ended the review of the rollback"),
    "rollback explained": _reason("said why it was rolled back"),
    "rehearsal waived": _reason("let it start without a rehearsal"),
    "rehearsed": _plain("rehearsed the release"),
    "unwatch": _plain("stopped the watch"),
    "skip": _skipped,
    "hand over": _handed,
    "hotfix": _reason("made it a hotfix"),
    "purged": _purged,
    "paused": _plain("paused the purge"),
    "pause": _plain("asked to pause the purge"),
    "resume": _plain("resumed the purge"),
    "stop": _plain("stopped the purge"),
    "pace": _plain("changed the pace of the purge"),
    "abandon": _plain("abandoned the release"),
    "rollback": _plain("asked for the rollback"),
    "rolled back": _rolled_back,
    "drill done": _plain("rehearsed the rollback"),
    "export": _plain("wrote the record down"),
}
