"""How the bot is reached and what it reaches: Redis rights, TLS, answers to Slack."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from bot.effects.catalog_file import LoadedCatalog
from bot.effects.keyspace.rights import Rights, find_rights
from bot.release.reading import LOOPBACK
from bot.release.refusal import Refusal
from bot.release.safety import Finding, How
from bot.settings import Settings

REDIS, TLS = "redis rights", "tls"
VERIFIED = "verify-full"


def redis_rights(loaded: LoadedCatalog) -> Iterator[Finding]:
    """Yield the rights that the user of each environment's Redis has, lacks, and need not have."""
    for name, app in loaded.catalog.apps.items():
        generations = any(route.generation for route in app.routes.values())
        for environment, place in app.environments.items():
            where = f"{name} {environment}"
            url = loaded.secrets[place.redis].get_secret_value()
            try:
                yield from _rights(where, find_rights(url, generations=generations))
            except Refusal as refusal:
                yield Finding(
                    section=REDIS,
                    name=where,
                    found=refusal.failed,
                    how=How.WRONG,
                    expected=refusal.expected,
                )


def _rights(where: str, found: Rights) -> Iterator[Finding]:
    yield Finding(
        section=REDIS,
        name=f"{where}, user {found.user}",
        found=f"present: {', '.join(found.present) or 'none'}",
    )
    for rights, words, how, expected in (
        (found.missing, "missing", How.WRONG, "these rights: nothing can be purged without"),
        (found.useful, "missing", How.NOTE, "these rights; the bot works around them"),
        (
            found.excess,
            "more than it needs",
            How.NOTE,
            "a user of its own, docs/how-to/redis-user.md",
        ),
    ):
        if rights:
            yield Finding(
                section=REDIS,
                name=where,
                found=f"{words}: {', '.join(rights)}",
                how=how,
                expected=expected,
            )


def transport(settings: Settings, loaded: LoadedCatalog | None) -> Iterator[Finding]:
    """Yield whether secrets travel in clear: to Slack, to the database, to each Redis."""
    slack = settings.slack_api_base_url
    yield _way("slack", slack, urlsplit(slack).scheme == "https", "https")
    database = settings.database_url.get_secret_value()
    if database.startswith("sqlite"):
        yield Finding(section=TLS, name="database", found="a file on this machine")
    else:
        asked = parse_qs(urlsplit(database).query).get("sslmode", [""])[0]
        yield _way("database", database, asked == VERIFIED, f"sslmode={VERIFIED} in DATABASE_URL")
    for reference, secret in () if loaded is None else loaded.secrets.items():
        url = secret.get_secret_value()
        if url.startswith(("redis", "unix:")):
            safe = url.startswith(("rediss", "unix:"))
            yield _way(reference.removeprefix("env:"), url, safe, "rediss://, with its certificate")


def _way(name: str, url: str, safe: bool, expected: str) -> Finding:
    if safe:
        return Finding(section=TLS, name=name, found="TLS, the certificate is checked")
    hosts = {part.rpartition("@")[2].partition(":")[0] for part in urlsplit(url).netloc.split(",")}
    if hosts <= LOOPBACK | {""}:
        return Finding(section=TLS, name=name, found="in clear, on this machine")
    return Finding(
        section=TLS,
        name=name,
        found="in clear, to another machine",
        how=How.WRONG,
        expected=expected,
    )
