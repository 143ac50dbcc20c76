"""The leak probe of a watch: L1 on a key of its own, one account, at most four requests."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CANARY, SECOND, MINE, THEN = "key", "other key", "as the account", "then anybody"
"""The labels: two keys nobody ever asked for, then a third as the account, then that one as anybody."""

Accounts = Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What came back for one request; `from_cache` is None where the answer does not say."""

    status: int
    body: str
    error: str | None
    from_cache: bool | None

    @property
    def trouble(self) -> str | None:
        """Return why it is no page to judge."""
        return self.error or (None if self.status == 200 else f"status {self.status}")


def whose(accounts: Accounts, body: str) -> str | None:
    """Return the account whose marker a page shows, None where it shows none; accounts are (name, marker)."""
    texts = (body, html.unescape(body))
    return next((name for name, marker in accounts if any(marker in text for text in texts)), None)


def judge_probe(
    path: str, accounts: Accounts, pages: Mapping[str, Shown]
) -> tuple[str | None, str | None]:
    """Return the leak, or why the probe says nothing; each a sentence, both None where all is well.

    Where the two keys were no plain misses the query may be no part of the cache key: then the account was never sent,
    and nothing is said here, for the step that tests logged-in traffic has said so.
    """
    if any(
        pages[label].trouble or pages[label].from_cache is not False for label in (CANARY, SECOND)
    ):
        return None, None
    then, mine, name = pages[THEN], pages[MINE], accounts[0][0]
    shown = whose(accounts, then.body)
    if shown is not None:
        return f"{path}: an anonymous visitor got the page of account {shown}.", None
    if mine.trouble is not None or whose(accounts, mine.body) != name:
        seen = mine.trouble or "its marker is not on the page"
        said = f"account {name} is not signed in ({seen}); its cookie may have expired"
        return None, f"{path}: {said}."
    if then.trouble is not None:
        return None, f"{path}: an anonymous visitor got no page ({then.trouble})."
    return None, None
