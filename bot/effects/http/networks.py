"""The networks that no shop on the public internet is in, as one table."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, kw_only=True)
class Network:
    """A network, what its addresses are called, and whether `allow_private` opens it."""

    network: _Network
    name: str
    opens: bool


def _row(text: str, name: str, *, opens: bool) -> Network:
    return Network(network=ipaddress.ip_network(text), name=name, opens=opens)


# After the special-purpose registries of RFC 6890 and its successors. Python's own `is_global` differs
# between its versions, so the table stands here.
NETWORKS: tuple[Network, ...] = (
    _row("0.0.0.0/8", "an unspecified address", opens=True),
    _row("10.0.0.0/8", "a private address", opens=True),
    _row("100.64.0.0/10", "a carrier's shared address", opens=True),
    _row("127.0.0.0/8", "a loopback address", opens=True),
    _row("169.254.0.0/16", "a link-local address", opens=True),
    _row("172.16.0.0/12", "a private address", opens=True),
    _row("192.0.0.0/24", "a protocol's own address", opens=False),
    _row("192.0.2.0/24", "an address for documentation", opens=False),
    _row("192.88.99.0/24", "a 6to4 relay's address", opens=False),
    _row("192.168.0.0/16", "a private address", opens=True),
    _row("198.18.0.0/15", "an address for benchmarks", opens=True),
    _row("198.51.100.0/24", "an address for documentation", opens=False),
    _row("203.0.113.0/24", "an address for documentation", opens=False),
    _row("224.0.0.0/4", "a multicast address", opens=False),
    _row("255.255.255.255/32", "the broadcast address", opens=False),
    _row("240.0.0.0/4", "a reserved address", opens=False),
    _row("::/128", "an unspecified address", opens=True),
    _row("::1/128", "a loopback address", opens=True),
    _row("fc00::/7", "a private address", opens=True),
    _row("fe80::/10", "a link-local address", opens=True),
    _row("fec0::/10", "a site-local address", opens=True),
    _row("ff00::/8", "a multicast address", opens=False),
    _row("2001:db8::/32", "an address for documentation", opens=False),
    _row("3fff::/20", "an address for documentation", opens=False),
    _row("2001::/23", "a protocol's own address", opens=False),
)
_GLOBAL = ipaddress.IPv6Network("2000::/3")
_RESERVED = Network(network=ipaddress.IPv6Network("::/0"), name="a reserved address", opens=False)

# An IPv4 address that stands in the last 32 bits: mapped, compatible, translated, NAT64 (RFC 4291, 6052, 8215).
_EMBEDDING = tuple(
    ipaddress.IPv6Network(text)
    for text in ("::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "::/96")
)
_ITSELF = (ipaddress.IPv6Address("::"), ipaddress.IPv6Address("::1"))
_SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")
_TEREDO = ipaddress.IPv6Network("2001::/32")


def innermost(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address carries, or the address itself.

    6to4 carries it after its prefix (RFC 3056, 2), Teredo inverted in the last 32 bits (RFC 4380, 4).
    """
    if isinstance(address, ipaddress.IPv4Address) or address in _ITSELF:
        return address
    number = int(address)
    if address in _SIX_TO_FOUR:
        return ipaddress.IPv4Address((number >> 80) & 0xFFFFFFFF)
    if address in _TEREDO:
        return ipaddress.IPv4Address(~number & 0xFFFFFFFF)
    if any(address in network for network in _EMBEDDING):
        return ipaddress.IPv4Address(number & 0xFFFFFFFF)
    return address


def inside(address: Address) -> Network | None:
    """Return the network of the table that holds the address; None for one on the public internet."""
    for row in NETWORKS:
        if address.version == row.network.version and address in row.network:
            return row
    outside = address.version == 6 and address not in _GLOBAL
    return _RESERVED if outside else None
