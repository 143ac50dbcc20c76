"""Who and what is in the sandbox workspace: people, groups, channels, the bot and its manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

NAME = "sandbox"


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody Slack knows; `note` says beside the name why this person is here.

    `team` is the home of somebody from another workspace, who is here by Slack Connect.
    """

    id: str
    name: str
    real_name: str
    note: str = ""
    is_admin: bool = False
    is_restricted: bool = False
    is_bot: bool = False
    is_deactivated: bool = False
    team: str | None = None
    email: str | None = None
    timezone: str = "Etc/UTC"


@dataclass(frozen=True, kw_only=True)
class Group:
    """A user group; `members` are person ids."""

    id: str
    handle: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A conversation; every person is in every channel, the bot only where it says so.

    `person` is set in the direct message between the bot and that person.
    """

    id: str
    name: str
    topic: str = ""
    bot_is_member: bool = True
    is_private: bool = False
    is_archived: bool = False
    person: str | None = None


@dataclass(frozen=True, kw_only=True)
class Bot:
    """The app's bot user (`id`), its bot id and its app id."""

    id: str
    bot_id: str
    app_id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Team:
    """The workspace itself."""

    id: str
    name: str
    domain: str


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """All that Slack knows before anybody acts; `manifest` is the app manifest as parsed JSON.

    `others` are known to Slack and have no page of their own: left, machines, or at home elsewhere.
    `links` are shown on the page beside the channels: `{"label": text, "url": address}`.
    """

    team: Team
    bot: Bot
    people: tuple[Person, ...]
    groups: tuple[Group, ...]
    channels: tuple[Channel, ...]
    bot_token: str
    app_token: str
    signing_secret: str
    manifest: Mapping[str, Any]
    others: tuple[Person, ...] = ()
    links: Sequence[Mapping[str, str]] = ()

    @property
    def scopes(self) -> tuple[str, ...]:
        """Return the bot scopes that the manifest asks for."""
        scopes = self.manifest.get("oauth_config", {}).get("scopes", {})
        return tuple(scopes.get("bot", ()))

    @property
    def bot_events(self) -> tuple[str, ...]:
        """Return the names of the events that the manifest subscribes to."""
        events = self.manifest.get("settings", {}).get("event_subscriptions", {})
        return tuple(events.get("bot_events", ()))

    @property
    def commands(self) -> tuple[Mapping[str, Any], ...]:
        """Return the slash commands of the manifest."""
        return tuple(self.manifest.get("features", {}).get("slash_commands", ()))

    @property
    def shortcuts(self) -> tuple[Mapping[str, Any], ...]:
        """Return the message shortcuts of the manifest; global ones are not drawn here."""
        found = self.manifest.get("features", {}).get("shortcuts", ())
        return tuple(shortcut for shortcut in found if shortcut.get("type") == "message")

    def person(self, person_id: str) -> Person | None:
        """Return the person with this id, or None."""
        return next((person for person in self.people if person.id == person_id), None)

    def known(self, person_id: str) -> Person | None:
        """Return the person with this id, also one without a page."""
        everybody = (*self.people, *self.others)
        return next((person for person in everybody if person.id == person_id), None)

    def with_members(self, group_id: str, members: tuple[str, ...]) -> Workspace:
        """Return the workspace with other people in a group, or with a new group of that id."""
        known = {group.id: group for group in self.groups}
        new = Group(id=group_id, handle=group_id.lower(), name=group_id, members=())
        known[group_id] = replace(known.get(group_id, new), members=members)
        return replace(self, groups=tuple(known.values()))


def demo_workspace(manifest: Mapping[str, Any]) -> Workspace:
    """Return the workspace of the demo and of the tests, with the bot that `manifest` describes."""
    bot_name = manifest["features"]["bot_user"]["display_name"]
    return Workspace(
        team=Team(id="T01SANDBOX", name="Sandbox", domain=NAME),
        bot=Bot(id="U0BOT", bot_id="B0BOT", app_id="A0SANDBOX", name=bot_name),
        people=tuple(
            replace(person, email=f"{person.name}@shop.example")
            for person in (
                Person(id="U01OWNER", name="olga", real_name="Olga", note="owner"),
                Person(id="U02APPROVER", name="ari", real_name="Ari", note="approver"),
                Person(id="U03ONCALL", name="nico", real_name="Nico", note="on call"),
                Person(id="U01ADMIN", name="ada", real_name="Ada", note="admin", is_admin=True),
                Person(id="U04DEV", name="dana", real_name="Dana", note="developer"),
                Person(
                    id="U05GUEST", name="gus", real_name="Gus", note="guest", is_restricted=True
                ),
            )
        ),
        others=(
            Person(id="U06LEFT", name="lena", real_name="Lena", is_deactivated=True),
            Person(id="U07ROBOT", name="robot", real_name="Robot", is_bot=True),
            Person(id="U08PARTNER", name="pia", real_name="Pia", team="T02PARTNER"),
        ),
        groups=(
            Group(
                id="S01CACHE",
                handle="cache-approvers",
                name="Cache approvers",
                members=("U02APPROVER",),
            ),
        ),
        channels=(
            Channel(id="C01REL", name="releases", topic="Cache releases, one thread each"),
            Channel(
                id="C02RANDOM", name="random", topic="The bot is not in here", bot_is_member=False
            ),
        ),
        bot_token=f"xoxb-{NAME}",
        app_token=f"xapp-{NAME}",
        signing_secret=f"{NAME}-signing-secret",
        manifest=manifest,
    )
