"""Slack over a websocket: no public address, no signature."""

from __future__ import annotations

from http.client import HTTPException

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.release.refusal import Code, Refusal

AT_ONCE = 50
TIMEOUT_S = 10
NO_SUCH_TOKEN = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "missing_scope",
        "not_allowed_token_type",
        "not_authed",
        "token_expired",
        "token_revoked",
    }
)


def start_socket_mode(app: App, app_token: str) -> SocketModeHandler:
    """Connect and return the handler; `handler.client.is_connected()` says how it is, `handler.close()` ends it.

    Raise Refusal: NOT_ALLOWED for a token that Slack does not take, else for a Slack that does not answer.
    """
    opener = WebClient(base_url=app.client.base_url, timeout=TIMEOUT_S)
    handler = SocketModeHandler(
        app, app_token, web_client=opener, concurrency=AT_ONCE, ping_interval=10
    )
    try:
        handler.connect()  # type: ignore[no-untyped-call]
    except (SlackApiError, SlackClientError, OSError, HTTPException) as error:
        handler.close()  # type: ignore[no-untyped-call]
        raise _refused(error) from error
    return handler


def _refused(error: Exception) -> Refusal:
    said = (
        str(error.response["error"]) if isinstance(error, SlackApiError) else type(error).__name__
    )
    if said in NO_SUCH_TOKEN:
        return Refusal(
            code=Code.NOT_ALLOWED,
            failed=f"Slack does not take the app-level token: {said}.",
            expected="SLACK_APP_TOKEN, an App-Level Token with connections:write of the same app.",
            retry_is_safe=True,
        )
    return Refusal(
        code=Code.NOT_RECORDED,
        failed=f"Slack does not open a socket: {said}.",
        expected="an answer; work goes on meanwhile, and the terminal works without Slack.",
        retry_is_safe=True,
    )
