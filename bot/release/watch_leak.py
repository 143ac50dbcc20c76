"""The leak probe of a watch: L1 on a key of its own, one account, at most three requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.release.leaks import (
    PROOF,
    Page,
    Visit,
    account_is_signed_in,
    nobody_gets_a,
    query_is_keyed,
)
from bot.release.records import Outcome

CANARY, MINE, THEN = PROOF, "a first", "then anybody"
"""The labels of the requests: a key nobody asked for, then another as the account, then that one as anybody."""


def shows_account(accounts: Sequence[tuple[str, str]], bodies: Iterable[str]) -> str | None:
    """Return the account whose page an anonymous visitor got, None where nobody's was."""
    pages = {str(number): _page(body) for number, body in enumerate(bodies)}
    visit = Visit(accounts=tuple(accounts), pages=pages)
    return next((name for label in pages if (name := visit.shown(label)) is not None), None)


def _page(body: str) -> Page:
    return Page(status=200, body=body, error=None, from_cache=None)


def judge_probe(
    path: str, accounts: Sequence[tuple[str, str]], public: str, pages: dict[str, Page]
) -> tuple[str | None, str | None]:
    """Return the leak, or why the probe says nothing; each a sentence, both None where all is well.

    `public` is what anybody got of the page just before. Where the query is no part of the cache key the account was
    never signed in, and nothing is said: the step for logged-in traffic has said so.
    """
    visit = Visit(accounts=tuple(accounts), pages={**pages, "public": _page(public)})
    if query_is_keyed(visit)[0] is not Outcome.PASS:
        return None, None
    for judge in (nobody_gets_a, account_is_signed_in):
        outcome, text = judge(visit)
        if outcome is not Outcome.PASS:
            said = f"{path}: {text}."
            return (said, None) if outcome is Outcome.FAIL else (None, said)
    return None, None
