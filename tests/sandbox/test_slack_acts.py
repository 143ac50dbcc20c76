from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack.server import SandboxSlack
from tests.sandbox.looking import CHANNEL, DEV, seen

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a command in a thread": (
        {"do": "command", "channel": CHANNEL, "text": "/cache-release x", "thread_ts": "1.1"},
        "/cache-release is not supported in threads. Sorry!",
    ),
    "a command that nobody has": (
        {"do": "command", "channel": CHANNEL, "text": "/other x"},
        "/other is not a valid command.",
    ),
    "a channel of somebody else": (
        {"do": "message", "channel": "D01OWNER", "text": "x"},
        "There is no channel D01OWNER for dana.",
    ),
    "an archived channel": (
        {"do": "message", "channel": "C03OLD", "text": "x"},
        "#old is archived.",
    ),
    "an empty message": (
        {"do": "message", "channel": CHANNEL, "text": "  "},
        "An empty message cannot be sent.",
    ),
    "a thread that is gone": (
        {"do": "message", "channel": CHANNEL, "text": "x", "thread_ts": "1.1"},
        "This thread is not there any more.",
    ),
    "a message that is gone": (
        {"do": "press", "channel": CHANNEL, "ts": "1.1", "block_id": "b", "action_id": "a"},
        "This message is not there any more.",
    ),
    "a form that is gone": (
        {"do": "press", "view_id": "V1", "block_id": "b", "action_id": "a"},
        "This form is not open any more.",
    ),
    "a shortcut that nobody has": (
        {"do": "shortcut", "channel": CHANNEL, "ts": "1.1", "callback_id": "other"},
        "There is no shortcut other.",
    ),
    "an act that nobody knows": ({"do": "dance"}, "Nobody can do 'dance' here."),
    "an act without its place": ({"do": "message", "text": "x"}, "The act lacks 'channel'."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_done_is_refused_with_a_sentence(
    sandbox_slack: SandboxSlack, name: str
) -> None:
    act, error = REFUSED[name]
    assert sandbox_slack.act(DEV, **act) == {"ok": False, "error": error}
    assert seen(sandbox_slack) == []


def test_somebody_who_is_not_here_can_do_nothing(sandbox_slack: SandboxSlack) -> None:
    answer = sandbox_slack.act("U09", do="open_home")
    assert answer == {"ok": False, "error": "Nobody here has the id U09."}
    with pytest.raises(LookupError):
        sandbox_slack.state("U09")
