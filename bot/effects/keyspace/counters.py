"""What an environment's Redis has counted so far, for those who watch how its cache recovers."""

from __future__ import annotations

from collections.abc import Callable

from bot.effects.catalog_file import LoadedCatalog
from bot.effects.keyspace.topology import Servers
from bot.effects.keyspace.traffic import traffic_of
from bot.release.forecast import Traffic
from bot.release.refusal import Refusal


def traffic_reader(loaded: LoadedCatalog) -> Callable[[str, str], Traffic | None]:
    """Return what reads the counters of an app's environment; it gives None where the server does not say."""

    def read(app: str, environment: str) -> Traffic | None:
        place = loaded.catalog.apps[app].environments[environment]
        try:
            with Servers(
                loaded.secrets[place.redis].get_secret_value(), only_looks=True
            ) as servers:
                return traffic_of(servers)
        except Refusal:
            return None

    return read
