"""A Slack that is away is no reason to stop working; one that stays away is said aloud."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import pytest

from bot.listening import SocketDoor
from bot.release.refusal import Code, Refusal


@dataclass
class Slack:
    """Both ends of a socket: whether it can be opened, whether it stands, what time it is."""

    refusal: Refusal | None = None
    connected: bool = True
    at: float = 0.0
    tries: int = 0

    @property
    def client(self) -> Slack:
        return self

    def connect(self) -> Slack:
        self.tries += 1
        if self.refusal is not None:
            raise self.refusal
        return self

    def is_connected(self) -> bool:
        return self.connected

    def close(self) -> None:
        self.connected = False

    def now(self) -> float:
        return self.at


def _refusal(code: Code) -> Refusal:
    return Refusal(code=code, failed="Slack said no.", expected="yes.", retry_is_safe=True)


def _logged(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    return [row.getMessage() for row in caplog.records if row.levelno == level]


def test_a_socket_that_is_lost_for_over_a_minute_is_logged_once_in_five_minutes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    slack = Slack()
    door = SocketDoor(slack.connect, slack.now)
    slack.connected = False
    for at in (30, 60, 61, 120, 360, 361, 400):
        slack.at = at
        door.look()
    said = "Slack's socket has been disconnected for {} s: no press arrives."
    assert _logged(caplog, logging.ERROR) == [said.format(61), said.format(361)]
    slack.connected = True
    door.look()
    assert door.trouble() is None
    assert _logged(caplog, logging.WARNING) == ["Slack's socket is connected again"]


def test_a_slack_that_is_away_at_the_start_is_tried_again() -> None:
    slack = Slack(refusal=_refusal(Code.NOT_RECORDED), connected=False)
    door = SocketDoor(slack.connect, slack.now)
    slack.at = 61
    door.look()
    assert door.trouble() is not None
    slack.refusal, slack.connected = None, True
    door.look()
    assert (door.trouble(), slack.tries) == (None, 3)


def test_a_token_that_slack_does_not_take_ends_the_start() -> None:
    slack = Slack(refusal=_refusal(Code.NOT_ALLOWED))
    with pytest.raises(Refusal, match="Slack said no"):
        SocketDoor(slack.connect, slack.now)
