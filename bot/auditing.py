"""What an operator does with the audit at the terminal: verify it, and prune its beginning."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from bot.effects.audit_anchors import read_anchors
from bot.effects.ledger.canonical import canonical
from bot.effects.ledger.migrate import check_migrated
from bot.effects.ledger.signing import stone_of
from bot.effects.ledger.sql_ledger import SqlLedger, open_ledger
from bot.recognising import audit_key
from bot.release.audit_standing import Anchor, Standing, Stone
from bot.release.refusal import Code, Refusal
from bot.settings import Settings, read_settings

DONE, WRONG = 0, 1


def verify(environ: Mapping[str, str], anchors: Sequence[Path], *, as_json: bool) -> int:
    """Print whether every entry of the audit stands; return 0 where all of it does, 1 where not."""
    settings = read_settings(environ)
    ledger = _opened(settings)
    try:
        standing = _standing(ledger, settings, _kept(settings, anchors))
    finally:
        ledger.close()
    Console(highlight=False, soft_wrap=True).out(
        json.dumps(_fields(standing)) if as_json else _words(standing)
    )
    return DONE if standing.finding is None else WRONG


def prune_audit(environ: Mapping[str, str], *, before: datetime, export: Path) -> int:
    """Write the audit's beginning to a new file, then let a signed stone take its place.

    Refuse an audit that does not stand, a beginning without an entry, and a file that exists.
    """
    settings = read_settings(environ)
    ledger = _opened(settings)
    try:
        standing = _standing(ledger, settings, _kept(settings, ()))
        if standing.finding is not None:
            raise _refused(
                f"The audit does not stand: {standing.finding.says}.",
                "an audit that `cache-release verify` finds whole.",
            )
        now = datetime.now(UTC)
        first, last = ledger.prunable(before=before, now=now)
        if last < first:
            raise _refused(
                f"No entry from before {before:%Y-%m-%d} may go.",
                "a later day; entries of releases that are live or can be rolled back stay,"
                " and all that follow them.",
            )
        stone = _prune(ledger, audit_key(settings), first, last, export, now)
    finally:
        ledger.close()
    Console(highlight=False, soft_wrap=True).out(
        f"{stone.entries} entries, {first} to {last}, are in {export} (SHA-256 of its entries {stone.digest})."
        " A signed stone stands for them in the audit."
    )
    return DONE


def _opened(settings: Settings) -> SqlLedger:
    url = settings.database_url.get_secret_value()
    check_migrated(url)
    return open_ledger(url)


def _kept(settings: Settings, files: Sequence[Path]) -> tuple[Anchor, ...]:
    """Return the anchors of these files, and those of the file that the clock adds to where it is there."""
    own = settings.audit_anchors
    named = [*files] if own is None or not own.exists() else [*files, own]
    return tuple(anchor for path in dict.fromkeys(named) for anchor in read_anchors(path))


def _standing(ledger: SqlLedger, settings: Settings, anchors: Iterable[Anchor]) -> Standing:
    return ledger.audit_standing(key=audit_key(settings), anchors=anchors)


def _fields(standing: Standing) -> dict[str, Any]:
    finding = standing.finding
    return {
        "whole": finding is None,
        "entries": standing.entries,
        "pruned": standing.pruned,
        "anchors": standing.anchors,
        "last": standing.seq,
        "hash": standing.hash,
        "first_bad": None if finding is None else finding.seq,
        "fault": None if finding is None else str(finding.fault),
        "says": None if finding is None else finding.says,
    }


def _words(standing: Standing) -> str:
    if standing.finding is not None:
        wrong = standing.finding
        return (
            f"NOT whole: {wrong.says} ({wrong.fault})."
            f" {standing.entries} entries before it stand as they were written."
        )
    parts = [f"The audit is whole: {standing.entries} entries up to {standing.seq}"]
    if standing.pruned:
        parts.append(f"{standing.pruned} before them are pruned behind a signed stone")
    met = standing.anchors
    parts.append(
        f"{met} anchors agree" if met else "no anchor was compared, so a cut end would not show"
    )
    return f"{'; '.join(parts)}. Its end: {standing.hash}"


def _prune(
    ledger: SqlLedger, key: bytes, first: int, last: int, export: Path, now: datetime
) -> Stone:
    """Make the export durable first; it is taken away again where the stone could not be set."""
    try:
        handle = os.open(export, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise _refused(
            f"{export} cannot be made: {error.strerror}.", "the name of a file that is not there."
        ) from error
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            digest, hashed = hashlib.sha256(), ""
            for row in ledger.audit_rows(first, last):
                line = canonical(row) + "\n"
                digest.update(line.encode("ascii"))
                file.write(line)
                hashed = row["hash"]
            stone = stone_of(
                key,
                seq=last,
                hashed=hashed,
                entries=last - first + 1,
                at=now,
                by=f"terminal:{getpass.getuser()}",
                digest=digest.hexdigest(),
            )
            file.write(canonical({"stone": asdict(stone)}) + "\n")
            file.flush()
            os.fsync(file.fileno())
        ledger.set_stone(stone)
    except BaseException:
        export.unlink()
        raise
    return stone


def _refused(failed: str, expected: str) -> Refusal:
    return Refusal(
        code=Code.NOT_NOW,
        failed=f"{failed} Nothing was pruned.",
        expected=expected,
        retry_is_safe=True,
    )
