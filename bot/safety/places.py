"""Who may read and write what the bot keeps, and where its secrets come from."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.effects.catalog_file import LoadedCatalog
from bot.effects.private import mode_of
from bot.processes import folder_of
from bot.release.safety import Finding, How, mode_finding
from bot.settings import SETTINGS, Settings
from bot.work.engine import engine_url

PERMISSIONS, SECRETS = "permissions", "secrets"
DAY_S = 86_400
OLD_DAYS = 365
SQLITE = "sqlite:///"


def permissions(settings: Settings, loaded: LoadedCatalog | None) -> Iterator[Finding]:
    """Yield the modes of the data folder, the databases, the snapshots, the catalog and the rollback programs."""
    yield Finding(
        section=PERMISSIONS,
        name="user",
        found=f"uid {os.geteuid()}",
        how=How.NOTE if os.geteuid() == 0 else How.OK,
        expected="a user of its own, not root" if os.geteuid() == 0 else "",
    )
    url = settings.database_url.get_secret_value()
    folder = folder_of(url)
    if folder is not None:
        yield mode_finding(PERMISSIONS, f"data folder {folder}", mode_of(folder), 0o700)
        for name, each in (("ledger", url), ("engine", engine_url(url))):
            path = Path(each.removeprefix(SQLITE))
            yield mode_finding(PERMISSIONS, f"{name} {path.name}", mode_of(path), 0o600)
    yield from _snapshots(Path(settings.snapshot_url.removeprefix("file://")))
    yield mode_finding(PERMISSIONS, "catalog", mode_of(settings.catalog), 0o755)
    for name, app in () if loaded is None else loaded.catalog.apps.items():
        program = app.rollback.argv[0] if app.rollback is not None else ""
        path = settings.catalog.resolve().parent / program
        if program and path.is_file():
            yield mode_finding(PERMISSIONS, f"rollback of {name}", mode_of(path), 0o755)


def _snapshots(folder: Path) -> Iterator[Finding]:
    yield mode_finding(PERMISSIONS, f"snapshots {folder}", mode_of(folder), 0o700)
    files = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
    wide = [path for path in files if (mode_of(path) or 0) & 0o077]
    yield Finding(
        section=PERMISSIONS,
        name="files of snapshots",
        found=f"{len(wide)} of {len(files)} that others may read or write",
        how=How.WRONG if wide else How.OK,
        expected="none: mode 0600" if wide else "",
    )


def secrets_found(environ: Mapping[str, str], loaded: LoadedCatalog | None) -> Iterator[Finding]:
    """Yield for each secret whether it is there, and the mode and age of its file; its value never."""
    named = [row.name for row in SETTINGS.values() if row.secret]
    named += [] if loaded is None else [name.removeprefix("env:") for name in loaded.secrets]
    for name in dict.fromkeys(named):
        yield _secret(name, environ)


def _secret(name: str, environ: Mapping[str, str]) -> Finding:
    file = environ.get(f"{name}_FILE")
    if not file:
        found = "present, in the environment" if environ.get(name) else "not set"
        return Finding(section=SECRETS, name=name, found=found)
    path = Path(file)
    mode = mode_of(path)
    if mode is None:
        return Finding(
            section=SECRETS,
            name=name,
            found=f"{path}, which is not there",
            how=How.WRONG,
            expected="a file that the bot's user can read",
        )
    days = int((time.time() - path.stat().st_mtime) / DAY_S)
    found = f"present, in {path}, mode {mode:04o}, {days} days old"
    if mode & 0o077:
        return Finding(section=SECRETS, name=name, found=found, how=How.WRONG, expected="mode 0600")
    how = How.NOTE if days > OLD_DAYS else How.OK
    expected = f"a new one after {OLD_DAYS} days" if how is How.NOTE else ""
    return Finding(section=SECRETS, name=name, found=found, how=how, expected=expected)
