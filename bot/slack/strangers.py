"""Who is no full member of the bot's own workspace, and what such an account is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.release.refusal import Code, Refusal


@dataclass(frozen=True, kw_only=True)
class Team:
    """The workspace the bot lives in; `enterprise` is its grid, where there is one."""

    id: str | None = None
    enterprise: str | None = None


def require_member(found: Mapping[str, Any], team: Team) -> None:
    """Refuse who is no full member; `found` is https://docs.slack.dev/reference/objects/user-object."""
    reasons = {
        "is_bot": "a bot",
        "deleted": "deactivated",
        "is_restricted": "a guest",
        "is_ultra_restricted": "a guest",
        "is_stranger": "not a member of this workspace",
    }
    reason = next((text for name, text in reasons.items() if found.get(name)), None)
    if reason is None and _is_foreign(found, team):
        reason = "a member of another workspace"
    if reason is not None:
        raise Refusal(
            code=Code.NOT_ALLOWED,
            failed=f"Not allowed: this account is {reason}. Nothing was changed.",
            expected="a full member of this workspace.",
            retry_is_safe=True,
        )


def _is_foreign(found: Mapping[str, Any], team: Team) -> bool:
    theirs = found.get("team_id")
    if team.id is None or theirs in {None, team.id}:
        return False
    grid = (found.get("enterprise_user") or {}).get("enterprise_id")
    return team.enterprise is None or grid != team.enterprise


def unknown_person() -> Refusal:
    """Return what is said where Slack does not say who somebody is."""
    return Refusal(
        code=Code.NOT_ALLOWED,
        failed="Not allowed: Slack does not say who you are right now. Nothing was changed.",
        expected="an answer from Slack's API; a rollback stays open for the people the catalog names.",
        retry_is_safe=True,
    )
