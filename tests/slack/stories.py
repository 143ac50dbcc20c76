"""Stories of the ledger to draw messages from."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.release.catalog import Catalog
from bot.release.plan import PatternCount, Plan, TtlSpread
from bot.release.records import (
    Action,
    ActionKind,
    ActionState,
    Approval,
    Lock,
    Outcome,
    Release,
    SnapshotRow,
    StepLine,
    Story,
    Verdict,
)
from bot.release.states import ReleaseState, StepState

AT = datetime(2026, 3, 1, 14, 0, tzinfo=UTC)
OLGA, ARI, NICO, DANA = "U01OWNER", "U02APPROVER", "U03ONCALL", "U04DEV"
NAMES = {OLGA: "@olga", ARI: "@ari", NICO: "@nico", DANA: "@dana"}
KINDS = (
    ("headers", "Inspect cache headers"),
    ("logged_in", "Test logged-in traffic"),
    ("purge", "Purge only the affected route"),
    ("latency", "Measure response time"),
    ("rollback_ready", "Keep a rollback command ready"),
)
CATALOG = Catalog.model_validate(
    {
        "people": {"admins": ("U05ADMIN",)},
        "apps": {
            "shop": {
                "channel": "C01REL",
                "owner": OLGA,
                "approvers": (ARI, "S01CACHE"),
                "oncall": (NICO,),
                "environments": {"production": {"redis": "env:R", "url": "http://127.0.0.1:1"}},
                "routes": {"products": {"keys": ("anp:page:/products*",), "paths": ("/products",)}},
                "rollback": {"argv": ("./deploy.sh", "--to", "{previous}")},
            }
        },
    }
)
PLAN = Plan(
    app="shop",
    environment="production",
    routes=("products",),
    patterns=(
        PatternCount(
            pattern="anp:page:/products*",
            keys=1204,
            bytes=3_100_000,
            ttl=TtlSpread(no_expiry=4, under_hour=1200),
            sample=("anp:page:/products", "anp:page:/products?page=2"),
            neighbours=("anp:page:/products-old",),
        ),
    ),
    database_keys=20_000,
)
PASSED = Verdict(
    outcome=Outcome.PASS, evidence="All 2 pages follow the rules.", actual="H1 pass\nH2 pass"
)
FAILED = Verdict(outcome=Outcome.FAIL, evidence="A page is private.", actual="H1 fail /products")


def name_of(person: str) -> str:
    """Return the name of a test person."""
    return NAMES.get(person, person)


def a_release(**changes: Any) -> Release:
    """Return R-42, changed as asked."""
    plain = Release(
        id=42,
        app="shop",
        environment="production",
        routes=("products",),
        title="New price table",
        starter=OLGA,
        owner=OLGA,
        state=ReleaseState.OPEN,
        version=7,
        channel="C01REL",
        previous="v1",
        catalog_hash="c",
        started_at=AT,
        ended_at=None,
    )
    return replace(plain, **changes)


def a_step(number: int, state: StepState = StepState.WAITING, **changes: Any) -> StepLine:
    """Return a line of the checklist, changed as asked."""
    kind, title = KINDS[number - 1]
    plain = StepLine(
        release_id=42,
        number=number,
        kind=kind,
        title=title,
        owner=OLGA,
        expected="Nothing surprising.",
        rollback_note="Press Roll back.",
        state=state,
        version=3,
        verdict=None,
        plan=None,
        plan_hash=None,
        reason=None,
    )
    return replace(plain, **changes)


def planned_step(state: StepState = StepState.JUDGED) -> StepLine:
    """Return the purge step with its plan shown."""
    verdict = Verdict(
        outcome=Outcome.UNSURE, evidence="1,204 keys match.", actual="anp:page:/products*  1,204"
    )
    return a_step(3, state, verdict=verdict, plan=asdict(PLAN), plan_hash=PLAN.hash)


def a_story(*steps: StepLine, release: Release | None = None, **parts: Any) -> Story:
    """Return a story of five steps; the given ones stand in their places, those before are done."""
    given = {step.number: step for step in steps}
    first = min(given, default=1)
    lines = tuple(
        given.get(number) or a_step(number, StepState.DONE if number < first else StepState.WAITING)
        for number in range(1, 6)
    )
    empty: dict[str, Any] = {"approvals": (), "actions": (), "snapshots": (), "lock": None}
    return Story(release=release or a_release(), steps=lines, **{**empty, **parts})


def a_snapshot(keys: int = 1204) -> SnapshotRow:
    """Return the snapshot of the purge."""
    return SnapshotRow(
        id="r42-s3-v4",
        release_id=42,
        purpose="purge",
        state="sealed",
        keys=keys,
        bytes=900_000,
        created_at=AT,
        expires_at=AT + timedelta(days=7),
    )


def a_rollback(state: ActionState, **parts: Any) -> Action:
    """Return a rollback that Nico asked for at 14:07."""
    return Action(
        key="rollback:42:r42-s3-v4:1",
        kind=ActionKind.ROLLBACK,
        partition="shop/production",
        release_id=42,
        step=None,
        args={"cold": False, "deploy": True},
        channel="C01REL",
        asked_by=NICO,
        asked_at=AT + timedelta(minutes=7),
        state=state,
        **parts,
    )


def a_run(step: int, state: ActionState, kind: ActionKind, **parts: Any) -> Action:
    """Return the work of a step that Olga asked for at 14:01."""
    return Action(
        key=f"{kind}:42:{step}:v3",
        kind=kind,
        partition="look:42",
        release_id=42,
        step=step,
        args={},
        channel="C01REL",
        asked_by=OLGA,
        asked_at=AT + timedelta(minutes=1),
        state=state,
        **parts,
    )


def a_look(state: ActionState, kind: ActionKind = ActionKind.CHECK, **parts: Any) -> Action:
    """Return a look outside a release."""
    return Action(
        key="check:shop:production:products:U04DEV:1",
        kind=kind,
        partition="look:shop/production",
        release_id=None,
        step=None,
        args={"app": "shop", "environment": "production", "routes": ["products"]},
        channel="C01REL",
        asked_by=DANA,
        asked_at=AT,
        state=state,
        **parts,
    )


def approved(by: str = ARI, step: int = 3, plan_hash: str | None = None) -> Approval:
    """Return an approval at 14:05."""
    return Approval(
        release_id=42,
        step=step,
        plan_hash=plan_hash or PLAN.hash,
        by=by,
        at=AT + timedelta(minutes=5),
    )


def a_lock(reason: str = "R-42 was rolled back") -> Lock:
    """Return a lock on the shop."""
    return Lock(app="shop", environment="production", reason=reason, by=NICO, at=AT)
