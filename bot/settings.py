"""Every setting and every limit of security, read once from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from bot.effects.setting import SLACK, Door, Setting, SettingsProblems, read_all
from bot.effects.snapshots.key import read_encryption_key
from bot.release.large_purge import LargePurge
from bot.release.open_address import Address, address, channel, unguarded
from bot.release.pace import Tempo
from bot.release.problems import Problem
from bot.release.rates import Rates
from bot.release.reading import (
    api_url,
    choice,
    clear_text,
    database_url,
    pagerduty_url,
    secret,
    snapshot_url,
    token,
    whole,
    working_hours,
)
from bot.release.reminder_times import APPROVAL_H
from bot.release.watch_plan import WatchPlan, plan_of
from bot.release.working_hours import WorkingHours

__all__ = ["SETTINGS", "Door", "Setting", "Settings", "SettingsProblems", "read_settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the bot was told, a field for each row of SETTINGS; secrets print as stars.

    `warnings` are worth saying, and no reason to stop.
    """

    slack_bot_token: SecretStr | None
    slack_app_token: SecretStr | None
    slack_signing_secret: SecretStr | None
    slack_api_base_url: str
    slack_edits: int
    pagerduty_token: SecretStr | None
    pagerduty_api_base_url: str
    catalog: Path
    database_url: SecretStr
    snapshot_url: str
    snapshot_hmac_key: SecretStr | None
    snapshot_encryption_key: SecretStr | None
    snapshot_days: int
    snapshot_max_mib: int
    probes_per_second: int
    drift_percent: int
    second_look_s: int
    purge_request_us: int
    purge_duty_percent: int
    purge_keys_per_s: int
    step_up_key: SecretStr | None
    step_up_grace_min: int
    rehearsal_h: int
    approval_h: int
    working_hours: WorkingHours
    watch_min: int
    watch_every_s: int
    watch_cold_min: int
    body_kib: int
    asks_per_min: int
    clicks_per_min: int
    rollbacks_per_min: int
    live_releases: int
    large_purge_keys: int
    large_purge_percent: int
    log_level: str
    audit_hmac_key: SecretStr | None
    audit_anchors: Path | None
    audit_channel: str | None
    metrics_address: Address | None
    metrics_token: SecretStr | None
    host: str
    port: int
    warnings: tuple[Problem, ...] = ()

    @property
    def most_tempo(self) -> Tempo:
        """Return the ceiling for purges and restores."""
        return Tempo(
            budget_us=self.purge_request_us,
            duty=self.purge_duty_percent / 100,
            keys_per_s=self.purge_keys_per_s or None,
        )

    @property
    def watch(self) -> WatchPlan:
        """Return how a release is watched after its last step."""
        return plan_of(self.watch_min, self.watch_every_s, self.watch_cold_min)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return the value of every secret that is set; what no log may hold."""
        values = [getattr(self, field) for field, row in SETTINGS.items() if row.secret]
        return tuple(value.get_secret_value() for value in values if value is not None)

    @property
    def rates(self) -> Rates:
        """Return how often people may ask."""
        return Rates(
            asks=self.asks_per_min, clicks=self.clicks_per_min, rollbacks=self.rollbacks_per_min
        )

    @property
    def large_purge(self) -> LargePurge:
        """Return from where on a purge needs one approval more."""
        return LargePurge(keys=self.large_purge_keys, share=self.large_purge_percent / 100)


SETTINGS: Mapping[str, Setting] = {
    "slack_bot_token": Setting(
        "SLACK_BOT_TOKEN",
        token("xoxb-", "In your Slack app: OAuth & Permissions, Bot User OAuth Token."),
        "The bot's token. Needed with Slack.",
        secret=True,
        needed=SLACK,
    ),
    "slack_app_token": Setting(
        "SLACK_APP_TOKEN",
        token("xapp-", "In your Slack app: Basic Information, App-Level Tokens."),
        "The app-level token with `connections:write`. Needed for Socket Mode.",
        secret=True,
        needed=frozenset({Door.SOCKET}),
    ),
    "slack_signing_secret": Setting(
        "SLACK_SIGNING_SECRET",
        secret(16, "In your Slack app: Basic Information, Signing Secret."),
        "What Slack signs its requests with. Needed for HTTP.",
        secret=True,
        needed=frozenset({Door.HTTP}),
    ),
    "slack_api_base_url": Setting(
        "SLACK_API_BASE_URL", api_url, "Where Slack's API is.", default="https://slack.com/api/"
    ),
    "slack_edits": Setting(
        "CACHE_RELEASE_SLACK_EDITS",
        whole(20, 100_000),
        "How many messages a minute may be edited, in the whole workspace: Slack's tier 3 is 50.",
        default="50",
    ),
    "pagerduty_token": Setting(
        "PAGERDUTY_TOKEN",
        secret(8, "In PagerDuty: Integrations, API Access Keys; a read-only key is enough."),
        "Reads who is on call, where the catalog names a PagerDuty schedule.",
        secret=True,
    ),
    "pagerduty_api_base_url": Setting(
        "PAGERDUTY_API_BASE_URL",
        pagerduty_url,
        "Where PagerDuty's API is; `https://api.eu.pagerduty.com/` for accounts in the EU.",
        default="https://api.pagerduty.com/",
    ),
    "catalog": Setting(
        "CACHE_RELEASE_CATALOG",
        Path,
        "The file that says what may be released, where, and by whom.",
        default="catalog.toml",
    ),
    "database_url": Setting(
        "DATABASE_URL",
        database_url,
        "The ledger: a SQLite file, or PostgreSQL when several hosts run the bot.",
        default="sqlite:///var/cache-release.sqlite",
        secret=True,
    ),
    "snapshot_url": Setting(
        "SNAPSHOT_URL", snapshot_url, "Where snapshots are kept.", default="var/snapshots"
    ),
    "snapshot_hmac_key": Setting(
        "SNAPSHOT_HMAC_KEY",
        secret(32, "Make one: python3 -c 'import secrets; print(secrets.token_hex(32))'."),
        "Signs snapshots, so that none is restored that the bot did not write. Without it a key is"
        " made once, beside the snapshots, readable by the bot's user alone.",
        secret=True,
    ),
    "snapshot_encryption_key": Setting(
        "SNAPSHOT_ENCRYPTION_KEY",
        read_encryption_key,
        "Encrypts new snapshots: 32 bytes in hex or base64. Without it they are written in plain.",
        secret=True,
    ),
    "snapshot_days": Setting(
        "CACHE_RELEASE_SNAPSHOT_DAYS",
        whole(1, 365),
        "For how many days a purge can be undone.",
        default="7",
    ),
    "snapshot_max_mib": Setting(
        "CACHE_RELEASE_SNAPSHOT_MAX_MIB",
        whole(1, 1024 * 1024),
        "The largest snapshot, in MiB; a purge stops before it would need more.",
        default="20480",
    ),
    "probes_per_second": Setting(
        "CACHE_RELEASE_PROBES_PER_SECOND",
        whole(1, 1000),
        "How many requests a second one host may get from the bot's looks, all of a process together.",
        default="20",
    ),
    "drift_percent": Setting(
        "CACHE_RELEASE_DRIFT_PERCENT",
        whole(0, 100),
        "How far the number of keys may move between the approved plan and the purge.",
        default="20",
    ),
    "second_look_s": Setting(
        "CACHE_RELEASE_SECOND_LOOK_S",
        whole(0, 600),
        "How many seconds after a purge the bot counts what came back: as long as a request may take.",
        default="5",
    ),
    "purge_request_us": Setting(
        "CACHE_RELEASE_PURGE_REQUEST_US",
        whole(50, 10_000),
        "How many microseconds one request of a purge or restore may keep Redis, at any pace.",
        default="1000",
    ),
    "purge_duty_percent": Setting(
        "CACHE_RELEASE_PURGE_DUTY_PERCENT",
        whole(1, 100),
        "The largest share of the time that those requests may keep Redis, at any pace.",
        default="100",
    ),
    "purge_keys_per_s": Setting(
        "CACHE_RELEASE_PURGE_KEYS_PER_S",
        whole(0, 10_000_000),
        "The most keys a second that a purge or restore may deal with, at any pace; 0: no ceiling.",
        default="0",
    ),
    "step_up_key": Setting(
        "STEP_UP_KEY",
        read_encryption_key,
        "Switches the second factor for purges in production on, and encrypts people's: 32 bytes in hex or base64.",
        secret=True,
    ),
    "step_up_grace_min": Setting(
        "CACHE_RELEASE_STEP_UP_GRACE_MIN",
        whole(0, 12 * 60),
        "For how many minutes a proved code counts, so that the next purge asks for none; 0 asks each time.",
        default="15",
    ),
    "rehearsal_h": Setting(
        "CACHE_RELEASE_REHEARSAL_H",
        whole(0, 720),
        "For how many hours a rehearsal opens the first step of a release; with 0 no rehearsal is needed.",
        default="24",
    ),
    "approval_h": Setting(
        "CACHE_RELEASE_APPROVAL_H",
        whole(0, 720),
        "For how many hours a step waits for its approval; then the request is closed. 0: for ever.",
        default=str(APPROVAL_H),
    ),
    "working_hours": Setting(
        "CACHE_RELEASE_WORKING_HOURS",
        working_hours,
        "When people are reminded of what can wait, in each reader's own zone where Slack says it; or `always`.",
        default="Mo-Fr 09:00-17:30 UTC",
    ),
    "watch_min": Setting(
        "CACHE_RELEASE_WATCH_MIN",
        whole(0, 24 * 60),
        "For how many minutes a release is watched after its last step; 0 switches the watch off.",
        default="30",
    ),
    "watch_every_s": Setting(
        "CACHE_RELEASE_WATCH_EVERY_S",
        whole(1, 3600),
        "How many seconds lie between two looks of the watch.",
        default="60",
    ),
    "watch_cold_min": Setting(
        "CACHE_RELEASE_WATCH_COLD_MIN",
        whole(0, 24 * 60),
        "For at most how many minutes after its purge a cache may refill without that counting against the release.",
        default="5",
    ),
    "body_kib": Setting(
        "CACHE_RELEASE_BODY_KIB",
        whole(16, 10 * 1024),
        "The largest body of a request of Slack's over HTTP, in KiB; a larger one is not read.",
        default="1024",
    ),
    "asks_per_min": Setting(
        "CACHE_RELEASE_ASKS_PER_MIN",
        whole(1, 10_000),
        "How often a minute one person may ask for something in Slack, in each process; a rollback does not count.",
        default="60",
    ),
    "clicks_per_min": Setting(
        "CACHE_RELEASE_CLICKS_PER_MIN",
        whole(1, 10_000),
        "How often a minute all people together may press something of one release, in each process.",
        default="120",
    ),
    "rollbacks_per_min": Setting(
        "CACHE_RELEASE_ROLLBACKS_PER_MIN",
        whole(1, 10_000),
        "How often a minute one person may ask for a rollback; what others ask for, or this person besides, takes"
        " nothing of it.",
        default="240",
    ),
    "live_releases": Setting(
        "CACHE_RELEASE_LIVE_RELEASES",
        whole(1, 10_000),
        "How many releases may be live at a time; one more is not started.",
        default="100",
    ),
    "large_purge_keys": Setting(
        "CACHE_RELEASE_LARGE_PURGE_KEYS",
        whole(1, 1_000_000_000),
        "A purge of more keys than this needs one approval more.",
        default="1000000",
    ),
    "large_purge_percent": Setting(
        "CACHE_RELEASE_LARGE_PURGE_PERCENT",
        whole(1, 100),
        "A purge of a larger share of the database's keys than this needs one approval more, from 50,000 keys on.",
        default="20",
    ),
    "log_level": Setting(
        "CACHE_RELEASE_LOG_LEVEL",
        choice("info", "debug"),
        "How much is logged; `debug` lets the libraries speak too. No secret is logged either way.",
        default="info",
    ),
    "audit_hmac_key": Setting(
        "AUDIT_HMAC_KEY",
        secret(32, "Make one: python3 -c 'import secrets; print(secrets.token_hex(32))'."),
        "Signs the audit's anchors and what stands for its pruned entries. Without it a key is derived from the one"
        " that signs snapshots.",
        secret=True,
    ),
    "audit_anchors": Setting(
        "CACHE_RELEASE_AUDIT_ANCHORS",
        Path,
        "The file to which the clock adds where the audit stands. Without it only the log says so.",
    ),
    "audit_channel": Setting(
        "CACHE_RELEASE_AUDIT_CHANNEL",
        channel,
        "The id of the Slack channel that is told once a day where the audit stands.",
    ),
    "metrics_address": Setting(
        "CACHE_RELEASE_METRICS",
        address,
        "Where this process serves `/metrics`, `/healthz` and `/readyz` beside its other work: `host:port`.",
    ),
    "metrics_token": Setting(
        "CACHE_RELEASE_METRICS_TOKEN",
        secret(16, "Make one: python3 -c 'import secrets; print(secrets.token_hex(16))'."),
        "What Prometheus must show, as a bearer token. With it `/metrics` is also served where Slack comes in.",
        secret=True,
    ),
    "host": Setting(
        "CACHE_RELEASE_HOST", str, "The address `cache-release web` is at.", default="127.0.0.1"
    ),
    "port": Setting("PORT", whole(0, 65535), "Its port; 0 takes a free one.", default="3000"),
}


def read_settings(environ: Mapping[str, str], *, door: Door = Door.TERMINAL) -> Settings:
    """Return the settings; raise SettingsProblems with everything that is wrong, each with a hint.

    `door` says which of Slack's secrets are needed. A variable that is empty counts as not set.
    """
    values, warnings = read_all(environ, SETTINGS, door=door)
    for name in ("SLACK_API_BASE_URL", "PAGERDUTY_API_BASE_URL"):
        warnings += clear_text(name, values[name.lower()])
    open_to_all = unguarded(values["metrics_address"], values["metrics_token"])
    if open_to_all is not None:
        raise SettingsProblems([open_to_all])
    return Settings(**values, warnings=tuple(warnings))
