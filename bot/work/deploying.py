"""Runs the app's own rollback command, once: a run whose end was not seen asks a person."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.release.catalog import Hook
from bot.release.records import Action
from bot.release.refusal import Code, Refusal
from bot.work.parts import Parts
from bot.work.report import Report

HOOK = "deploy hook"


def deploy_back(
    parts: Parts, hook: Hook, values: Mapping[str, str | None], action: Action, report: Report
) -> str | None:
    """Return what was run, as `ran deploy.sh --to v1`; None where an earlier run of the action did it."""
    if parts.ledger.op_step(action.key, HOOK) == "done":
        return None
    report.phase("deploy", "running the app's rollback command")
    filled = dict(values)
    if filled["previous"] is None:
        filled["previous"] = parts.hook.previous(hook, filled)
    argv = parts.hook.resolve(hook.argv, filled)
    first = parts.ledger.op_begin(action.key, HOOK, parts.clock.now())
    if not first and not hook.idempotent:
        raise Refusal(
            code=Code.OUTCOME_UNKNOWN,
            failed="The app's rollback command was started before, and its end was not seen.",
            expected="a person who looks which version runs, then presses Roll back again.",
            retry_is_safe=False,
        )
    ran = parts.hook.run(hook, argv)
    state = "done" if ran.code == 0 else "failed"
    parts.ledger.op_end(action.key, HOOK, state, ran.output[-500:], parts.clock.now())
    if ran.code != 0:
        raise Refusal(
            code=Code.HOOK_FAILED,
            failed=f"The app's rollback command ended with code {ran.code}: {ran.output[-200:]}",
            expected="exit code 0; the cache was not touched. `rollback --no-deploy` goes on without it.",
            retry_is_safe=True,
        )
    return f"ran {' '.join((Path(argv[0]).name, *argv[1:]))}"
