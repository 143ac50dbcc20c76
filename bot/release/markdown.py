"""The record of one release as a Markdown page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

Part = Mapping[str, Any]

MARKS = re.compile(r"([\\`*_\[\]<>#|])")


def escaped(text: object) -> str:
    """Return what people wrote so that Markdown shows it and follows none of it, on one line."""
    return MARKS.sub(r"\\\1", " ".join(str(text).split()))


def code(lines: Iterable[str], kind: str = "") -> list[str]:
    """Return lines as they are, in a fence that is longer than any inside."""
    body = [line for text in lines for line in text.splitlines()]
    ticks = max((len(run) for line in body for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, ticks + 1)
    return [f"{fence}{kind}", *body, fence]


def page(record: Part) -> str:
    """Return the whole page."""
    lines = [
        f"# {record['release']}: {escaped(record['title'])}",
        "",
        f"- Where: {record['app']} {record['environment']}, routes {', '.join(record['routes'])}",
        f"- State: {str(record['state']).replace('_', ' ')}",
        f"- Started: {record['started_at']} by {record['starter']}; owner {record['owner']}",
        f"- Ended: {record['ended_at'] or 'not yet'}",
        f"- Version to go back to: {escaped(record['previous'] or 'not named')}",
        f"- Catalog: {record['catalog_hash']}",
    ]
    if record["hotfix"] is not None:
        lines.append(f"- Hotfix, through a freeze: {escaped(record['hotfix'])}")
    for step in record["steps"]:
        lines += ["", *_step(step)]
    lines += ["", "## Snapshots", "", *_snapshots(record["snapshots"])]
    lines += ["", "## Rollbacks", "", *_rollbacks(record["rollbacks"])]
    lines += ["", "## Audit", "", *_audit(record["audit"])]
    return "\n".join(lines) + "\n"


def _step(step: Part) -> list[str]:
    verdict = "not judged" if step["verdict"] is None else str(step["verdict"]).upper()
    lines = [
        f"## {step['step']}. {escaped(step['title'])}",
        "",
        f"- State: {step['state']}; verdict: {verdict}",
        f"- Owner: {step['owner']}",
        f"- Expected: {escaped(step['expected'])}",
        f"- Actual: {escaped(step['evidence'] or 'nothing was measured')}",
        f"- Rollback note: {escaped(step['rollback_note'])}",
    ]
    if step["reason"]:
        lines.append(f"- Why: {escaped(step['reason'])}")
    lines += [f"- Approved: {row['by']} at {row['at']}" for row in step["approved"]]
    if step["plan_hash"]:
        lines.append(f"- Binds to: {step['plan_hash']}")
    if step["actual"]:
        lines += ["", "Measured:", "", *code([step["actual"]])]
    if step["by_hand"]:
        lines += ["", "By hand:", "", *code(step["by_hand"], "sh")]
    return lines


def _snapshots(rows: Iterable[Part]) -> list[str]:
    said = [
        f"- {row['snapshot']} ({row['purpose']}): {row['keys']} keys, {row['bytes']} bytes, "
        f"{row['state']}, until {row['expires_at']}"
        for row in rows
    ]
    return said or ["None was taken."]


def _rollbacks(rows: Iterable[Part]) -> list[str]:
    said = []
    for row in rows:
        line = (
            f"- {row['state']}: asked by {row['by']} at {row['asked_at']}, ended {row['ended_at']}"
        )
        if "restored" in row:
            line += f", {row['restored']} of {row.get('expected', '?')} keys put back"
        said.append(f"{line}. {escaped(row['failed'])}" if row.get("failed") else line)
    return said or ["It was not rolled back."]


def _audit(audit: Part) -> list[str]:
    if audit["hash"] is None:
        return ["No entry."]
    head = f"{audit['entries']} entries; the newest is number {audit['seq']}, hash {audit['hash']}."
    acts = [f"{row['seq']:>6}  {row['at']}  {row['by']}  {row['act']}" for row in audit["acts"]]
    return [head, "", *code(acts)]
