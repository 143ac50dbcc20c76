"""Where the real parts meet: opened, built, attached and started in the order a reader expects."""

from __future__ import annotations

import importlib
import pkgutil
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from types import ModuleType
from typing import cast

from slack_bolt import App

from bot import commands as command_room
from bot import steps as step_room
from bot.commands import Ask, Command, Reply, Tools
from bot.effects.catalog_file import LoadedCatalog, load_catalog
from bot.effects.http.probe import HttpProbe
from bot.effects.http.rate_ceiling import RateCeiling
from bot.effects.keyspace.counters import traffic_reader
from bot.effects.ledger.migrate import check_migrated
from bot.effects.ledger.sql_ledger import SqlLedger, open_ledger
from bot.effects.liveness import Liveness, open_liveness
from bot.effects.rollback_hook import RollbackHook
from bot.effects.snapshots.files import SnapshotFiles
from bot.effects.system_clock import SystemClock
from bot.places import open_keyspace, open_snapshots
from bot.recognising import Recognised, people_of, recognise, signing_secret, slack_token
from bot.release.health import health_of
from bot.release.refusal import Code, Refusal
from bot.settings import Settings
from bot.slack.caller import sending_client
from bot.slack.delivery import Delivery
from bot.slack.door import Behind, build_bolt_app, listening_client
from bot.slack.rates import RateLimits
from bot.steps import Step
from bot.work.engine import DbosEngine, engine_url
from bot.work.measuring import measured
from bot.work.parts import Parts
from bot.work.perform import Performer


def _found(room: ModuleType, name: str) -> list[object]:
    """Return what each file of a room declares under that name; a file without it fails here, named."""
    files = (f"{room.__name__}.{file.name}" for file in pkgutil.iter_modules(room.__path__))
    return [getattr(importlib.import_module(file), name) for file in files]


def commands() -> Mapping[str, Command]:
    """Return the verbs, by name."""
    found = cast("list[Command]", _found(command_room, "COMMAND"))
    return {command.verb: command for command in found}


def steps() -> Mapping[str, Step]:
    """Return the checklist kinds, by name."""
    found = cast("list[Step]", _found(step_room, "STEP"))
    return {step.kind: step for step in found}


@dataclass(frozen=True, kw_only=True)
class Bot:
    """The parts, joined. Nothing runs yet."""

    settings: Settings
    loaded: LoadedCatalog
    clock: SystemClock
    ledger: SqlLedger
    snapshots: SnapshotFiles
    performer: Performer
    liveness: Liveness
    engine: DbosEngine
    tools: Tools
    known: Recognised
    wake: threading.Event

    def run(self, ask: Ask) -> Reply:
        """Carry out an ask; whoever sends messages is woken to look for what it changed."""
        command = self.tools.commands.get(ask.verb)
        if command is None:
            raise Refusal(
                code=Code.UNKNOWN_NAME,
                failed=f"There is no verb {ask.verb[:40]}.",
                expected=f"one of: {', '.join(sorted(self.tools.commands))}.",
                retry_is_safe=True,
            )
        try:
            return command.run(ask, self.tools)
        finally:
            self.wake.set()


def build(settings: Settings, environ: Mapping[str, str], *, role: str, works: bool) -> Bot:
    """Join the parts; `works` says whether this process carries out what was asked."""
    loaded = load_catalog(settings.catalog, environ)
    clock, url = SystemClock(), settings.database_url.get_secret_value()
    check_migrated(url)
    ledger = open_ledger(url, catalog=loaded.catalog)
    snapshots, ceiling = open_snapshots(settings), RateCeiling(settings.probes_per_second)
    known = recognise(settings, loaded.catalog, clock.now, ledger)
    parts = Parts(
        catalog=loaded.catalog,
        secrets=loaded.values,
        ledger=ledger,
        clock=clock,
        steps=steps(),
        keyspace=partial(open_keyspace, loaded, settings.most_tempo),
        snapshots=snapshots,
        probe=HttpProbe(user_agent="cache-release", ceiling=ceiling),
        hook=RollbackHook(settings.catalog.resolve().parent, loaded.values),
        nonce=lambda: secrets.token_hex(6),
        drift_limit=settings.drift_percent / 100,
        snapshot_life=timedelta(days=settings.snapshot_days),
        quiet_s=settings.second_look_s,
        watch=settings.watch,
        traffic=traffic_reader(loaded),
        large=settings.large_purge,
        who=known.who,
    )
    performer, liveness = Performer(parts), open_liveness(url)
    engine = DbosEngine(
        engine_url(url),
        role=role,
        perform=measured(performer.perform, ledger) if works else None,
        liveness=liveness,
        on_poisoned=performer.report_poisoned,
    )
    tools = Tools(
        catalog=loaded.catalog,
        ledger=ledger,
        engine=engine,
        steps=parts.steps,
        commands=commands(),
        rehearsal_h=settings.rehearsal_h,
        watch=settings.watch,
        most_live=settings.live_releases,
        members=known.members,
        reminders=known.reminders,
        step_up=known.step_up,
    )
    return Bot(
        settings=settings,
        loaded=loaded,
        clock=clock,
        ledger=ledger,
        snapshots=snapshots,
        performer=performer,
        liveness=liveness,
        engine=engine,
        tools=tools,
        known=known,
        wake=threading.Event(),
    )


def build_slack(bot: Bot) -> App:
    """Return the Bolt app: every payload becomes an Ask that the bot runs."""
    client = listening_client(slack_token(bot.settings), bot.settings.slack_api_base_url)
    behind = Behind(
        run=bot.run,
        people=bot.known.people,
        ledger=bot.ledger,
        catalog=bot.loaded.catalog,
        now=bot.clock.now,
        health=lambda: health_of(bot.liveness.alive(), bot.ledger.backlog(bot.clock.now())),
        on_refused=bot.ledger.keep,
        admit=RateLimits(bot.settings.rates, time.monotonic).admit,
    )
    return build_bolt_app(behind, client=client, signing_secret=signing_secret(bot.settings))


def delivery(bot: Bot) -> Delivery:
    """Return what sends the messages that wait in the ledger."""
    client = sending_client(slack_token(bot.settings), bot.settings.slack_api_base_url)
    people = people_of(bot.settings, bot.loaded.catalog, bot.clock.now, bot.ledger, client)
    told = bot.loaded.catalog, people.name_of, people.members_of, bot.engine.id
    return Delivery(client, bot.ledger, *told, edits_a_minute=bot.settings.slack_edits)
