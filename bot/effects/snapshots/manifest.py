"""The manifest of a snapshot: what was taken, from which server, and the signature of every file."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

from bot.effects.fault_points import Point, reached
from bot.effects.snapshots.frames import SetAside

NAME = "manifest.json"
CHUNK = 1 << 20


class BadManifest(Exception):
    """The manifest cannot be read or its signature is wrong."""


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One file: SHA-256 of its bytes, HMAC of that, keys and bytes in it."""

    name: str
    sha256: str
    hmac: str
    keys: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """All that is known of a snapshot. Until it is sealed the segments themselves know better.

    `runs` counts how often the same keys were looked for, `counts` are keys by pattern, `quarantined` the large keys
    that stay on the server (percent-encoded; unnamed where it is encrypted), `raw_bytes` the commands before zstd,
    `bytes` the files. `settled` says that no key is left staged but those, and `reached` after which part of the
    keys (see `waves`). `encrypted` names the cipher and `key_id` the key; both empty in plain.
    """

    snapshot: str
    created_at: str
    stage: str
    patterns: tuple[str, ...]
    server: str
    dump_format: int
    runs: int = 1
    sealed: bool = False
    keys: int = 0
    raw_bytes: int = 0
    bytes: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    quarantined: tuple[str, ...] = ()
    segments: tuple[Segment, ...] = ()
    encrypted: str = ""
    key_id: str = ""
    settled: bool = False
    reached: int = 0
    hmac: str = ""


def _fields(manifest: Manifest) -> dict[str, Any]:
    """Return what is written; what the first manifests did not know is left out where it says nothing."""
    fields = asdict(manifest)
    return {
        name: value
        for name, value in fields.items()
        if value or name not in {"encrypted", "key_id", "settled", "reached"}
    }


def sign(manifest: Manifest, hmac_key: bytes) -> Manifest:
    """Return the manifest with its signature."""
    return replace(manifest, hmac=_signature(manifest, hmac_key))


def _signature(manifest: Manifest, hmac_key: bytes) -> str:
    said = json.dumps({**_fields(manifest), "hmac": ""}, sort_keys=True).encode()
    return hmac.new(hmac_key, said, hashlib.sha256).hexdigest()


def write_manifest(folder: Path, manifest: Manifest, hmac_key: bytes) -> None:
    """Put the signed manifest in place of the old one, whole or not at all, and make it durable."""
    state = "sealed" if manifest.sealed else "settled" if manifest.settled else "open"
    reached(Point.WRITES_MANIFEST, state)
    draft = folder / f"{NAME}.draft"
    text = json.dumps(_fields(sign(manifest, hmac_key)), indent=2, sort_keys=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / NAME)
    sync_folder(folder)
    reached(Point.WROTE_MANIFEST, state)


def read_manifest(folder: Path, hmac_key: bytes) -> Manifest | None:
    """Return the manifest, None where none was written yet; BadManifest where it is not ours."""
    try:
        value = json.loads((folder / NAME).read_text())
        manifest = _manifest_from(value)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as error:
        raise BadManifest from error
    if not hmac.compare_digest(_signature(manifest, hmac_key), manifest.hmac):
        raise BadManifest
    return manifest


def _manifest_from(value: dict[str, Any]) -> Manifest:
    lists = {name: tuple(value[name]) for name in ("patterns", "quarantined")}
    segments = tuple(Segment(**row) for row in value["segments"])
    return Manifest(**{**value, **lists, "segments": segments})


def describe_segment(path: Path, keys: int, hmac_key: bytes) -> Segment:
    """Return a file's name, size and signatures."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    said = f"{path.name} {digest.hexdigest()}".encode()
    return Segment(
        name=path.name,
        sha256=digest.hexdigest(),
        hmac=hmac.new(hmac_key, said, hashlib.sha256).hexdigest(),
        keys=keys,
        bytes=path.stat().st_size,
    )


def names_of(aside: Sequence[SetAside]) -> tuple[str, ...]:
    """Return the large keys' names, percent-encoded."""
    return tuple(quote_from_bytes(record.key) for record in aside)


def sync_folder(folder: Path) -> None:
    """Make a folder's names durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
