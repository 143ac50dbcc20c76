"""What a page's probes saw, and the words in which each is judged."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from bot.release.cache_headers import Headers, shared_storable
from bot.release.header_rules import Answer
from bot.release.probe_gets import A


class Result(StrEnum):
    """What one probe says; `untested` where what it needs was not safe to ask for, or did not hold."""

    PASS = "pass"
    FAIL = "fail"
    WARN = "warn"
    UNSURE = "unsure"
    UNTESTED = "untested"


Judged = tuple[Result, str]
PASS: Judged = (Result.PASS, "")


@dataclass(frozen=True, kw_only=True)
class Page:
    """What came back; `from_cache` is None where the answer does not say, `at` is Unix time."""

    status: int
    headers: Headers
    body: str
    at: float
    error: str | None
    from_cache: bool | None
    sent: bool = True


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One page's answers by label, the accounts as (name, marker), and what an answer must never repeat.

    `bypassed` says that the catalog names a cookie on which the cache steps aside.
    """

    accounts: tuple[tuple[str, str], ...]
    pages: Mapping[str, Page]
    canary: str
    bypassed: bool = False

    def shown(self, label: str) -> str | None:
        """Return the account whose marker the answer shows; None where it shows none."""
        body = self.pages[label].body if label in self.pages else ""
        texts = (body, html.unescape(body))
        return next(
            (name for name, marker in self.accounts if any(marker in t for t in texts)), None
        )

    def sent(self, *labels: str) -> bool:
        """Return whether all of these were asked for."""
        return all(label in self.pages and self.pages[label].sent for label in labels)

    def trouble(self, *labels: str) -> str | None:
        """Return why an answer is none: an error, or the server's own failure."""
        for label in labels:
            page = self.pages[label]
            if page.error or page.status >= 500:
                return page.error or f"status {page.status}"
        return None

    def hit(self, *labels: str) -> bool:
        """Return whether any of these came from the cache."""
        return any(label in self.pages and self.pages[label].from_cache for label in labels)

    def signed_in(self) -> bool:
        """Return whether account A's page is a page and shows its marker."""
        page = self.pages["a first"]
        return (
            page.status == 200 and not page.error and self.shown("a first") == self.accounts[A][0]
        )

    def storable(self, *labels: str) -> bool:
        """Return whether a shared cache is told to keep any of these."""
        return any(shared_storable(self.pages[one].headers, self.pages[one].at) for one in labels)

    def answers(self, *labels: str, personal: bool) -> Iterator[Answer]:
        """Yield those that came, as the header rules see them."""
        for label in labels:
            if self.sent(label) and self.trouble(label) is None:
                page = self.pages[label]
                yield Answer(
                    headers=page.headers,
                    at=page.at,
                    personal=personal,
                    from_cache=page.from_cache,
                )

    def alike(self, one: str, other: str) -> bool:
        """Return whether two bodies are the same page: length within 2 %, or 95 % of the lines."""
        first, second = self.pages[one].body, self.pages[other].body
        if abs(len(first) - len(second)) <= 0.02 * max(len(first), 1):
            return True
        return SequenceMatcher(None, first.splitlines(), second.splitlines()).ratio() >= 0.95
