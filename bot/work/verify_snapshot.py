"""Proves a release's snapshots, file by file; the answer is the action's own card."""

from __future__ import annotations

from bot.release.records import Action, ActionMove, ActionState, Change, Outcome
from bot.work.outcomes import Proof
from bot.work.parts import Parts
from bot.work.report import Report

BOT = "cache-release"


def verify_snapshots(parts: Parts, action: Action, report: Report) -> None:
    """Prove each snapshot that the action names, and record which are whole."""
    proofs: dict[str, Proof] = {}
    for name in action.args["snapshots"]:
        report.phase("verify", f"proving {name}")
        proofs[name] = parts.snapshots.prove(name)
    wrong = [proof.problem for proof in proofs.values() if proof.problem is not None]
    outcome = Outcome.FAIL if wrong else Outcome.PASS
    result = {
        "outcome": outcome,
        "evidence": wrong[0] if wrong else _whole(action, proofs),
        "actual": "\n".join(_line(name, proof) for name, proof in proofs.items()),
        "numbers": {
            "snapshots": [
                {"id": name, "keys": row.keys, "bytes": row.bytes, "problem": row.problem}
                for name, row in proofs.items()
            ]
        },
    }
    parts.ledger.keep(
        Change(
            act=f"{action.kind} done",
            by=BOT,
            at=parts.clock.now(),
            body={"key": action.key, "outcome": outcome},
            actions=(
                ActionMove(
                    key=action.key, seen_fence=action.fence, to=ActionState.DONE, result=result
                ),
            ),
            cards=report.cards,
        )
    )


def _whole(action: Action, proofs: dict[str, Proof]) -> str:
    keys = sum(proof.keys for proof in proofs.values())
    held = "1 key" if keys == 1 else f"{keys:,} keys"
    return f"R-{action.args['release']}: {held} can be put back, every byte is what was written."


def _line(name: str, proof: Proof) -> str:
    if proof.problem is not None:
        return f"{name}: {proof.problem}"
    return f"{name}: whole, {proof.keys:,} keys, {proof.bytes:,} bytes on disk"
