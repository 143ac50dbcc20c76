"""Who is in a user group, or on call by a PagerDuty schedule: the ledger's copy, asked anew after a minute."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from http.client import HTTPException
from threading import Lock
from typing import TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.release.membership import (
    Membership,
    Memberships,
    Unreachable,
    is_schedule,
    schedule_id,
)
from bot.slack.remembered import Peace

log = logging.getLogger(__name__)

NO_SUCH_GROUP = frozenset({"no_such_subteam", "subteam_not_found"})
NO_SUCH_PERSON = frozenset({"users_not_found", "user_not_found", "user_not_visible"})
LASTING = frozenset({"plan_upgrade_required", "missing_scope"})

Emails = Callable[[str], Iterable[str]]
Value = TypeVar("Value")


def no_pagerduty(schedule: str) -> tuple[str, ...]:
    """Raise Unreachable: there is no token to ask PagerDuty with."""
    raise Unreachable("PAGERDUTY_TOKEN is not set", lasting=True)


class Groups:
    """Answers by the catalog's name of a group; what was answered is kept in the ledger, for all processes."""

    def __init__(
        self,
        client: WebClient,
        copies: Memberships,
        now: Callable[[], datetime],
        peace: Peace,
        emails: Emails = no_pagerduty,
    ) -> None:
        """Take Slack's client with its peace; `emails` gives those on call, or raises Unreachable."""
        self._client = client
        self._copies = copies
        self._now = now
        self._peace = peace
        self._emails = emails
        self._pagerduty_peace = Peace(now)
        self._locks: dict[str, Lock] = {}
        self._guard = Lock()

    def get(self, name: str, *, any_age: bool) -> Membership:
        """Return who is in it, as of the last minute; with `any_age` the last copy where nobody answers."""
        known = self._copies.membership(name)
        if known is not None and known.is_fresh(self._now()):
            return known
        with self._lock(name):
            known = self._copies.membership(name)
            if known is not None and known.is_fresh(self._now()):
                return known
            try:
                return self._ask(name)
            except Unreachable as silent:
                if known is None or not any_age:
                    raise
                log.warning("using what was known of %s at %s: %s", name, known.at, silent)
                return replace(known, trouble=str(silent))

    def last(self, name: str) -> Membership | None:
        """Return what was answered last, without asking; None where nobody ever answered."""
        return self._copies.membership(name)

    def changed(self, name: str) -> None:
        """Ask anew for a group of which Slack says that it changed; until then its copy is not fresh."""
        self._copies.doubt_membership(name, self._now())
        try:
            self._ask(name)
        except Unreachable as silent:
            log.warning("%s changed, and is asked for again when it is needed: %s", name, silent)

    def _ask(self, name: str) -> Membership:
        asked_at = self._now()
        found = self._on_call(name) if is_schedule(name) else self._in_group(name)
        answer = replace(found, at=asked_at)
        self._copies.keep_membership(answer)
        return answer

    def _in_group(self, name: str) -> Membership:
        """Return the members of a user group: https://docs.slack.dev/reference/methods/usergroups.users.list."""
        users = self._peace.ask(
            lambda: _asked(
                lambda: self._client.usergroups_users_list(usergroup=name)["users"],
                NO_SUCH_GROUP,
            )
        )
        return Membership(name=name, people=frozenset(users or ()), at=self._now())

    def _on_call(self, name: str) -> Membership:
        """Return who is on call: https://docs.slack.dev/reference/methods/users.lookupByEmail gives the ids."""
        schedule = schedule_id(name)
        emails = self._pagerduty_peace.ask(lambda: sorted(self._emails(schedule)))
        found = [self._by_email(email) for email in emails]
        people = frozenset(who for who in found if who is not None)
        return Membership(name=name, people=people, at=self._now(), strangers=found.count(None))

    def _by_email(self, email: str) -> str | None:
        return self._peace.ask(
            lambda: _asked(
                lambda: str(self._client.users_lookupByEmail(email=email)["user"]["id"]),
                NO_SUCH_PERSON,
            )
        )

    def _lock(self, name: str) -> Lock:
        with self._guard:
            return self._locks.setdefault(name, Lock())


def _asked(question: Callable[[], Value], nothing: frozenset[str]) -> Value | None:
    """Return Slack's answer, None where it says that there is no such thing; raise Unreachable for no answer."""
    try:
        return question()
    except SlackApiError as error:
        said = str(error.response.get("error"))
        if said in nothing:
            return None
        raise Unreachable(f"Slack answers {said}", lasting=said in LASTING) from error
    except (OSError, HTTPException) as error:
        raise Unreachable(f"Slack does not answer ({type(error).__name__})") from error
