"""What people do in Slack that is no request: nothing runs, and nobody is answered."""

from __future__ import annotations

from typing import Any

import pytest

from tests.slack.stories import ARI, OLGA
from tests.slack.test_door import CHANNEL, World, opened, world

__all__ = ["opened", "world"]

EVENTS: dict[str, dict[str, Any]] = {
    "a reaction": {"type": "reaction_added", "user": ARI, "reaction": "white_check_mark"},
    "a reaction taken back": {"type": "reaction_removed", "user": ARI, "reaction": "+1"},
    "a message": {"type": "message", "user": ARI, "channel": CHANNEL, "text": "approve"},
    "an edited message": {"type": "message", "subtype": "message_changed", "channel": CHANNEL},
    "a deleted message": {"type": "message", "subtype": "message_deleted", "channel": CHANNEL},
    "a mention by a bot": {"type": "app_mention", "bot_id": "B1", "text": "<@U0BOT> rollback"},
}


@pytest.mark.parametrize("kind", EVENTS)
def test_what_is_no_request_does_nothing(world: World, kind: str) -> None:
    event = {"item": {"channel": CHANNEL, "ts": "1.2"}, "channel": CHANNEL, **EVENTS[kind]}
    body = {"type": "event_callback", "team_id": "T01SANDBOX", "event_id": kind, "event": event}
    told = len(world.told()) + len(world.told(ARI))
    world.dispatch(body)
    world.types("help", OLGA)
    world.waits(lambda: world.commands.asks, "what was asked afterwards")
    assert [ask.verb for ask in world.commands.asks] == ["help"]
    world.waits(lambda: len(world.told()) + len(world.told(ARI)) == told + 1, "one answer")
