"""What every API method has: its name, who may call it, how often, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.rates import Rate
from bot.sandbox.slack.refused import SlackError
from bot.sandbox.slack.state import Store
from bot.sandbox.slack.workspace import Channel

Run = Callable[[Store, Arguments], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Method:
    """One Web API method; `run` returns the answer without `ok`, or raises SlackError.

    With `scopes` the bot needs one of them; `app_token` says that the app-level token is meant.
    """

    name: str
    run: Run
    rate: Rate
    scopes: tuple[str, ...] = ()
    app_token: bool = False


def need_scope(store: Store, *scopes: str) -> None:
    """Refuse with missing_scope unless the manifest asks for one of the scopes."""
    provided = store.workspace.scopes
    if scopes and not set(scopes) & set(provided):
        raise SlackError(
            "missing_scope", extra={"needed": ",".join(scopes), "provided": ",".join(provided)}
        )


def visible_channel(store: Store, channel_id: str) -> Channel:
    """Return a channel that the bot can know of, or refuse with channel_not_found."""
    channel = store.channels.get(channel_id)
    if channel is None or (channel.is_private and not channel.bot_is_member):
        raise SlackError("channel_not_found")
    return channel


def open_channel(store: Store, channel_id: str, *, public_scope: str = "") -> Channel:
    """Return a channel in which the bot may act.

    Raises SlackError: channel_not_found, is_archived, not_in_channel; the last is waived for
    public channels where the manifest has `public_scope`.
    """
    channel = visible_channel(store, channel_id)
    if channel.is_archived:
        raise SlackError("is_archived")
    waived = public_scope in store.workspace.scopes and not channel.is_private
    if not channel.bot_is_member and not waived:
        raise SlackError("not_in_channel")
    return channel


def channel_kind(channel: Channel) -> str:
    """Return the word that Slack's scopes use for this kind of conversation."""
    if channel.person is not None:
        return "im"
    return "groups" if channel.is_private else "channels"
