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
from bot.release.membership import (
    FRESH,
    Membership,
    Memberships,
    Unreachable,
    is_group,
    is_schedule,
)
from bot.release.people import Person
from bot.release.refusal import Code, Refusal
from bot.slack.groups import Emails, Groups, no_pagerduty
from bot.slack.remembered import Peace, Remembered
from bot.slack.views.wording import mention, plain

log = logging.getLogger(__name__)

NAME_FRESH = timedelta(hours=1)
ANY_AGE = timedelta.max
ALWAYS_OPEN = "rollback"
NO_SUCH_USER = frozenset({"user_not_found", "user_not_visible", "users_not_found"})


@dataclass(frozen=True, kw_only=True)
class Team:
    """The workspace the bot lives in; `enterprise` is its grid, where there is one."""

    id: str | None = None
    enterprise: str | None = None


class People:
    """Finds people; rollback stays open for those the catalog names, even while Slack's API is down."""

    def __init__(
        self,
        client: WebClient,
        catalog: Catalog,
        now: Callable[[], datetime],
        copies: Memberships,
        *,
        team: Callable[[], Team] = Team,
        emails: Emails = no_pagerduty,
    ) -> None:
        """Take a client with a short timeout and no retries of its own, and where groups are remembered.

        `team` is the bot's own workspace; it and `emails` raise Unreachable where nobody says.
        """
        self._client = client
        self._catalog = catalog
        self._team = team
        peace = Peace(now)
        self._users = Remembered(self._fetch_user, now, peace)
        self._groups = Groups(client, copies, now, peace, emails)

    def person(self, user: str, *, verb: str, team: Team) -> Person:
        """Return the person with the groups the catalog names; refuse bots, guests, strangers and the gone."""
        rollback = verb == ALWAYS_OPEN
        try:
            oldest = ANY_AGE if rollback else FRESH
            _require_member(self._users.get(user, fresh=FRESH, oldest=oldest), team)
        except Unreachable as silent:
            groups = self._groups_of(user, rollback=True) if rollback else frozenset()
            if not groups and not (rollback and user in self._listed()):
                raise _unknown_person() from silent
            log.warning("%s may roll back by what was known last: Slack is silent", user)
            return Person(id=user, groups=groups)
        return Person(id=user, groups=self._groups_of(user, rollback=rollback))

    def still(self, user: str) -> Person:
        """Return the person as they are just before an effect; refuse as `person` does.

        While Slack is silent those count whom the catalog names by id: they were members when they pressed.
        """
        named = user in self._listed()
        try:
            _require_member(self._users.get(user, fresh=FRESH, oldest=FRESH), self._team())
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

    def group_changed(self, group: str) -> None:
        """Ask anew for a group of which Slack says that it changed; nothing where the catalog does not name it."""
        if group in self._listed():
            self._groups.changed(group)

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

    def members_of(self, group: str) -> Membership:
        """Return who is in a user group or on call, as known last; raise Unreachable where nobody ever said."""
        return self._groups.get(group, any_age=True)

    def _listed(self) -> frozenset[str]:
        """Return every name that the catalog gives a right to."""
        apps = self._catalog.apps.values()
        named = [name for app in apps for name in (app.owner, *app.approvers, *app.oncall)]
        return frozenset([*self._catalog.people.admins, *named])

    def _groups_of(self, user: str, *, rollback: bool) -> frozenset[str]:
        """Return the person's groups; a schedule that is silent gives no right, a group refuses all but rollbacks."""
        found = set()
        for group in sorted(filter(is_group, self._listed())):
            try:
                members = self._groups.get(group, any_age=rollback).people
            except Unreachable as silent:
                if not rollback and not silent.lasting and not is_schedule(group):
                    raise _unknown_person() from silent
                log.warning("nobody counts as one of %s: %s", group, silent)
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
