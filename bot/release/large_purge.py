"""From where on a purge is large: then one more person must say yes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.release.catalog import App
from bot.release.plan import Plan
from bot.release.refusal import Code, Refusal

SHARE_COUNTS_FROM = 50_000


@dataclass(frozen=True, kw_only=True)
class LargePurge:
    """More `keys`, or a larger `share` of the database (0 to 1), need one approval more."""

    keys: int = 1_000_000
    share: float = 0.20


USUAL = LargePurge()


def large_words(plan: Plan, limit: LargePurge) -> str:
    """Return why the plan is large, "" where it is not.

    The share counts from 50,000 keys on: a smaller cache is warm again before anybody is asked.
    """
    if plan.keys > limit.keys:
        return f"{plan.keys:,} keys are more than {limit.keys:,}"
    if plan.keys >= SHARE_COUNTS_FROM and plan.share > limit.share:
        return f"{plan.share:.1%} of the database is more than {limit.share:.0%}"
    return ""


def approvals_more(plan: Mapping[str, Any] | None) -> int:
    """Return how many approvals more a plan needs than the catalog says."""
    return 1 if plan is not None and plan.get("large") else 0


def refuse_too_few(app: App, needed: int) -> None:
    """Refuse an approval that can never be enough: the plan needs more people than the catalog names."""
    people = set(app.approvers)
    if any(name.startswith("S") for name in people) or len(people) >= needed:
        return
    raise Refusal(
        code=Code.NOT_NOW,
        failed=f"Not approved: this purge is large and needs {needed} approvals; the catalog names "
        f"{len(people)} {'approver' if len(people) == 1 else 'approvers'}.",
        expected="one approver more in the catalog, or a release of fewer routes.",
        retry_is_safe=True,
    )
