"""The shell line that puts a snapshot back without the bot, for every kind of address."""

from __future__ import annotations

import shlex
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from bot.effects.keyspace.topology import CLUSTER, SENTINEL, hosts_of


def replay_line(source: str, redis_url: str) -> str:
    """Return the line that pipes what `source` prints into the Redis behind a URL; no password is ever in it.

    In a cluster every primary gets all of it: it takes what is its own and refuses the rest as MOVED. Behind
    Sentinels it goes to the primary that they name when the line is run.
    """
    parts = urlsplit(redis_url)
    if parts.scheme.endswith(CLUSTER):
        seed = _cli(parts, *hosts_of(parts, CLUSTER)[0])
        primaries = f"{seed} CLUSTER NODES | awk '$3 ~ /master/ {{sub(/@.*/, \"\", $2); print $2}}'"
        piped = f"{source} | {_cli(parts, '$host', '$port')} --pipe"
        return f"{primaries} | while IFS=: read -r host port; do {piped}; done"
    if parts.scheme.endswith(SENTINEL):
        name, _, database = parts.path.strip("/").partition("/")
        host, port = hosts_of(parts, SENTINEL)[0]
        asked = f"redis-cli -h {shlex.quote(host)} -p {port} SENTINEL get-master-addr-by-name {shlex.quote(name)}"
        there = _cli(parts, "$1", "$2", database)
        return f"set -- $({asked}); {source} | {there} --pipe"
    if parts.scheme == "unix":
        return f"{source} | {_secret(parts)}{shlex.join(['redis-cli', '-s', parts.path])}{_account(parts)} --pipe"
    database = parts.path.strip("/")
    there = _cli(parts, parts.hostname or "127.0.0.1", str(parts.port or 6379), database)
    return f"{source} | {there} --pipe"


def _cli(parts: SplitResult, host: str, port: str | int, database: str = "") -> str:
    at = f'"{host}" -p "{port}"' if host.startswith("$") else f"{shlex.quote(host)} -p {port}"
    words = f"redis-cli -h {at}"
    words += f" -n {database}" if database else ""
    words += _tls(parts)
    return f"{_secret(parts)}{words}{_account(parts)}"


def _tls(parts: SplitResult) -> str:
    if not parts.scheme.startswith("rediss"):
        return ""
    (*_, authority) = ("", *parse_qs(parts.query).get("ssl_ca_certs", []))
    return f" --tls --cacert {shlex.quote(authority)}" if authority else " --tls"


def _secret(parts: SplitResult) -> str:
    return 'REDISCLI_AUTH="$REDIS_PASSWORD" ' if parts.password else ""


def _account(parts: SplitResult) -> str:
    return f" --user {shlex.quote(unquote(parts.username))}" if parts.username else ""
