"""Which scope each event and feature of an app needs, and what is wrong with a manifest that does not ask for it.

From the reference of Slack's events and scopes: https://docs.slack.dev/reference/events
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.sandbox.slack.method import Method

EVENTS: Mapping[str, tuple[str, ...]] = {
    "app_home_opened": (),
    "app_mention": ("app_mentions:read",),
    "app_uninstalled": (),
    "channel_archive": ("channels:read",),
    "channel_deleted": ("channels:read",),
    "channel_left": ("channels:read",),
    "channel_unarchive": ("channels:read",),
    "group_archive": ("groups:read",),
    "group_left": ("groups:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "reaction_added": ("reactions:read",),
    "subteam_created": ("usergroups:read",),
    "subteam_members_changed": ("usergroups:read",),
    "subteam_updated": ("usergroups:read",),
    "tokens_revoked": (),
    "user_change": ("users:read",),
}
"""Each event with the scopes of which one is needed; with none it comes to every app."""
IN_EVERY_PLACE = {
    "conversations.history": ("channels:history", "groups:history", "im:history"),
    "conversations.open": ("im:write",),
    "conversations.replies": ("channels:history", "groups:history", "im:history"),
}
"""Methods that need a scope for each kind of place in which the bot is: all of them."""


def needed_scopes(
    methods: Iterable[str], known: Mapping[str, Method], manifest: Mapping[str, Any]
) -> dict[str, set[str]]:
    """Return each scope that an app with this manifest needs, with what needs it; KeyError for an unknown name."""
    needed: dict[str, set[str]] = {}
    for name in methods:
        for scope in IN_EVERY_PLACE.get(name, known[name].scopes[:1]):
            needed.setdefault(scope, set()).add(name)
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    for event in events:
        for scope in EVENTS[event][:1]:
            needed.setdefault(scope, set()).add(event)
    if manifest["features"].get("slash_commands") or manifest["features"].get("shortcuts"):
        needed.setdefault("commands", set()).add("slash commands and shortcuts")
    return needed
