"""What an earlier run of a purge left staged: found, made durable, unlinked."""

from __future__ import annotations

from collections.abc import Sequence

from bot.effects.keyspace.abilities import Abilities
from bot.effects.keyspace.connect import RedisLink
from bot.effects.keyspace.expiry import expiries
from bot.effects.keyspace.naming import Naming
from bot.effects.keyspace.renaming import BIG
from bot.effects.keyspace.sizes import sizes_of
from bot.effects.keyspace.staging import Staging
from bot.effects.keyspace.wanted import START
from bot.effects.snapshots.frames import Captured, SetAside, records_in
from bot.effects.snapshots.writer import SnapshotWriter
from bot.release.scope import escape_glob, matches

STAGED_PAGE = 20


def reconcile_staged(
    link: RedisLink,
    found: Abilities,
    snapshot: SnapshotWriter,
    staging: Staging,
    naming: Naming,
) -> int:
    """Make durable and unlink what an earlier run left staged; return how many keys that were.

    What the last durable batches hold already is only unlinked. Large keys stay, and are listed.
    """
    known = {record.frame() for record in records_in(snapshot.found_recent())}
    listed = {record.staged for record in snapshot.aside}
    _unlink_known(link, found, staging, naming, known)
    count = 0
    for page in staged_pages(link, naming):
        for record in read_staged(link, found, page, naming):
            if naming.staged(record.key) in listed:
                continue
            pattern = next((row for row in snapshot.patterns if matches(row, record.key)), "")
            staging.hold(record, pattern)
            count += 1
        if staging.full:
            staging.make_durable()
    staging.make_durable()
    staging.unlink_durable()
    return count


def _unlink_known(
    link: RedisLink, found: Abilities, staging: Staging, naming: Naming, known: set[bytes]
) -> None:
    """What is durable goes first: no more than two batches may ever be both durable and staged."""
    if not known:
        return
    for page in staged_pages(link, naming):
        records = read_staged(link, found, page, naming)
        staging.unlink(
            row.key for row in records if isinstance(row, Captured) and row.frame() in known
        )


def staged_pages(link: RedisLink, naming: Naming) -> list[list[bytes]]:
    """Return the staged names, in pages; a purge has at most a few thousand of them."""
    cursor, names = START, dict[bytes, None]()
    while True:
        cursor, page = link.call(
            "SCAN", cursor, "MATCH", escape_glob(naming.prefix) + b"*", "COUNT", 500
        )
        names.update(dict.fromkeys(page))
        if cursor == START:
            break
    every = list(names)
    return [every[at : at + STAGED_PAGE] for at in range(0, len(every), STAGED_PAGE)]


def release_staged(link: RedisLink, naming: Naming) -> int:
    """Remove what stands under staged names; return how many keys that were."""
    names = [name for page in staged_pages(link, naming) for name in page]
    return sum(answer for answer in link.ask_all(naming.unlinks(names)) if isinstance(answer, int))


def read_staged(
    link: RedisLink, found: Abilities, names: Sequence[bytes], naming: Naming
) -> list[Captured | SetAside]:
    """Return what stands under these staged names now, large keys without their content."""
    sizes = sizes_of(link, names)
    small = [name for name, size in zip(names, sizes, strict=True) if size and size <= BIG]
    dumps = dict(zip(small, link.ask_all([("DUMP", name) for name in small]), strict=True))
    moments = expiries(link, found, names)
    records: list[Captured | SetAside] = []
    for name, size, moment in zip(names, sizes, moments, strict=True):
        key = naming.live(name)
        dump = dumps.get(name)
        if dump is not None:
            records.append(Captured(key=key, expires_at=moment, dump=dump))
        elif size and size > BIG:
            records.append(SetAside(key=key, staged=name, expires_at=moment))
    return records
