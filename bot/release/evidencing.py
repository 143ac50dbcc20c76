"""What is reported of a step from outside: it stands on the step's card, and approves nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from bot.release.refusal import Code, Refusal

LONGEST_EVIDENCE = 500
LONGEST_LINK = 500
OUTCOMES = ("pass", "fail", "unsure")


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One report of a step; `outcome` is the reporter's own word, `link` an http(s) address or None."""

    key: str
    release_id: int
    step: int
    outcome: str
    text: str
    link: str | None
    by: str
    at: datetime


def evidence_of(
    release_id: int, step: int, *, outcome: str, text: str, link: str | None, by: str, at: datetime
) -> Evidence:
    """Return the report; refuse another outcome, an empty or endless text, and a link that is none."""
    line = " ".join(text.split())
    if outcome not in OUTCOMES:
        raise _bad(f"{outcome[:20] or 'nothing'} is no outcome", "pass, fail or unsure.")
    if not 1 <= len(line) <= LONGEST_EVIDENCE:
        raise _bad(f"the text has {len(line):,} characters", f"1 to {LONGEST_EVIDENCE} characters.")
    if link is not None and not _is_link(link):
        raise _bad("the link is no web address", "https:// with a host, without spaces.")
    mark = hashlib.sha256(f"{outcome}\0{line}\0{link}".encode()).hexdigest()[:16]
    return Evidence(
        key=f"{release_id}:{step}:{by}:{mark}",
        release_id=release_id,
        step=step,
        outcome=outcome,
        text=line,
        link=link,
        by=by,
        at=at,
    )


def _is_link(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    plain = len(link) <= LONGEST_LINK and link.isascii() and link.isprintable()
    strange = any(letter in link for letter in ' <>|\\"')
    return plain and not strange and parts.scheme in {"http", "https"} and bool(parts.hostname)


def _bad(failed: str, expected: str) -> Refusal:
    return Refusal(
        code=Code.BAD_REQUEST,
        failed=f"Not reported: {failed}.",
        expected=expected,
        retry_is_safe=True,
    )
