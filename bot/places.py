"""Where keys and snapshots are: opened from the catalog and the settings."""

from __future__ import annotations

from pathlib import Path

from bot.effects.catalog_file import LoadedCatalog
from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.snapshots.files import SnapshotFiles
from bot.effects.snapshots.key import encryption_key, snapshot_key
from bot.release.pace import Tempo
from bot.settings import Settings


def open_keyspace(loaded: LoadedCatalog, most: Tempo, app: str, environment: str) -> RedisKeyspace:
    """Return the keys of an app's environment; `most` is a ceiling for purges and restores."""
    place = loaded.catalog.apps[app].environments[environment]
    replica = loaded.secrets[place.replica].get_secret_value() if place.replica else None
    url = loaded.secrets[place.redis].get_secret_value()
    return RedisKeyspace(url, replica=replica, most=most)


def open_snapshots(settings: Settings) -> SnapshotFiles:
    """Return where snapshots are kept, with the keys that sign and encrypt them."""
    folder = Path(settings.snapshot_url.removeprefix("file://"))
    given, secret = settings.snapshot_hmac_key, settings.snapshot_encryption_key
    return SnapshotFiles(
        folder,
        hmac_key=snapshot_key(folder, None if given is None else given.get_secret_value()),
        encryption_key=None if secret is None else encryption_key(secret.get_secret_value()),
        max_bytes=settings.snapshot_max_mib * 1024**2,
    )
