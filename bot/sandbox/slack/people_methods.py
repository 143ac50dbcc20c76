"""The users.*, usergroups.* and auth.* methods."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.method import Method
from bot.sandbox.slack.rates import GENEROUS, TIER_2, TIER_3, TIER_4
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
    person = store.workspace.known(user)
    if person is None and user == bot.id:
        person = Person(id=bot.id, name=bot.name, real_name=bot.name, is_bot=True)
    if person is None:
        raise SlackError("user_not_found")
    return {"user": _person(store, person)}


def user_by_email(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Return the member with that address; who has left or is at home elsewhere is not found."""
    email = arguments.needed("email").lower()
    for person in store.workspace.people:
        if person.email is not None and person.email.lower() == email:
            return {"user": _person(store, person)}
    raise SlackError("users_not_found")


def _person(store: Store, person: Person) -> dict[str, Any]:
    """Return a user object: https://docs.slack.dev/reference/objects/user-object."""
    mail = "users:read.email" in store.workspace.scopes and person.email is not None
    profile = {"real_name": person.real_name, "display_name": person.name}
    shown: dict[str, Any] = {
        "id": person.id,
        "team_id": person.team or store.workspace.team.id,
        "name": person.name,
        "real_name": person.real_name,
        "deleted": person.is_deactivated,
        "tz": person.timezone,
        "profile": profile | ({"email": person.email} if mail else {}),
        "is_bot": person.is_bot,
        "is_app_user": False,
    }
    if person.team is not None:
        shown["is_stranger"] = True
    if person.is_deactivated:
        return shown
    return shown | {
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": False,
    }


def groups(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Return the user groups, with their members where `include_users` asks for them."""
    with_users = arguments.flag("include_users")
    found = store.workspace.groups
    return {"usergroups": [group_described(store, group, with_users=with_users) for group in found]}


def group_described(store: Store, group: Group, *, with_users: bool) -> dict[str, Any]:
    """Return a user group object: https://docs.slack.dev/reference/objects/usergroup-object."""
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
    Method(
        name="users.lookupByEmail", run=user_by_email, rate=TIER_3, scopes=("users:read.email",)
    ),
    Method(name="usergroups.list", run=groups, rate=TIER_2, scopes=GROUPS_READ),
    Method(name="usergroups.users.list", run=group_members, rate=TIER_2, scopes=GROUPS_READ),
)
