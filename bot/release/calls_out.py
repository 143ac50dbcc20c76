"""What the catalog says of calls to other systems: a webhook, and a workflow of GitHub Actions."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.release.catalog_names import Secret, UserId
from bot.release.catalog_rules import Word, matching, quoted, unfit
from bot.release.events import Event


def _address(text: str) -> str:
    expected = "http:// or https:// with a host and a path, without a user, a query or a fragment"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise unfit("a URL that cannot be read", expected, "Check its brackets and port.") from None
    if "@" in parts.netloc:
        raise unfit("a URL with credentials", expected, "A secret stands in a variable.")
    if parts.query:
        raise unfit("a URL with a query", expected, "A secret stands in a variable.")
    if parts.scheme not in {"http", "https"} or not host or re.search(r"[^!-~]", text):
        raise unfit(quoted(text), expected, "")
    if parts.fragment:
        raise unfit(quoted(text), expected, "")
    return text


CallUrl = Annotated[str, AfterValidator(_address)]
KeyId = Annotated[str, matching(r"[A-Za-z0-9_-]{1,32}", "a key's name such as 2026-03")]
FieldName = Annotated[str, matching(r"[A-Za-z_][A-Za-z0-9_-]{0,63}", "a name such as version")]
Repository = Annotated[
    str,
    matching(
        r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}", "owner/name, such as acme/shop"
    ),
]
WorkflowFile = Annotated[
    str,
    matching(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", "a workflow's file name such as rollback.yml"),
]
Ref = Annotated[str, matching(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,199}", "a branch or tag such as main")]


def _event(text: str) -> str:
    if text == "*" or text in {event.value for event in Event}:
        return text
    known = ", ".join(event.value for event in Event)
    raise unfit(quoted(text), f"* for all, or one of {known}", "")


EventName = Annotated[str, AfterValidator(_event)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class WebhookCall(_Part):
    """A signed POST that rolls back; `fields` go into its body, `key_id` names the secret in force."""

    url: CallUrl
    secret: Secret
    key_id: KeyId = "1"
    fields: dict[FieldName, Word] = Field(default_factory=dict)
    allow_private: bool = False


class WorkflowCall(_Part):
    """A workflow of GitHub Actions that rolls back; `api` is another address on GitHub Enterprise."""

    repository: Repository
    file: WorkflowFile
    token: Secret
    ref: Ref = "main"
    inputs: dict[FieldName, Word] = Field(default_factory=dict, max_length=25)
    api: CallUrl = "https://api.github.com"
    allow_private: bool = False


class WebhookOut(_Part):
    """An address that is told what happens to the app's releases, each event signed."""

    url: CallUrl
    events: tuple[EventName, ...] = Field(min_length=1)
    secret: Secret
    key_id: KeyId = "1"
    allow_private: bool = False


class CallsIn(_Part):
    """What a call to /hooks/<app> is signed with; `person` is who it counts as, the machine itself where None."""

    secret: Secret
    key_id: KeyId = "1"
    person: UserId | None = None


def one_way(argv: tuple[str, ...], webhook: object, workflow: object) -> None:
    """Refuse a rollback that names more than one way to put the app back, or none."""
    named = {"argv": argv, "webhook": webhook, "workflow": workflow}
    found = [name for name, value in named.items() if value]
    if len(found) == 1:
        return
    raise unfit(
        " and ".join(found) or "neither argv nor webhook nor workflow",
        "exactly one of argv, webhook and workflow",
        "argv runs a command, webhook calls an address, workflow starts one of GitHub Actions.",
    )
