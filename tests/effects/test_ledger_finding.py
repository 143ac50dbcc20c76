"""What the ledger holds is found by app, route, life, thread and time."""

from __future__ import annotations

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.records import (
    Measurement,
    Release,
    ReleaseMove,
)
from bot.release.states import ReleaseState
from tests.ledger_values import (
    CHANNEL,
    NOON,
    due,
    kept,
    later,
    opened,
    post,
)


def test_releases_are_found_by_app_route_and_life_newest_first(ledger: SqlLedger) -> None:
    first = opened(ledger)
    second = opened(ledger, routes=("news",))
    third = opened(ledger, app="blog", routes=("products",))
    done = ReleaseMove(id=first.id, seen_version=1, to=ReleaseState.DONE, ended=True)
    kept(ledger, releases=(done,))

    def names(releases: tuple[Release, ...]) -> list[int]:
        return [release.id for release in releases]

    assert names(ledger.releases()) == [third.id, second.id, first.id]
    assert names(ledger.releases(limit=1)) == [third.id]
    assert names(ledger.releases(app="shop")) == [second.id, first.id]
    assert names(ledger.releases(route="products")) == [third.id, first.id]
    assert names(ledger.releases(app="shop", live=True)) == [second.id]


def test_a_release_is_found_by_the_thread_of_its_root_card_only(ledger: SqlLedger) -> None:
    release = opened(ledger)
    assert ledger.release_in_thread(CHANNEL, "ts-root:1") is None
    post(ledger, due(ledger, NOON))
    post(ledger, due(ledger, NOON))
    assert ledger.release_in_thread(CHANNEL, "ts-root:1") == release.id
    assert ledger.release_in_thread(CHANNEL, "ts-step:1:1") is None
    assert ledger.release_in_thread("C02OTHER", "ts-root:1") is None


def test_measurements_come_newest_first_and_the_baseline_is_the_one_from_before(
    ledger: SqlLedger,
) -> None:
    release = opened(ledger)

    def seen(phase: str, second: int, **parts: object) -> Measurement:
        values = {
            "release_id": release.id,
            "app": "shop",
            "environment": "production",
            "route": "products",
            "kind": "latency",
            "phase": phase,
            "at": later(second),
            "numbers": {"median_ms": second},
        }
        return Measurement(**(values | parts))  # type: ignore[arg-type]

    rows = (seen("before", 1), seen("after", 2), seen("check", 3, release_id=None))
    kept(ledger, measurements=(*rows, seen("after", 4, route="news"), seen("before", 5, kind="h")))
    found = ledger.measurements(
        app="shop", environment="production", route="products", kind="latency"
    )
    assert found == (rows[2], rows[1], rows[0])
    newest = ledger.measurements(
        app="shop", environment="production", route="products", kind="latency", limit=1
    )
    assert newest == (rows[2],)
    assert ledger.baseline(release.id, "latency") == {"median_ms": 1}
    assert ledger.baseline(release.id, "purge") is None
