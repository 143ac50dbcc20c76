"""What tests of the sandbox Slack look at: refusals, messages, notices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack.server import SandboxSlack

CHANNEL = "C01REL"
DEV = "U04DEV"
Call = Callable[[WebClient], Any]


def refusal(call: Callable[[], Any]) -> dict[str, Any]:
    """Return the answer with which a call is refused."""
    with pytest.raises(SlackApiError) as refused:
        call()
    answer = refused.value.response.data
    assert isinstance(answer, dict)
    return answer


def seen(slack: SandboxSlack, person: str = DEV, channel: str = CHANNEL) -> list[Any]:
    """Return the messages that a person sees."""
    found: list[Any] = slack.state(person)["messages"][channel]
    return found


def notices(slack: SandboxSlack, person: str = DEV) -> list[str]:
    """Return the sentences that Slack itself shows to a person."""
    return [notice["text"] for notice in slack.state(person)["notices"]]
