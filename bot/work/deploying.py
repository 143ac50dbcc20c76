"""Runs the app's own rollback command, once: a run whose end was not seen asks a person."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.effects.fault_points import Point, reached
from bot.release.hook import Hook
from bot.release.records import Action
from bot.release.refusal import Code, Refusal
from bot.work.outside import Ran
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
    argv = parts.hook.resolve(hook, filled)
    first = parts.ledger.op_begin(action.key, HOOK, parts.clock.now())
    if not first and not hook.idempotent:
        _end(parts, action, "unknown", "its end was not seen")
        raise Refusal(
            code=Code.OUTCOME_UNKNOWN,
            failed="The app's rollback command was started before, and its end was not seen.",
            expected="a person who looks which version runs, then presses Roll back again.",
            retry_is_safe=False,
        )
    reached(Point.RUNS_COMMAND)
    ran = _run(parts, hook, filled, action)
    reached(Point.RAN_COMMAND)
    _end(parts, action, "done" if ran.code == 0 else "failed", ran.output)
    if ran.code != 0:
        raise Refusal(
            code=Code.HOOK_FAILED,
            failed=f"The app's rollback command {ran.ended}: {ran.output[-200:]}",
            expected=f"{_success(hook)}; the cache was not touched. `rollback --no-deploy` goes on without it.",
            retry_is_safe=True,
        )
    return f"ran {' '.join((Path(argv[0]).name, *argv[1:]))}"


def _run(parts: Parts, hook: Hook, filled: Mapping[str, str | None], action: Action) -> Ran:
    """Run it; where that is refused the ledger says so before anybody else does."""
    try:
        return parts.hook.run(hook, filled, key=f"{action.key}:{HOOK.replace(' ', '-')}")
    except Refusal as refusal:
        unknown = refusal.code is Code.OUTCOME_UNKNOWN
        _end(parts, action, "unknown" if unknown else "failed", refusal.failed)
        raise


def _end(parts: Parts, action: Action, state: str, detail: str) -> None:
    parts.ledger.op_end(action.key, HOOK, state, detail[-500:], parts.clock.now())


def _success(hook: Hook) -> str:
    if hook.webhook is not None:
        return "an answer of 2xx"
    return "a run that ends with success" if hook.workflow is not None else "exit code 0"
