"""Writes the commands of a snapshot to standard output, for `redis-cli --pipe`, when the bot is dead."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from bot.effects.environment import read_variable
from bot.effects.snapshots.batches import Batch, Damaged, OtherKey, Torn, batches_in
from bot.effects.snapshots.cipher import Cipher
from bot.effects.snapshots.key import encryption_key, key_id
from bot.effects.snapshots.proof import damaged, other_key, segments_of
from bot.release.refusal import Code, Refusal

SETTING = "SNAPSHOT_ENCRYPTION_KEY"


def write_frames(folder: Path, environ: Mapping[str, str], out: BinaryIO) -> bool:
    """Write what the folder's segments hold; return whether the last one ended in the middle of a batch.

    Everything is opened once before the first byte goes out. Refusal naming the key that is needed or the file that
    was changed; the key that signs is not needed, because what is encrypted is proven by its own tags.
    """
    folder = folder.resolve()
    key = _key(environ)
    cipher = None if key is None else Cipher(key, key_id(key), folder.name)
    torn: set[Path] = set()
    for _ in _batches(folder, cipher, torn):
        # Looking is enough: a batch that does not open ends this before anything is written.
        pass
    for batch in _batches(folder, cipher, torn):
        out.write(batch.frames())
    out.flush()
    return bool(torn)


def _key(environ: Mapping[str, str]) -> bytes | None:
    given = read_variable(environ, SETTING, secret=True)
    try:
        if given.problem is not None:
            raise ValueError(str(given.problem))
        return None if given.text is None else encryption_key(given.text)
    except ValueError as error:
        raise Refusal(
            code=Code.BAD_REQUEST,
            failed=f"{SETTING} cannot be used: {error}.",
            expected="32 bytes in hex or base64, or the file that holds them.",
            retry_is_safe=True,
        ) from error


def _batches(folder: Path, cipher: Cipher | None, torn: set[Path]) -> Iterator[Batch]:
    """Yield every batch, opened; a cut end of the last file goes into `torn`."""
    segments = segments_of(folder)
    for path in segments:
        try:
            yield from batches_in(path, None, cipher)
        except Torn as cut:
            if path != segments[-1]:
                raise damaged(path, "ends in the middle of a batch") from cut
            torn.add(path)
        except OtherKey as other:
            given = "" if cipher is None else cipher.key_id
            raise other_key(folder.name, needed=other.key_id, given=given) from other
        except Damaged as error:
            raise damaged(path, "is not what was written") from error


def main() -> None:
    """Take the snapshot's folder from the command line and the key from the environment."""
    if len(sys.argv) != 2 or not segments_of(Path(sys.argv[1])):
        sys.exit(
            "Usage: python -m bot.effects.snapshots.frames_out FOLDER (a folder with segments)"
        )
    try:
        torn = write_frames(Path(sys.argv[1]), os.environ, sys.stdout.buffer)
    except Refusal as refusal:
        sys.exit(str(refusal))
    if torn:
        sys.stderr.write("The last batch is cut off, as after a kill; it was left out.\n")


if __name__ == "__main__":
    main()
