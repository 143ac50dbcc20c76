"""Connections that go to an address that was checked, whatever the name resolves to by then."""

from __future__ import annotations

import socket
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from bot.effects.http.timed_connection import TimedConnection, TimedSecureConnection


def _connect(connection: HTTPConnection, addresses: tuple[str, ...], dial: Any) -> socket.socket:
    """Dial the checked addresses in turn; the name stays for Host, SNI and the certificate.

    `_new_conn` and `_dns_host` are urllib3's own: a test against a real server covers them.
    """
    name = connection._dns_host
    refused: NewConnectionError | None = None
    try:
        for address in addresses:
            connection._dns_host = address
            try:
                dialled: socket.socket = dial()
            except NewConnectionError as error:
                refused = error
            else:
                return dialled
    finally:
        connection._dns_host = name
    raise refused or NewConnectionError(connection, "There is no address to connect to.")


class PinnedAdapter(HTTPAdapter):
    """An adapter for one host whose addresses are known; it keeps one connection, times it, and never retries."""

    def __init__(self, addresses: tuple[str, ...]) -> None:
        """Pin every connection to these addresses."""
        self._addresses = addresses
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make pools whose connections are pinned and timed."""
        super().init_poolmanager(*args, **kwargs)
        addresses = self._addresses

        class Plain(TimedConnection):
            def _new_conn(self) -> socket.socket:
                return _connect(self, addresses, super()._new_conn)

        class Secure(TimedSecureConnection):
            def _new_conn(self) -> socket.socket:
                return _connect(self, addresses, super()._new_conn)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
