"""How the text of one setting becomes a value, or a reason why it cannot."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.release.problems import Problem
from bot.release.working_hours import WorkingHours, parse_hours

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Unfit(Exception):
    """A text that cannot be used: what was found (never a secret), what was expected, and what to do."""

    def __init__(self, *, found: str, expected: str, hint: str) -> None:
        """Take the parts of a problem; whoever reads the setting adds its name."""
        super().__init__(found, expected, hint)
        self.found, self.expected, self.hint = found, expected, hint

    def of(self, name: str) -> Problem:
        """Return the problem of the setting of that name."""
        return Problem(name=name, found=self.found, expected=self.expected, hint=self.hint)


def token(start: str, hint: str) -> Callable[[str], SecretStr]:
    """Return a reader of Slack tokens that start so; a token of another kind is named by its start alone."""

    def read(text: str) -> SecretStr:
        if text.startswith(start) and re.fullmatch(r"[!-~]{8,500}", text):
            return SecretStr(text)
        known = re.match(r"xox[a-z]-|xapp-", text)
        other = "something else" if text else "nothing"
        found = f"a token that starts with {known[0]}" if known else other
        raise Unfit(found=found, expected=f"a token that starts with {start}", hint=hint)

    return read


def secret(least: int, hint: str) -> Callable[[str], SecretStr]:
    """Return a reader of secrets of at least so many printable characters without spaces."""

    def read(text: str) -> SecretStr:
        if re.fullmatch(rf"[!-~]{{{least},500}}", text):
            return SecretStr(text)
        raise Unfit(
            found=f"{len(text)} characters" if text else "nothing",
            expected=f"{least} to 500 printable characters without spaces",
            hint=hint,
        )

    return read


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from `least` to `most`."""

    def read(text: str) -> int:
        if re.fullmatch(r"[0-9]{1,12}", text) and least <= int(text) <= most:
            return int(text)
        raise Unfit(
            found=repr(text[:20]),
            expected=f"a whole number from {least} to {most}",
            hint="Leave it out to have the default.",
        )

    return read


def choice(*words: str) -> Callable[[str], str]:
    """Return a reader of one of the words."""

    def read(text: str) -> str:
        if text.lower() in words:
            return text.lower()
        raise Unfit(
            found=repr(text[:20]),
            expected=f"one of {', '.join(words)}",
            hint="Leave it out to have the default.",
        )

    return read


def working_hours(text: str) -> WorkingHours:
    """Return the hours that `Mo-Fr 09:00-17:30 Europe/Berlin` names, or all of them for `always`."""
    hours = parse_hours(text)
    if hours is not None:
        return hours
    raise Unfit(
        found=repr(text[:40]),
        expected="days, a span and a time zone, such as Mo-Fr 09:00-17:30 Europe/Berlin, or always",
        hint="Days are Mo Tu We Th Fr Sa Su, as a range or with commas; the span ends on the same day.",
    )


def api_url(text: str) -> str:
    """Return the base URL of a Slack's Web API, ending in a slash."""
    return _api(text, "Slack's own is https://slack.com/api/.")


def pagerduty_url(text: str) -> str:
    """Return the base URL of PagerDuty's API, ending in a slash."""
    return _api(text, "PagerDuty's own is https://api.pagerduty.com/.")


def _api(text: str, hint: str) -> str:
    parts = _split(text)
    if parts is not None and parts == ("", ""):
        return text.rstrip("/") + "/"
    expected = "an http or https URL without a password or a query"
    raise Unfit(found="no such URL", expected=expected, hint=hint)


def _split(text: str) -> tuple[str, str] | None:
    """Return the user part and the query of an http URL, None where it is none."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    return "@" if "@" in parts.netloc else "", parts.query + parts.fragment


def database_url(text: str) -> SecretStr:
    """Return a database URL in SQLAlchemy's words; postgres:// and postgresql:// mean psycopg."""
    if re.match(r"sqlite:///.", text):
        return SecretStr(text)
    found = re.match(r"postgres(?:ql)?(?:\+psycopg)?://(?=.)", text)
    if found:
        return SecretStr("postgresql+psycopg://" + text[found.end() :])
    scheme = text.partition("://")[0] if "://" in text else ""
    raise Unfit(
        found=f"a URL that starts with {scheme[:20]}://" if scheme else "no URL",
        expected="sqlite:///<file> or postgresql://<user>:<password>@<host>/<database>",
        hint="Leave it out for a SQLite file in var/.",
    )


def snapshot_url(text: str) -> str:
    """Return where snapshots are kept: a folder, or file:///folder."""
    scheme, mark, rest = text.partition("://")
    if not mark or (scheme == "file" and rest.startswith("/")):
        return text
    raise Unfit(
        found=f"{scheme[:20]}://",
        expected="a folder, or file:///folder",
        hint="Leave it out for var/snapshots.",
    )


def strange_names(names: Iterable[str], start: str, known: Sequence[str]) -> list[Problem]:
    """Return a problem for each name with that start that nothing reads: most are misspelt."""
    every = [*known, *(f"{name}_FILE" for name in known)]
    found = []
    for name in sorted(names):
        if name.startswith(start) and name not in every:
            near = difflib.get_close_matches(name, every, n=1)
            found.append(
                Problem(
                    name=name,
                    found="a setting that nothing reads",
                    expected="one of the bot's settings",
                    hint=f"Did you mean {near[0]}?" if near else "Take it away.",
                )
            )
    return found


def clear_text(name: str, url: str) -> list[Problem]:
    """Return a problem where secrets would travel to another machine without TLS."""
    parts = urlsplit(url)
    if parts.scheme == "https" or parts.hostname in LOOPBACK:
        return []
    return [
        Problem(
            name=name,
            found="http to another machine, so the bot's token travels in clear",
            expected="https",
            hint="Use https unless the network between is yours.",
        )
    ]
