"""How the text of an address, or of a channel, becomes a value; and what must not stand open to everybody."""

from __future__ import annotations

import re
from typing import NamedTuple

from pydantic import SecretStr

from bot.release.problems import Problem
from bot.release.reading import LOOPBACK, Unfit


class Address(NamedTuple):
    """Where something listens; port 0 takes a free one."""

    host: str
    port: int


def address(text: str) -> Address:
    """Return the address that `host:port` names; an IPv6 host stands in brackets."""
    found = re.fullmatch(r"(\[[0-9A-Fa-f:]+\]|[\w.-]{1,200}):([0-9]{1,5})", text)
    if found and int(found[2]) <= 65535:
        return Address(found[1].strip("[]"), int(found[2]))
    raise Unfit(
        found=repr(text[:40]),
        expected="host:port",
        hint="127.0.0.1:9464 is reached from this machine alone.",
    )


def channel(text: str) -> str:
    """Return the id of a Slack channel."""
    if re.fullmatch(r"[CG][A-Z0-9]{2,30}", text):
        return text
    raise Unfit(
        found=repr(text[:40]),
        expected="a channel's id, such as C0123456789",
        hint="In Slack it stands at the end of the channel's details.",
    )


def unguarded(where: Address | None, shown: SecretStr | None) -> Problem | None:
    """Return what is wrong where anybody on the network could read the metrics."""
    if where is None or shown is not None or where.host in LOOPBACK:
        return None
    return Problem(
        name="CACHE_RELEASE_METRICS",
        found=f"{where.host}, which others can reach, and no token",
        expected="an address of this machine alone, or CACHE_RELEASE_METRICS_TOKEN",
        hint="Set the token, or use 127.0.0.1.",
    )
