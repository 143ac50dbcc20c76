"""Keep a rollback command ready: the snapshot is proved, the command is shown."""

from __future__ import annotations

from dataclasses import asdict

from bot.release.catalog import Route
from bot.release.finding import patterns_of
from bot.release.records import Outcome, Verdict
from bot.steps import (
    Job,
    LookOnly,
    Proved,
    ProveSnapshot,
    Resolved,
    ResolveHook,
    Seen,
    Step,
    Texts,
    Wish,
)


class RollbackReady(LookOnly):
    """Checksums of the snapshot, until when it can be restored, and both commands that undo the release."""

    kind = "rollback_ready"
    order = 5
    title = "Keep a rollback command ready"

    def texts(self, routes: tuple[tuple[str, Route], ...]) -> Texts:
        """Return the text the start form is filled with."""
        ready = "The snapshot is whole and can be put back for a week;"
        if not patterns_of(routes):
            ready = "The old number of the generation is known;"
        return Texts(
            expected=f"{ready} the deploy rollback command is ready.",
            rollback_note="Press Roll back on the release's card, or type /cache-release rollback with its number.",
        )

    def plan(self, job: Job) -> tuple[Wish, ...]:
        """Prove the snapshot and resolve the command."""
        return (ProveSnapshot(snapshot_id=job.snapshot_id), ResolveHook())

    def judge(self, job: Job, seen: tuple[Seen, ...]) -> Verdict:
        """Fail on a damaged snapshot or a command that does not resolve; unsure without a snapshot."""
        proved, resolved = seen
        assert isinstance(proved, Proved)
        assert isinstance(resolved, Resolved)
        lines = [f"Deploy rollback: {' '.join(resolved.argv) or 'none'}"]
        if proved.snapshot_id is not None:
            lines.insert(
                0,
                f"Snapshot {proved.snapshot_id}: {proved.keys:,} keys, {proved.bytes / 1000:,.1f} KB",
            )
            lines += [
                f"Can be put back until {proved.expires_at}",
                "By hand, without the bot:",
                proved.command,
            ]
        lines += [f"Rollback sets back: {line}" for line in proved.generations]
        outcome, evidence = _outcome(proved, resolved)
        return Verdict(
            outcome=outcome,
            evidence=evidence,
            actual="\n".join(lines),
            numbers={"snapshot": asdict(proved), "hook": asdict(resolved)},
        )


def _outcome(proved: Proved, resolved: Resolved) -> tuple[Outcome, str]:
    if proved.problem is not None:
        return Outcome.FAIL, proved.problem
    if resolved.problem is not None:
        return Outcome.FAIL, resolved.problem
    if proved.snapshot_id is None and proved.generations:
        back = "; ".join(proved.generations)
        return Outcome.PASS, f"A rollback sets back: {back}. There is no snapshot to keep."
    if proved.snapshot_id is None:
        return (
            Outcome.UNSURE,
            "Nothing was purged, so there is no snapshot to put back.",
        )
    return (
        Outcome.PASS,
        f"{proved.keys:,} keys proved against their checksums; both commands are ready.",
    )


STEP: Step = RollbackReady()
