"""Cache keys that nobody else can ask for, so that a probe never writes where visitors read."""

from __future__ import annotations


def on_nonce_key(path: str, nonce: str, name: str) -> str:
    """Return the page with a query that only this run knows; `name` tells the run's keys apart."""
    return f"{path}{'&' if '?' in path else '?'}__crc={nonce}{name}"
