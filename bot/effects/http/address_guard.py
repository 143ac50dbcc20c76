"""Which addresses a probe may connect to."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.effects.http.networks import innermost, inside
from bot.release.refusal import Code, Refusal

Resolve = Callable[[str, int], tuple[str, ...]]

# What clouds hand out credentials on; no shop lives there, so no setting opens them.
_METADATA = frozenset(
    ipaddress.ip_address(text) for text in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200")
)


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where an environment answers; `root` is its URL without a slash at the end."""

    root: str
    host: str
    port: int


def read_origin(base_url: str) -> Origin:
    """Read an environment's URL; refuse anything but http(s)://host[:port][/path]."""
    try:
        parts = urlsplit(base_url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        plain = not (parts.username or parts.password or parts.query or parts.fragment)
    except (ValueError, KeyError):
        parts, port, plain = urlsplit(""), 0, False
    if not plain or not parts.hostname:
        raise _forbidden(
            "The environment's URL cannot be probed.",
            "http:// or https:// with a host, without a user, a query or a fragment.",
        )
    return Origin(root=base_url.rstrip("/"), host=parts.hostname, port=port)


def page_url(origin: Origin, path: str) -> str:
    """Return the URL of a path below the origin; refuse a path that leads elsewhere."""
    url = origin.root + path
    odd = any(letter.isspace() or not letter.isprintable() or letter == "\\" for letter in path)
    if not path.startswith("/") or odd or urlsplit(url).netloc != urlsplit(origin.root).netloc:
        raise _forbidden(
            f"{path[:80]!r} is no path of the environment.",
            "a path that starts with / and holds no spaces, control characters or backslashes.",
        )
    return url


def resolve_all(host: str, port: int) -> tuple[str, ...]:
    """Return every address of a host; OSError where it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def require_allowed(host: str, addresses: tuple[str, ...], *, allow_private: bool) -> None:
    """Refuse a host if any of its addresses is inside a network it must not reach.

    `allow_private` opens those networks of the table in which a shop may live; a cloud's metadata address
    is refused always. An address inside an address counts as itself.
    """
    for text in addresses:
        address = innermost(ipaddress.ip_address(text.partition("%")[0]))
        if address in _METADATA:
            raise _forbidden(
                f"{host} is {address}, a cloud's metadata address.", "a shop's address."
            )
        network = inside(address)
        if network is None or (allow_private and network.opens):
            continue
        raise _forbidden(
            f"{host} is {address}, {network.name} and not on the public internet.",
            "a public address, or `allow_private = true` on the environment in the catalog."
            if network.opens
            else "an address that a shop can have.",
        )


def _forbidden(failed: str, expected: str) -> Refusal:
    return Refusal(
        code=Code.ADDRESS_FORBIDDEN,
        failed=f"{failed} No request was sent.",
        expected=expected,
        retry_is_safe=True,
    )
