"""Secrets planted in every setting are searched for wherever the bot writes, after a release in which much fails."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from redis import Redis
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from bot.effects.catalog_file import load_catalog
from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.ledger.connect import open_engine
from bot.effects.log_lines import SafeLines, parts_of
from bot.places import open_snapshots
from bot.release.refusal import Refusal
from bot.sandbox.demo import Demo
from bot.settings import SETTINGS, SettingsProblems, read_settings
from tests.effects.rights import documented_rights
from tests.slack_person import SlackPerson, wait_for

MANIFEST = Path(__file__).parents[2] / "docs" / "slack-manifest.json"
PLANTED = {
    "SLACK_SIGNING_SECRET": "canary-of-the-signing-secret",
    "SNAPSHOT_HMAC_KEY": "canary-of-the-snapshots-hmac-key-0123456789",
    "SNAPSHOT_ENCRYPTION_KEY": "ca0a12" * 10 + "beef",
    "STEP_UP_KEY": "0f1e2d" * 10 + "c3b4",
    "CI_SECRET": "canary-of-calls-that-come-in",
    "WEBHOOK_SECRET": "canary-of-webhooks-that-go-out",
    "SHOP_COOKIE_A": "session=a; theme=canary-of-cookie-a",
    "SHOP_COOKIE_B": "session=b; theme=canary-of-cookie-b",
}
CALLS = """
[apps.shop.ci]
secret = "env:CI_SECRET"

[[apps.shop.webhooks]]
url = "http://127.0.0.1:1/nobody-listens"
events = ["*"]
secret = "env:WEBHOOK_SECRET"
allow_private = true
"""
REDIS_PASSWORD = "canary-of-redis"
DATABASE_PASSWORD = "canary-of-the-database"
FAILED = "SELECT 1 FROM action WHERE release_id = 2 AND state = 'failed'"
OTHERS = "canary-of-{name}-0123456789"


class Planted:
    """A demo whose every secret is a canary; `canaries` are what may be found nowhere, by their names."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        url = database.replace("postgres@", f"postgres:{DATABASE_PASSWORD}@")
        settings = {**PLANTED, "DATABASE_URL": url, "CACHE_RELEASE_LOG_LEVEL": "debug"}
        self.demo = Demo(folder, MANIFEST, keys=2000, rehearsal_h=0, settings=settings)
        self.settings = self.demo.settings

    def start(self) -> None:
        """Start all of it; the canaries that need a running server are planted on the way."""
        self.demo.start(bot=False)
        catalog = self.folder / "catalog.toml"
        catalog.write_text(catalog.read_text(encoding="utf-8") + CALLS, encoding="utf-8")
        known = {**self.demo.environ}
        for row in SETTINGS.values():
            if row.secret and row.name not in known:
                self.settings[row.name] = OTHERS.format(name=row.name.lower())
        for name, address in self.demo.redis_urls.items():
            with Redis.from_url(address) as redis:
                rights = [*documented_rights(), "~anp:*", "~~q:*"]
                redis.execute_command(
                    "ACL", "SETUSER", "bot", "reset", "on", f">{REDIS_PASSWORD}", *rights
                )
            url = address.replace("redis://", f"redis://bot:{REDIS_PASSWORD}@")
            self.settings[f"SHOP_{name.upper()}_REDIS_URL"] = url
        self.demo.start_bot()

    def rows(self, query: str) -> list[tuple]:
        """Return what the ledger holds."""
        url = self.settings["DATABASE_URL"].replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(url) as connection:
            return connection.execute(query).fetchall()

    @property
    def canaries(self) -> dict[str, str]:
        """Return what may be found nowhere."""
        assert self.demo.slack is not None
        environ = self.demo.environ
        named = [row.name for row in SETTINGS.values() if row.secret and row.name in environ]
        named += ["SHOP_COOKIE_A", "SHOP_COOKIE_B", "SHOP_PRODUCTION_REDIS_URL", *PLANTED]
        found = {
            f"{name} {number}": part
            for name in named
            for number, part in enumerate(parts_of(environ[name]))
        }
        return {name: part for name, part in found.items() if len(part) > 6}


@pytest.fixture
def planted(tmp_path: Path, empty_postgres_url: str) -> Iterator[Planted]:
    running = Planted(tmp_path / "demo", empty_postgres_url)
    try:
        running.start()
        yield running
    finally:
        running.demo.stop()


def _release_in_which_much_fails(planted: Planted) -> None:
    demo = planted.demo
    assert demo.slack is not None
    slack = demo.slack
    olga, ari = SlackPerson(slack, "U01OWNER"), SlackPerson(slack, "U02APPROVER")
    olga.types('/cache-release start shop products "Canaries"')
    olga.presses("Run", on="Inspect cache headers")
    ari.presses("Approve", on="Inspect cache headers")
    olga.presses("Run", on="Test logged-in traffic")
    probed = "SELECT 1 FROM step WHERE release_id = 1 AND number = 2 AND state = 'judged'"
    wait_for("the probes", lambda: planted.rows(probed))
    slack.fail_next("chat.update", status=500)
    olga.types("/cache-release purge shop cart --environment staging")
    ari.sees("R-2 1 of 1")
    with Redis.from_url(demo.redis_urls["staging"]) as redis:
        redis.execute_command("ACL", "SETUSER", "bot", "-scan")
        olga.types("/cache-release run R-2 1")
        wait_for("a refusal of Redis", lambda: len(planted.rows(FAILED)) == 1)
        redis.execute_command("ACL", "SETUSER", "bot", "resetpass", ">another")
        olga.types("/cache-release run R-2 1")
        wait_for("a wrong password", lambda: len(planted.rows(FAILED)) == 2)
        redis.execute_command("ACL", "SETUSER", "bot", "resetpass", f">{REDIS_PASSWORD}", "+scan")
    olga.types("/cache-release nonsense")
    olga.types("/cache-release run R-2 1")
    ari.presses("Approve purge", on="keys match")
    ari.sees("are in snapshot")
    olga.types("/cache-release rollback R-2")
    olga.sees("R-2 rolled back")


