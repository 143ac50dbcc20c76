"""Which processes are alive: a lock that the kernel or the database frees when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote

from sqlalchemy import make_url

from bot.effects.postgres_liveness import PostgresLiveness

ENDING = ".lock"
TRIES = 3
TRY_AGAIN_S = 0.01


class FileLiveness:
    """`flock` on a file per name (flock(2)); local disks only, never NFS."""

    def __init__(self, folder: Path) -> None:
        """Take the folder of the lock files; it is made when the first lock is taken."""
        self._folder = folder
        self._held: dict[str, int] = {}

    def hold(self, name: str) -> bool:
        """Take the lock; the kernel frees it when the process ends, however it ends."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in reversed(range(TRIES)):
            handle = self._locked(name, os.O_CREAT)
            if handle is not None:
                self._held[name] = handle
                return True
            if left:
                time.sleep(TRY_AGAIN_S)  # it may be held just to see whether its owner is dead
        return False

    def let_go(self, name: str) -> None:
        """Free the lock and take its file away; nothing where it is not held here."""
        handle = self._held.pop(name, None)
        if handle is not None:
            self._remove(name, handle)

    def still_held(self, name: str) -> bool:
        """Return whether the lock is ours; not when its file was taken away or replaced."""
        handle = self._held.get(name)
        return handle is not None and _lies_at(handle, self._path(name))

    @contextmanager
    def dead(self, name: str) -> Iterator[bool]:
        """Yield whether nobody holds the lock, keeping others from it; its file is taken away then."""
        if not self._path(name).exists():
            yield True
            return
        handle = self._locked(name)
        if handle is None:
            yield False
            return
        try:
            yield True
        finally:
            self._remove(name, handle)

    def tidy(self) -> None:
        """Take away the files of every process that is dead."""
        for path in self._folder.glob(f"*{ENDING}"):
            with self.dead(unquote(path.name.removesuffix(ENDING))):
                pass

    def alive(self) -> tuple[str, ...]:
        """Return the names whose lock somebody holds."""
        names = [
            unquote(path.name.removesuffix(ENDING)) for path in self._folder.glob(f"*{ENDING}")
        ]
        return tuple(sorted(name for name in names if self._is_held(name)))

    def _is_held(self, name: str) -> bool:
        with self.dead(name) as dead:
            return not dead

    def _path(self, name: str) -> Path:
        return self._folder / f"{quote(name, safe='')}{ENDING}"

    def _locked(self, name: str, flags: int = 0) -> int | None:
        """Return the locked file; None where somebody else holds it or it is no longer there."""
        path = self._path(name)
        try:
            handle = os.open(path, os.O_RDWR | flags, 0o600)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        if _lies_at(handle, path):
            return handle
        os.close(handle)  # taken away between opening and locking: it keeps nobody out
        return None

    def _remove(self, name: str, handle: int) -> None:
        """Take the file away while it is locked, so that nobody locks a file others cannot see."""
        if _lies_at(handle, self._path(name)):
            self._path(name).unlink()
        os.close(handle)


def _lies_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


Liveness = FileLiveness | PostgresLiveness


def open_liveness(database_url: str) -> Liveness:
    """Return the locks that fit the ledger's database; on SQLite, files in a folder beside it."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        return PostgresLiveness(database_url)
    return FileLiveness(Path(url.database or "").resolve().with_suffix(".alive"))
