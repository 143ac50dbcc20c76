"""Counts, a moment after the last wave, how many keys came back, and how many of them with their old content."""

from __future__ import annotations

from bot.release.refusal import Refusal
from bot.release.treatment import scopes_of
from bot.steps import Job, Purge
from bot.work.parts import Parts
from bot.work.report import Report

# Comparing reads the whole snapshot and asks the server for each of its keys.
MOST_COMPARED = 200_000
LINE = "waiting for what comes back"


def came_back(
    parts: Parts, job: Job, wish: Purge, report: Report, *, taken: int
) -> tuple[int, int | None]:
    """Return how many keys are in the scope again, and how many hold what they held before the purge.

    The second is None where it was not compared: the snapshot is too large, or cannot be read.
    """
    assert job.snapshot_id is not None
    keyspace = parts.keyspace(job.app_name, job.environment_name)
    if taken and parts.quiet_s:
        report.wait(parts.quiet_s, "verify", LINE)
    scopes = scopes_of(wish.patterns, wish.treatments)
    left = 0
    if scopes.leaving:
        counts, _ = keyspace.count(scopes.leaving, sample=0)
        left = sum(row.keys for row in counts)
    if left == 0:
        return 0, 0
    # A comparison of the whole snapshot cannot tell soft keys, which still stand, from those that came back.
    if taken > MOST_COMPARED or scopes.soft or scopes.plain:
        return left, None
    line = "keys compared with the snapshot"
    report.phase("verify", line, total=taken)
    try:
        snapshot = parts.snapshots.reader(job.snapshot_id)
    except Refusal:
        # The keys are out; a snapshot that cannot be read is the last step's to say.
        return left, None
    found = keyspace.verify(snapshot, on_batch=report.walk("verify", line, taken))
    return left, min(left, found.equal + found.different - found.fresher)
