"""Asks Slack who the bot's token belongs to."""

from __future__ import annotations

from slack_sdk.errors import SlackApiError

from bot.release.refusal import Code, Refusal
from bot.slack.door import listening_client


def whoami(token: str, base_url: str) -> str:
    """Return `user in team`; refuse a token that Slack does not take.

    https://docs.slack.dev/reference/methods/auth.test
    """
    try:
        found = listening_client(token, base_url).auth_test()
    except SlackApiError as error:
        raise Refusal(
            code=Code.NOT_ALLOWED,
            failed=f"Slack does not take the bot's token: {error.response['error']}.",
            expected="the Bot User OAuth Token of an app that is installed to the workspace.",
            retry_is_safe=True,
        ) from error
    except OSError as error:
        raise Refusal(
            code=Code.NOT_RECORDED,
            failed=f"Slack does not answer at {base_url}: {type(error).__name__}.",
            expected="an answer; the terminal works without Slack.",
            retry_is_safe=True,
        ) from error
    return f"{found['user']} in {found['team']}"
