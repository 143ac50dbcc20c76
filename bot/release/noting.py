"""Adding a line to a release's timeline, in words or from a message that somebody wrote."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from bot.release.ask import Ask
from bot.release.records import Change, Note, Story
from bot.release.refusal import Code, Refusal
from bot.release.timeline import LONGEST_NOTE


def find_note(ask: Ask, text: str) -> str:
    """Return the line that is to be added; refuse an empty or an endless one."""
    line = " ".join(text.split())
    if 1 <= len(line) <= LONGEST_NOTE:
        return line
    raise Refusal(
        code=Code.BAD_REQUEST,
        failed="Not noted: the text is empty."
        if not line
        else f"Not noted: {len(line):,} characters of text are too many.",
        expected=f"a text of 1 to {LONGEST_NOTE} characters, as in `note the cart is slow`.",
        retry_is_safe=True,
    )


def note_of(ask: Ask, story: Story, text: str) -> Note:
    """Return what is added: a line of the asker's own, or a message with its time, author and link.

    Of a message `channel` and `ts` are named in the fields; its time is its `ts`, in seconds since 1970.
    """
    channel, ts = ask.fields.get("said_channel"), ask.fields.get("said_ts")
    number = story.release.id
    if not channel or not ts:
        mark = hashlib.sha256(text.encode()).hexdigest()[:12]
        key = f"{number}:{ask.who.id}:{int(ask.at.timestamp())}:{mark}"
        return _note(ask, number, key, text, said_by=ask.who.id, said_at=ask.at, link=None)
    return _note(
        ask,
        number,
        f"{number}:{channel}:{ts}",
        text,
        said_by=ask.fields.get("said_by") or ask.who.id,
        said_at=_time(ts),
        link=ask.fields.get("said_link") or None,
    )


def _note(
    ask: Ask, number: int, key: str, text: str, *, said_by: str, said_at: datetime, link: str | None
) -> Note:
    return Note(
        key=key,
        release_id=number,
        text=text,
        by=ask.who.id,
        at=ask.at,
        said_by=said_by,
        said_at=said_at,
        link=link,
    )


def noted(note: Note) -> Change:
    """Return the change that adds it and shows it on the root card."""
    return Change(
        act="note",
        by=note.by,
        at=note.at,
        release_id=note.release_id,
        body={"text": note.text, "said_by": note.said_by, "said_at": note.said_at.isoformat()},
        notes=(note,),
        cards=(f"root:{note.release_id}",),
    )


def _time(ts: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError) as broken:
        raise Refusal(
            code=Code.BAD_REQUEST,
            failed="Not noted: the message has no time.",
            expected="a message of a channel.",
            retry_is_safe=True,
        ) from broken
