"""Who is this person: asked of Slack, remembered for a minute, and answered from memory when Slack is silent."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.release.catalog import Catalog
from bot.release.people import Person
from bot.release.refusal import Code, Refusal
from bot.slack.remembered import Peace, Remembered, Unreachable
from bot.slack.views.wording import mention, plain

log = logging.getLogger(__name__)

FRESH = timedelta(seconds=60)
NAME_FRESH = timedelta(hours=1)
OLDEST_GROUP = timedelta(minutes=10)
ANY_AGE = timedelta.max
ALWAYS_OPEN = "rollback"
NO_SUCH_USER = frozenset({"user_not_found", "user_not_visible", "users_not_found"})
NO_SUCH_GROUP = frozenset(
    {"no_such_subteam", "subteam_not_found", "plan_upgrade_required", "missing_scope"}
)


@dataclass(frozen=True, kw_only=True)
class Team:
    """The workspace the bot lives in; `enterprise` is its grid, where there is one."""

    id: str | None = None
    enterprise: str | None = None


class People:
    """Finds people; rollback stays open for those the catalog names, even while Slack's API is down."""

    def __init__(self, client: WebClient, catalog: Catalog, now: Callable[[], datetime]) -> None:
        """Take a client with a short timeout and no retries of its own."""
        self._client = client
        self._catalog = catalog
        peace = Peace(now)
        self._users = Remembered(self._fetch_user, now, peace)
        self._groups = Remembered(self._fetch_group, now, peace)

    def person(self, user: str, *, verb: str, team: Team) -> Person:
        """Return the person with the groups the catalog names; refuse bots, guests, strangers and the gone."""
        rollback = verb == ALWAYS_OPEN
        try:
            oldest = ANY_AGE if rollback else OLDEST_GROUP
            _require_member(self._users.get(user, fresh=FRESH, oldest=oldest), team)
        except Unreachable as silent:
            if not rollback or user not in self._listed():
                raise _unknown_person() from silent
            log.warning("%s may roll back by the catalog alone: Slack is silent", user)
        return Person(id=user, groups=self._groups_of(user, rollback=rollback))

    def still(self, user: str) -> Person:
        """Return the person as they are just before an effect; refuse as `person` does.

        While Slack is silent those count whom the catalog names by id: they were members when they pressed.
        """
        named = user in self._listed()
        try:
            _require_member(self._users.get(user, fresh=FRESH, oldest=OLDEST_GROUP), Team())
        except Unreachable as silent:
            if not named:
                raise _unknown_person() from silent
            log.warning("%s counts by the catalog alone: Slack is silent", user)
        try:
            groups = self._groups_of(user, rollback=False)
        except Refusal:
            if not named:
                raise
            groups = frozenset()
        return Person(id=user, groups=groups)

    def name_of(self, user: str) -> str:
        """Return the name a person is shown by, as plain text; a mention where Slack does not say."""
        if mention(user) != f"<@{user}>":
            return user.replace("terminal:", "") if user.startswith("terminal:") else user
        try:
            found = self._users.get(user, fresh=NAME_FRESH, oldest=ANY_AGE)
        except Unreachable:
            return mention(user)
        profile = found.get("profile") or {}
        names = (profile.get("display_name"), found.get("real_name"), found.get("name"))
        name = next((str(name) for name in names if name), "")
        return "@" + re.sub(r"[<>@\n]", "", plain(name))[:40] if name else mention(user)

    def members_of(self, group: str) -> frozenset[str]:
        """Return who is in a user group; raise OSError where Slack does not say."""
        try:
            return self._groups.get(group, fresh=FRESH, oldest=ANY_AGE)
        except Unreachable as silent:
            raise OSError(f"Slack does not say who is in {group}") from silent

    def _listed(self) -> frozenset[str]:
        """Return every name that the catalog gives a right to."""
        apps = self._catalog.apps.values()
        named = [name for app in apps for name in (app.owner, *app.approvers, *app.oncall)]
        return frozenset([*self._catalog.people.admins, *named])

    def _groups_of(self, user: str, *, rollback: bool) -> frozenset[str]:
        found = set()
        for group in sorted(name for name in self._listed() if name.startswith("S")):
            try:
                oldest = ANY_AGE if rollback else OLDEST_GROUP
                members = self._groups.get(group, fresh=FRESH, oldest=oldest)
            except Unreachable as silent:
                if not rollback:
                    raise _unknown_person() from silent
                continue
            if user in members:
                found.add(group)
        return frozenset(found)

    def _fetch_user(self, user: str) -> Mapping[str, Any]:
        try:
            found: Mapping[str, Any] = self._client.users_info(user=user)["user"]
        except SlackApiError as error:
            if error.response.get("error") in NO_SUCH_USER:
                return {"is_stranger": True}
            raise Unreachable(str(error.response.get("error"))) from error
        except (OSError, HTTPException) as error:
            raise Unreachable(type(error).__name__) from error
        return found

    def _fetch_group(self, group: str) -> frozenset[str]:
        try:
            return frozenset(self._client.usergroups_users_list(usergroup=group)["users"])
        except SlackApiError as error:
            if error.response.get("error") in NO_SUCH_GROUP:
                log.warning("user group %s is empty: %s", group, error.response.get("error"))
                return frozenset()
            raise Unreachable(str(error.response.get("error"))) from error
        except (OSError, HTTPException) as error:
            raise Unreachable(type(error).__name__) from error


def _require_member(found: Mapping[str, Any], team: Team) -> None:
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


def _unknown_person() -> Refusal:
    return Refusal(
        code=Code.NOT_ALLOWED,
        failed="Not allowed: Slack does not say who you are right now. Nothing was changed.",
        expected="an answer from Slack's API; a rollback stays open for the people the catalog names.",
        retry_is_safe=True,
    )
