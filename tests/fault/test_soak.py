"""Many people release at once over two processes while Slack has a bad day; nothing is lost and nothing doubled.

`make soak` runs it with 200 releases; SOAK_RELEASES, SOAK_PEOPLE, SOAK_SECONDS, SOAK_SEED and SOAK_DATABASE say more.
"""

from __future__ import annotations

import logging
import os
import secrets
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient
from sqlalchemy import func, select

from bot.effects.catalog_file import load_catalog
from bot.effects.ledger.work_tables import OUTBOX
from bot.release.states import ReleaseState
from bot.sandbox.slack.weather import Weather
from bot.slack.people import People
from bot.slack.views import draw
from tests.fault.soak_people import Ending, release_all
from tests.fault.soaking import TROUBLED, Farm
from tests.slack_person import wait_for
from tests.standing import posted

log = logging.getLogger(__name__)
pytestmark = pytest.mark.fault

RELEASES = int(os.environ.get("SOAK_RELEASES", "20"))
PEOPLE = int(os.environ.get("SOAK_PEOPLE", "20"))
SECONDS = float(os.environ.get("SOAK_SECONDS", "240"))
SEED = int(os.environ.get("SOAK_SEED") or secrets.randbelow(10**6))


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if os.environ.get("SOAK_DATABASE") == "postgresql":
        url: str = request.getfixturevalue("empty_postgres_url")
        return url
    return f"sqlite:///{tmp_path / 'ledger.sqlite'}"


def test_many_releases_on_a_bad_day_lose_nothing_and_double_nothing(
    tmp_path: Path, database_url: str
) -> None:
    log.info("seed %d: %d releases by %d people", SEED, RELEASES, PEOPLE)
    weather = Weather(
        seed=SEED, methods=TROUBLED, too_fast=0.03, broken=0.04, silent=min(0.004, 2 / RELEASES)
    )
    began = time.monotonic()
    with Farm(tmp_path, database_url, PEOPLE, weather) as farm:
        endings = release_all(farm, RELEASES, SEED, SECONDS)
        ended_s = time.monotonic() - began
        farm.slack.good_day()
        wait_for("an empty outbox", lambda: waiting(farm) == 0, seconds=120)
        standing = posted(farm.slack)
        said, counts = dict(standing), Counter(card for card, _ in standing)
        told = time.monotonic() - began
        log.info(
            "seed %d: %d releases ended in %.0f s, told after %.0f s; %d messages, %d calls; trouble: %s",
            *(SEED, len(endings), ended_s, told),
            *(counts.total(), len(farm.slack.calls), weather.met),
        )
        assert wrong(endings) == []
        assert len({ending.release for ending in endings}) == RELEASES
        assert {card: count for card, count in counts.items() if count > 1} == {}
        assert missing(endings, said) == []
        assert outdated(farm, said) == {}
        assert farm.ledger.dead_cards() == ()
        assert farm.ledger.verify_audit() is None
        assert {"429", "500"} <= set(weather.met)


def wrong(endings: list[Ending]) -> list[Ending]:
    return [
        ending
        for ending in endings
        if ending.state != ending.wanted or ending.keys != ending.expected_keys
    ]


def waiting(farm: Farm) -> int:
    query = select(func.count()).select_from(OUTBOX).where(OUTBOX.c.dead_at.is_(None))
    with farm.ledger._engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def missing(endings: list[Ending], said: dict[str, dict[str, Any]]) -> list[str]:
    wanted = [
        card
        for ending in endings
        for card in (
            f"root:{ending.release}",
            *([f"end:{ending.release}"] if ending.state is ReleaseState.ROLLED_BACK else []),
            *(f"step:{ending.release}:{number}" for number in range(1, 6)),
        )
    ]
    return [card for card in wanted if card not in said]


def outdated(farm: Farm, said: dict[str, dict[str, Any]]) -> dict[str, tuple[str, str]]:
    """Return the messages that say something else than the ledger would now."""
    client = WebClient(token=farm.slack.workspace.bot_token, base_url=farm.slack.api_url)
    catalog = load_catalog(farm.folder / "catalog.toml", {"SOAK_REDIS_URL": "redis://x"}).catalog
    names = People(client, catalog, lambda: datetime.now(UTC), farm.ledger).name_of
    drawn = {card: draw(card, farm.ledger, catalog, names) for card in said}
    return {
        card: (said[card]["text"], new.text)
        for card, new in drawn.items()
        if new is not None and new.text != said[card]["text"]
    }
