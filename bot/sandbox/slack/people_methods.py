"""The users.*, usergroups.* and auth.* methods."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.method import Method
from bot.sandbox.slack.rates import GENEROUS, TIER_2, TIER_4
from bot.sandbox.slack.refused import SlackError
from bot.sandbox.slack.state import Store
from bot.sandbox.slack.workspace import Group, Person


def test_auth(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Say whose token this is."""
    workspace = store.workspace
    return {
        "url": store.base_url,
        "team": workspace.team.name,
        "team_id": workspace.team.id,
        "user": workspace.bot.name,
        "user_id": workspace.bot.id,
        "bot_id": workspace.bot.bot_id,
        "is_enterprise_install": False,
    }


def user_info(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Return one person, or the bot's own user."""
    user = arguments.needed("user")
    bot = store.workspace.bot
    person = store.workspace.person(user)
    if person is None and user == bot.id:
        person = Person(id=bot.id, name=bot.name, real_name=bot.name)
    if person is None:
        raise SlackError("user_not_found")
    return {
        "user": {
            "id": person.id,
            "team_id": store.workspace.team.id,
            "name": person.name,
            "real_name": person.real_name,
            "deleted": False,
            "tz": person.timezone,
            "profile": {"real_name": person.real_name, "display_name": person.name},
            "is_admin": person.is_admin,
            "is_owner": False,
            "is_restricted": person.is_restricted,
            "is_ultra_restricted": False,
            "is_bot": user == bot.id,
            "is_app_user": False,
        }
    }


def groups(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Return the user groups, with their members where `include_users` asks for them."""
    with_users = arguments.flag("include_users")
    found = store.workspace.groups
    return {"usergroups": [_described(store, group, with_users) for group in found]}


def _described(store: Store, group: Group, with_users: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": group.id,
        "team_id": store.workspace.team.id,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "date_delete": 0,
        "user_count": len(group.members),
    }
    return shown | ({"users": list(group.members)} if with_users else {})


def group_members(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Return the members of one user group."""
    wanted = arguments.needed("usergroup")
    for group in store.workspace.groups:
        if group.id == wanted:
            return {"users": list(group.members)}
    raise SlackError("no_such_subteam")


GROUPS_READ = ("usergroups:read",)
METHODS = (
    Method(name="auth.test", run=test_auth, rate=GENEROUS),
    Method(name="users.info", run=user_info, rate=TIER_4, scopes=("users:read",)),
    Method(name="usergroups.list", run=groups, rate=TIER_2, scopes=GROUPS_READ),
    Method(name="usergroups.users.list", run=group_members, rate=TIER_2, scopes=GROUPS_READ),
)
