"""Workspaces for tests of the sandbox Slack, and the app's client."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from slack_sdk import WebClient

from bot.sandbox.slack.server import SandboxSlack, Workspace, demo_workspace
from bot.sandbox.slack.workspace import Channel

MANIFEST = Path(__file__).parents[2] / "docs" / "slack-manifest.json"
MORE_SCOPES = (
    "channels:read", "channels:history", "groups:read", "groups:history", "im:read", "im:write",
    "im:history", "reactions:write", "pins:write", "files:write",
)  # fmt: skip

StartSlack = Callable[..., SandboxSlack]


def sandbox_workspace(*, scopes: tuple[str, ...] = MORE_SCOPES) -> Workspace:
    """Return the demo's workspace with more scopes, and with channels of all sorts."""
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    manifest["oauth_config"]["scopes"]["bot"] += scopes
    workspace = demo_workspace(manifest)
    more = (
        Channel(id="C03OLD", name="old", is_archived=True),
        Channel(id="C04SECRET", name="secret", is_private=True, bot_is_member=False),
        Channel(id="C05TEAM", name="team", is_private=True),
    )
    return replace(workspace, channels=(*workspace.channels, *more))


def sandbox_manifest_with(workspace: Workspace, change: Callable[[Any], None]) -> Workspace:
    """Return the workspace with a changed manifest."""
    manifest = copy.deepcopy(dict(workspace.manifest))
    change(manifest)
    return replace(workspace, manifest=manifest)


def client_of(slack: SandboxSlack, *, token: str | None = None) -> WebClient:
    """Return a client without retries, so that tests see every answer."""
    token = slack.workspace.bot_token if token is None else token
    return WebClient(token=token, base_url=slack.api_url, retry_handlers=[], timeout=10)
