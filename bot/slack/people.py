"""Who is this person: asked of Slack, remembered for a minute, and answered from memory when Slack is silent."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
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
from bot.release.membership_words import source_words
from bot.release.people import Person
from bot.release.refusal import Refusal
from bot.slack.groups import Emails, Groups, no_pagerduty
from bot.slack.remembered import Peace, Remembered
from bot.slack.strangers import Team, require_member, unknown_person
from bot.slack.views.wording import mention, plain

log = logging.getLogger(__name__)

NAME_FRESH = timedelta(hours=1)
ANY_AGE = timedelta.max
ALWAYS_OPEN = "rollback"
NO_SUCH_USER = frozenset({"user_not_found", "user_not_visible", "users_not_found"})


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
            require_member(self._users.get(user, fresh=FRESH, oldest=oldest), team)
        except Unreachable as silent:
            groups = self._groups_of(user, rollback=True) if rollback else frozenset()
            if not groups and not (rollback and user in self._listed()):
                raise unknown_person() from silent
            log.warning("%s may roll back by what was known last: Slack is silent", user)
            return Person(id=user, groups=groups)
        return Person(id=user, groups=self._groups_of(user, rollback=rollback))

    def still(self, user: str) -> Person:
        """Return the person as they are just before an effect; refuse as `person` does.

        While Slack is silent those count whom the catalog names by id: they were members when they pressed.
        """
        named = user in self._listed()
        try:
            require_member(self._users.get(user, fresh=FRESH, oldest=FRESH), self._team())
        except Unreachable as silent:
            if not named:
                raise unknown_person() from silent
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
        """Return the name a person is shown by, as plain text; a mention where Slack does not say.

        A schedule is shown by those who were on call when somebody asked last.
        """
        if is_schedule(user):
            return self._on_call(user)
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

    def known_members(self, group: str) -> Membership:
        """Return the same as far as it is known without asking anybody."""
        known = self._groups.last(group)
        if known is None:
            raise Unreachable("never asked, and there is no token for Slack here", lasting=True)
        return replace(known, trouble="there is no token for Slack here")

    def _on_call(self, schedule: str) -> str:
        known = self._groups.last(schedule)
        people = [] if known is None else [self.name_of(who) for who in sorted(known.people)]
        return f"{', '.join(people) or 'nobody known'} ({source_words(schedule)})"

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
                    raise unknown_person() from silent
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
