"""The second factor before a purge in production: who has one, what a code proves, and for how long."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.release.refusal import Code, Refusal

DIGITS = re.compile(r"[0-9]{6}")
MOST_WRONG = 5
WINDOW = timedelta(minutes=15)


class UnreadableError(Exception):
    """A second factor that was sealed with another key."""


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """One person's second factor; it counts from `enrolled_at` on.

    `sealed` is its secret, encrypted. `counter` is the newest 30 s step of which a code was taken: none is taken
    twice (RFC 6238 section 5.2). `wrong` counts the tries since `wrong_since`. `version` counts what was written.
    """

    person: str
    sealed: str
    version: int = 0
    enrolled_at: datetime | None = None
    proved_at: datetime | None = None
    counter: int = 0
    wrong: int = 0
    wrong_since: datetime | None = None


class Codes(Protocol):
    """What makes and reads second factors; a secret leaves it only to be shown to its person."""

    def new(self, person: str) -> str:
        """Return a new secret, sealed for that person."""
        ...

    def shown(self, person: str, sealed: str) -> str:
        """Return the secret as people type it; raise UnreadableError."""
        ...

    def counter(self, person: str, sealed: str, code: str, at: datetime) -> int | None:
        """Return the 30 s step that the code is of, None where it is of none near `at`; raise UnreadableError."""
        ...


def is_proved(row: Enrolment | None, at: datetime, grace: timedelta) -> bool:
    """Return whether the person proved a code so recently that none is asked for."""
    if row is None or row.enrolled_at is None or row.proved_at is None:
        return False
    return at - row.proved_at < grace


def tried(row: Enrolment, counter: int | None, at: datetime) -> Enrolment:
    """Return the enrolment after a code that is of that step, or of none."""
    if counter is not None and counter > row.counter:
        return replace(
            row,
            counter=counter,
            proved_at=at,
            enrolled_at=row.enrolled_at or at,
            wrong=0,
            wrong_since=None,
        )
    again = row.wrong_since is not None and at - row.wrong_since < WINDOW
    wrong = row.wrong + 1 if again else 1
    since = row.wrong_since if again and wrong < MOST_WRONG else at
    return replace(row, wrong=wrong, wrong_since=since)


def refuse_locked_out(row: Enrolment, at: datetime, *, what: str) -> None:
    """Refuse the person whose last codes were wrong; the way back is time, or an admin."""
    if row.wrong < MOST_WRONG or row.wrong_since is None or at >= row.wrong_since + WINDOW:
        return
    raise Refusal(
        code=Code.NOT_ALLOWED,
        failed=f"{what}: {MOST_WRONG} wrong codes one after the other. Nothing was changed.",
        expected=f"a code after {row.wrong_since + WINDOW:%H:%M} UTC, or another approver.",
        retry_is_safe=True,
    )


def refuse_unknown(row: Enrolment | None, *, what: str) -> Enrolment:
    """Return the enrolment that counts; refuse where there is none."""
    if row is None or row.enrolled_at is None:
        raise Refusal(
            code=Code.NOT_ALLOWED,
            failed=f"{what}: a purge in production needs your second factor, and you have none yet.",
            expected="`/cache-release step-up` once, then this approval again.",
            retry_is_safe=True,
        )
    return row


def unreadable(*, what: str) -> Refusal:
    """Return what a person is told whose second factor was sealed with a key that the bot no longer has."""
    return Refusal(
        code=Code.NOT_NOW,
        failed=f"{what}: your second factor was sealed with another key. Nothing was changed.",
        expected="an admin who types `/cache-release step-up reset` with your name; then enrol again.",
        retry_is_safe=True,
    )
