"""Turns wishes into calls on the outside things: the one place that acts for a step."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from bot.release.generation import move_words, moves_of
from bot.release.large_purge import large_words
from bot.release.plan import Plan, drift
from bot.release.preview import Preview
from bot.release.refusal import Code, Refusal
from bot.release.treatment import treatments_of
from bot.steps import (
    Count,
    Counted,
    Fetch,
    Job,
    Proved,
    ProveSnapshot,
    Purge,
    Resolved,
    ResolveHook,
    Seen,
    Wish,
)
from bot.work.generations import purge_scope
from bot.work.jobs import release_name
from bot.work.parts import Parts
from bot.work.report import Report


def carry_out(
    parts: Parts, job: Job, wish: Wish, report: Report, *, confirmed: str | None = None
) -> Seen:
    """Return what was seen. A wish that destroys is refused unless `confirmed` is the hash of its plan."""
    match wish:
        case Fetch():
            return parts.probe.fetch(
                wish,
                base_url=job.environment.url,
                allow_private=job.environment.allow_private,
                cookies=_cookies(parts, job),
                on_progress=lambda done, total: report.tell("look", "requests", done, total),
                release=release_name(job),
            )
        case Count():
            return Counted(plan=_count(parts, job, wish))
        case ProveSnapshot():
            return _prove(parts, job, wish)
        case ResolveHook():
            return _resolve(parts, job)
        case Purge():
            if confirmed is None or confirmed != wish.plan_hash:
                raise Refusal(
                    code=Code.PLAN_CHANGED,
                    failed="Not purged: this is not the plan that was approved.",
                    expected="an approval of exactly this plan; run the step again.",
                    retry_is_safe=True,
                )
            return purge_scope(parts, job, wish, report)
        case _:
            assert_never(wish)


def _cookies(parts: Parts, job: Job) -> dict[str, str]:
    return {name: parts.secrets[account.cookie] for name, account in job.app.accounts.items()}


def _count(parts: Parts, job: Job, wish: Count) -> Plan:
    keyspace = parts.keyspace(job.app_name, job.environment_name)
    found, treatments = Preview(patterns=(), database_keys=0), treatments_of(job.routes)
    if wish.patterns:
        found = keyspace.preview(wish.patterns, others=dict(wish.others))
    plan = Plan(
        app=job.app_name,
        environment=job.environment_name,
        routes=tuple(name for name, _ in job.routes),
        patterns=tuple(
            replace(row, treatment=treatments.get(row.pattern, "")) for row in found.patterns
        ),
        database_keys=found.database_keys,
        run=job.nonce,
        forecast=found.forecast,
        source=found.source,
        generations=tuple(keyspace.generation(key) for key in wish.generations),
    )
    return replace(plan, large=large_words(plan, parts.large))


def _prove(parts: Parts, job: Job, wish: ProveSnapshot) -> Proved:
    story = None if job.release is None else parts.ledger.story(job.release.id)
    moved = () if story is None else tuple(map(move_words, moves_of(story)))
    if wish.snapshot_id is None:
        return Proved(
            snapshot_id=None,
            keys=0,
            bytes=0,
            expires_at=None,
            command="",
            problem=None,
            generations=moved,
        )
    proof = parts.snapshots.prove(wish.snapshot_id)
    rows = () if story is None else story.snapshots
    expires = next((row.expires_at for row in rows if row.id == wish.snapshot_id), None)
    return Proved(
        snapshot_id=wish.snapshot_id,
        keys=proof.keys,
        bytes=proof.bytes,
        expires_at=None if expires is None else f"{expires:%Y-%m-%d %H:%M} UTC",
        command=parts.snapshots.command(wish.snapshot_id, parts.secrets[job.environment.redis]),
        problem=proof.problem,
        generations=moved,
    )


def hook_values(job: Job) -> dict[str, str | None]:
    """Return what the deploy command's placeholders stand for."""
    release = job.release
    return {
        "app": job.app_name,
        "environment": job.environment_name,
        "release": None if release is None else release.name,
        "previous": None if release is None else release.previous,
    }


def _resolve(parts: Parts, job: Job) -> Resolved:
    if job.app.rollback is None:
        return Resolved(argv=(), problem=None)
    try:
        argv = parts.hook.resolve(job.app.rollback, hook_values(job))
    except Refusal as refusal:
        return Resolved(argv=(), problem=refusal.failed)
    return Resolved(argv=argv, problem=None)


def refuse_drift(parts: Parts, job: Job, wish: Purge) -> None:
    """Count again; refuse a purge whose scope moved more than the limit since its plan."""
    if not wish.patterns:
        return
    keyspace = parts.keyspace(job.app_name, job.environment_name)
    counts, _ = keyspace.count(wish.patterns, sample=0)
    counted = sum(row.keys for row in counts)
    moved = drift(wish.planned_keys, counted)
    if moved > parts.drift_limit:
        raise Refusal(
            code=Code.PLAN_DRIFTED,
            failed=f"Not purged: the plan counted {wish.planned_keys:,} keys, now there are {counted:,}.",
            expected=f"a difference of at most {parts.drift_limit:.0%}; run the step again for a new plan.",
            retry_is_safe=True,
        )