def _everything_written(planted: Planted) -> Iterator[tuple[str, str]]:
    """Yield where something was written, and what."""
    demo = planted.demo
    assert demo.slack is not None
    yield "log", (planted.folder / "bot.log").read_text(encoding="utf-8")
    url = planted.settings["DATABASE_URL"].replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, table in tables:
            query = sql.SQL("SELECT to_jsonb(t)::text FROM {}.{} AS t").format(
                sql.Identifier(schema), sql.Identifier(table)
            )
            yield f"{schema}.{table}", "\n".join(row[0] for row in connection.execute(query))
    for person in ("U01OWNER", "U02APPROVER", "U03ONCALL", "U01ADMIN"):
        yield f"what {person} sees", json.dumps(demo.slack.state(person), ensure_ascii=False)
    for path in (planted.folder / "snapshots").rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes().decode("latin-1")


def _said_of_errors(environ: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what settings, parts and errors say of themselves."""
    settings = read_settings(environ)
    loaded = load_catalog(settings.catalog, environ)
    snapshots = open_snapshots(settings)
    production = environ["SHOP_PRODUCTION_REDIS_URL"]
    away = production.rpartition(":")[0] + ":1/0"
    keyspace = RedisKeyspace(away)
    yield "settings", f"{settings!r} {settings}"
    yield "catalog", repr(loaded)
    try:
        keyspace.describe()
    except Refusal:
        yield "redis", traceback.format_exc()
    database = environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(database.rpartition("/")[0] + "/no_such_database", hide_parameters=True)
    try:
        engine.connect()
    except SQLAlchemyError:
        yield "database", traceback.format_exc()
    opened = open_engine(environ["DATABASE_URL"])
    with opened.connect() as connection:
        try:
            connection.execute(text("SELECT :secret FROM nowhere"), {"secret": DATABASE_PASSWORD})
        except SQLAlchemyError:
            yield "statement", traceback.format_exc()
    yield "parts", repr((snapshots, vars(snapshots), keyspace, opened))
    opened.dispose()
    engine.dispose()
    named = {row.name for row in SETTINGS.values() if row.secret}
    for name, value in environ.items():
        if name in named:
            wrong = {**environ, name: f"{value} and a blank"}
            try:
                read_settings(wrong)
            except SettingsProblems as problems:
                yield f"wrong {name}", f"{problems} {problems!r}"


def test_no_planted_secret_is_found_anywhere(planted: Planted) -> None:
    _release_in_which_much_fails(planted)
    canaries = planted.canaries
    assert {name.partition(" ")[0] for name in canaries} >= {
        row.name for row in SETTINGS.values() if row.secret
    }
    written = dict(_everything_written(planted))
    said = dict(_said_of_errors(planted.demo.environ))
    assert len(written["log"].splitlines()) > 200
    # With debug on, Slack's library logs the header that holds the bot's token.
    assert "'Authorization': ***" in written["log"]
    assert {"public.audit", "public.action", "public.outbox"} <= set(written)
    assert any(name.startswith("dbos.") for name in written)
    assert {"settings", "catalog", "redis", "database", "statement"} <= set(said)
    found = [
        (where, name)
        for where, content in (written | said).items()
        for name, canary in canaries.items()
        if canary in content
    ]
    assert found == []


def test_the_search_finds_a_secret_that_is_written(tmp_path: Path) -> None:
    environ = {
        "SLACK_BOT_TOKEN": "xoxb-canary-0123456789",
        "DATABASE_URL": "postgresql://b:canary-1@h/d",
    }
    settings = read_settings(environ)
    record = logging.LogRecord(
        "bot", logging.INFO, "", 1, "sent canary-1 and %s", ("xoxb-canary-0123456789",), None
    )
    open_line = logging.Formatter().format(record)
    safe_line = SafeLines(settings.secrets).format(record)
    assert [part for part in ("canary-1", "xoxb-canary-0123456789") if part in open_line] != []
    assert [part for part in ("canary-1", "xoxb-canary-0123456789") if part in safe_line] == []


@pytest.mark.parametrize(
    ("secret", "parts"),
    [
        ("xoxb-1", {"xoxb-1"}),
        ("redis://bot:p%40ss@h:1/0", {"p%40ss", "p@ss"}),
        ("rediss://:only@h,h2:2/0", {"only"}),
        ("sqlite:///var/x.sqlite", {""}),
        ("session=abc; theme=dark", {"session=abc; theme=dark", "abc", "dark"}),
    ],
)
def test_what_of_a_secret_is_secret_on_its_own(secret: str, parts: set[str]) -> None:
    assert set(parts_of(secret)) == parts
