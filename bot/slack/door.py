"""The way in: every payload of Slack becomes an Ask, is decided, acknowledged and answered."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from slack_bolt import App, BoltContext, BoltResponse
from slack_sdk import WebClient

from bot.commands import Form, Said
from bot.release.refusal import Code, Refusal
from bot.slack.deciding import PATIENCE_S, Answer, Behind, Decider, at_last, in_time, without_dialog
from bot.slack.dialogs import LOADING_AFTER_S, fill, open_form, open_loading
from bot.slack.group_events import hear_groups
from bot.slack.hearing import (
    Body,
    Heard,
    hear_command,
    hear_form,
    hear_mention,
    hear_press,
)
from bot.slack.home import publish_home
from bot.slack.links import message_link, thread_link
from bot.slack.redrawing import redraw
from bot.slack.saying import answer_said, say
from bot.slack.seen import Seen
from bot.slack.shortcut import hear_shortcut
from bot.slack.socket_mode import start_socket_mode
from bot.slack.submission import acknowledge_form, answer_late_form
from bot.slack.team import authorizing, team_of
from bot.slack.timing import TimedApp
from bot.slack.unheard import on_error
from bot.slack.views.answer import late, refusal_card
from bot.slack.web import wsgi_app

__all__ = ["Behind", "build_bolt_app", "listening_client", "start_socket_mode", "wsgi_app"]

log = logging.getLogger(__name__)
bolt_log = logging.getLogger(f"{__name__}.bolt")

COMMAND = "/cache-release"
LISTENERS = 50
TIMEOUT_S = 2
ANYTHING = re.compile(r".*")
SHORTCUTS = re.compile(r"status|add")

Ack = Callable[..., BoltResponse]


def listening_client(token: str, base_url: str) -> WebClient:
    """Return a client for what is done while a person waits: short timeout, no sleeping, no retries."""
    return WebClient(token=token, base_url=base_url, timeout=TIMEOUT_S, retry_handlers=[])


def build_bolt_app(behind: Behind, *, client: WebClient, signing_secret: str) -> App:
    """Return the Bolt app with every listener; it asks Slack nothing before the first payload."""
    bolt_log.addFilter(_is_news)
    bolt_log.setLevel(logging.WARNING)
    app = TimedApp(
        name="cache-release",
        logger=bolt_log,
        client=WebClient(base_url=client.base_url, timeout=TIMEOUT_S, retry_handlers=[]),
        signing_secret=signing_secret,
        authorize=authorizing(client, behind.now),
        raise_error_for_unhandled_request=True,
        listener_executor=ThreadPoolExecutor(LISTENERS, thread_name_prefix="slack-hear"),
    )
    door = Door(behind, client)
    app.command(COMMAND)(door.on_command)
    app.block_action(ANYTHING)(door.on_press)
    app.view_submission(ANYTHING)(door.on_form)
    app.view_closed(ANYTHING)(door.on_closed)
    app.message_shortcut(SHORTCUTS)(door.on_shortcut)
    app.event("app_mention")(door.on_mention)
    app.event("app_home_opened")(door.on_home)
    hear_groups(app, behind.people)
    app.error(on_error)
    return app


def _is_news(record: logging.LogRecord) -> bool:
    """Leave out what Bolt always says of a token that it finds in the environment and need not use."""
    return "will be unused" not in record.getMessage()


class Door:
    """The listeners. Nothing slow happens in them: they read, wait for the ledger, acknowledge, answer."""

    def __init__(self, behind: Behind, client: WebClient) -> None:
        """Take what stands behind the door and the client that answers."""
        self._behind = behind
        self._client = client
        self._decider = Decider(behind)
        self._seen = Seen()

    def on_command(self, ack: Ack, body: Body, context: BoltContext) -> None:
        """Answer a slash command."""
        self._answer(hear_command(body), ack, context)

    def on_press(self, ack: Ack, body: Body, context: BoltContext) -> None:
        """Answer a press; what is no button of ours needs no answer."""
        heard = hear_press(body)
        if heard is None:
            ack()
            return
        self._answer(heard, ack, context)
        if (body.get("view") or {}).get("type") == "home":
            self._publish(heard.user, context)

    def on_shortcut(self, ack: Ack, body: Body, context: BoltContext) -> None:
        """Answer a message shortcut."""
        self._answer(hear_shortcut(body, self._link), ack, context)

    def on_mention(self, ack: Ack, body: Body, context: BoltContext) -> None:
        """Answer a mention; Slack opens no dialog from one."""
        heard = hear_mention(body, context.bot_user_id)
        if heard is not None:
            self._answer(heard, ack, context)

    def on_closed(self, ack: Ack) -> None:
        """Let a dialog be closed: nothing was recorded before it was sent."""
        ack()

    def on_home(self, body: Body, context: BoltContext) -> None:
        """Draw the home tab of the one who opened it."""
        event = body["event"]
        if event.get("tab", "home") == "home" and self._seen.first(body.get("event_id")):
            self._publish(event["user"], context)

    def on_form(self, ack: Ack, body: Body, context: BoltContext) -> None:
        """Answer a dialog: close it, or show beside the field what is wrong."""
        heard = hear_form(body)
        if not self._seen.first(heard.delivery):
            ack()
            return
        begun = self._decider.begin(heard, team_of(context))
        answer = in_time(begun)
        if answer is not None:
            self._forget_unrecorded(heard, answer)
            acknowledge_form(self._client, ack, heard, body["view"], answer)
            return
        acknowledge_form(self._client, ack, heard, body["view"], late())
        answer_late_form(self._client, heard, body["view"], at_last(begun))

    def _answer(self, heard: Heard, ack: Ack, context: BoltContext) -> None:
        if not self._seen.first(heard.delivery):
            ack()
            return
        begun = self._decider.begin(heard, team_of(context))
        answer = in_time(begun, LOADING_AFTER_S if heard.opens else PATIENCE_S)
        ack()
        view = open_loading(self._client, heard) if answer is None and heard.opens else None
        if view is not None:
            answer = at_last(begun)
            self._forget_unrecorded(heard, answer)
            fill(self._client, heard, view, answer)
            return
        if answer is None:
            say(self._client, heard.user, heard.place, refusal_card(late()))
            answer = at_last(begun)
        if answer is not None:
            self._forget_unrecorded(heard, answer)
            self._tell(heard, answer)

    def _tell(self, heard: Heard, answer: Answer) -> None:
        told = (
            open_form(self._client, heard, answer)
            if isinstance(answer, Form)
            else without_dialog(answer)
        )
        if told is not None:
            self._say(heard, told)

    def _say(self, heard: Heard, told: Said | Refusal) -> None:
        if isinstance(told, Refusal):
            link = thread_link(self._client, self._behind.ledger.message, told.about)
            say(self._client, heard.user, heard.place, refusal_card(told, link))
            redraw(self._client, self._behind, heard, told)
        else:
            answer_said(self._client, heard.user, heard.place, told)

    def _forget_unrecorded(self, heard: Heard, answer: Answer | None) -> None:
        if isinstance(answer, Refusal) and answer.code is Code.INTERNAL:
            self._seen.forget(heard.delivery)

    def _link(self, channel: str, ts: str) -> str | None:
        return message_link(self._client, channel, ts)

    def _publish(self, user: str, context: BoltContext) -> None:
        publish_home(self._client, self._behind, user, team_of(context))
