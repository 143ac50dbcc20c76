"""What Slack says when a user group changes: its members are asked anew at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import App

from bot.slack.people import People

Listener = Callable[[Mapping[str, Any]], None]


def hear_groups(app: App, people: People) -> None:
    """Listen to https://docs.slack.dev/reference/events/subteam_updated and its two kin."""
    heard = _listener(people)
    app.event("subteam_created")(heard)
    app.event("subteam_members_changed")(heard)
    app.event("subteam_updated")(heard)


def _listener(people: People) -> Listener:
    def on_group(event: Mapping[str, Any]) -> None:
        """Bolt acknowledges an event before this runs, so that asking Slack keeps nobody waiting."""
        group = event.get("subteam_id") or (event.get("subteam") or {}).get("id")
        if group:
            people.group_changed(str(group))

    return on_group
