"""Which workspace the bot lives in, asked once; a Slack that does not say keeps no press from being heard."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any

from slack_bolt import BoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.release.membership import Unreachable
from bot.slack.remembered import Peace, Remembered
from bot.slack.strangers import Team

log = logging.getLogger(__name__)

FRESH = timedelta(hours=1)


def authorizing(client: WebClient, now: Callable[[], datetime]) -> Callable[..., AuthorizeResult]:
    """Return Bolt's `authorize` for one workspace: the answer of auth.test, remembered for an hour.

    Bolt's own would refuse every payload until auth.test answers once; a rollback cannot wait for that.
    """
    known = Remembered(lambda _: _ask(client), now, Peace(now))

    def authorize(user_id: str | None) -> AuthorizeResult:
        try:
            found = known.get("bot", fresh=FRESH, oldest=timedelta.max)
        except Unreachable as silent:
            log.warning("the workspace is not known yet: %s", silent)
            found = {}
        return AuthorizeResult(
            enterprise_id=found.get("enterprise_id"),
            team_id=found.get("team_id"),
            bot_id=found.get("bot_id"),
            bot_user_id=found.get("user_id"),
            bot_token=client.token,
            user_id=user_id,
        )

    return authorize


def workspace_of(client: WebClient, now: Callable[[], datetime]) -> Callable[[], Team]:
    """Return what tells the workspace of the client's token, remembered for an hour; it raises Unreachable."""
    known = Remembered(lambda _: _ask(client), now, Peace(now))

    def workspace() -> Team:
        found = known.get("bot", fresh=FRESH, oldest=timedelta.max)
        return Team(id=found["team_id"], enterprise=found["enterprise_id"])

    return workspace


def team_of(context: BoltContext) -> Team:
    """Return the workspace the bot's own token belongs to."""
    found = context.authorize_result
    return Team() if found is None else Team(id=found.team_id, enterprise=found.enterprise_id)


def _ask(client: WebClient) -> dict[str, Any]:
    try:
        answer = client.auth_test()
    except SlackApiError as error:
        raise Unreachable(str(error.response.get("error"))) from error
    except (OSError, HTTPException) as error:
        raise Unreachable(type(error).__name__) from error
    names = ("enterprise_id", "team_id", "bot_id", "user_id")
    return {name: answer.get(name) for name in names}
