"""A user group gets other members, and the app hears of it."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack import payloads
from bot.sandbox.slack.carrier import Carrier
from bot.sandbox.slack.people_methods import group_described
from bot.sandbox.slack.state import Store


def change_group(store: Store, carrier: Carrier, group_id: str, members: tuple[str, ...]) -> None:
    """Keep who is in the group now, and send the events that the app asked for and has the scope for."""
    before = {group.id: group.members for group in store.workspace.groups}
    store.workspace = store.workspace.with_members(group_id, members)
    (group,) = (group for group in store.workspace.groups if group.id == group_id)
    whole = {"subteam": group_described(store, group, with_users=True)}
    old = before.get(group_id)
    if old is None:
        _tell(store, carrier, {"type": "subteam_created", **whole})
        return
    _tell(store, carrier, {"type": "subteam_updated", **whole})
    changed = {
        "type": "subteam_members_changed",
        "subteam_id": group_id,
        "team_id": store.workspace.team.id,
        "added_users": [who for who in members if who not in old],
        "removed_users": [who for who in old if who not in members],
    }
    _tell(store, carrier, changed)


def _tell(store: Store, carrier: Carrier, inner: dict[str, Any]) -> None:
    asked = inner["type"] in store.workspace.bot_events
    if asked and "usergroups:read" in store.workspace.scopes:
        carrier.tell(payloads.event(store, inner))
