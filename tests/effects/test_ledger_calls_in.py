from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from bot.effects.ledger.sql_ledger import open_ledger
from bot.release.records import Lost
from tests.ledger_values import NOON, later, new_release


def test_of_many_processes_that_get_one_call_one_carries_it_out(ledger_url: str) -> None:
    ledgers = [open_ledger(ledger_url) for _ in range(4)]
    with ThreadPoolExecutor(12) as threads:
        taken = list(
            threads.map(
                lambda number: ledgers[number % 4].call_taken("shop", "build-1001", NOON),
                range(12),
            )
        )
    assert sorted(taken) == [False] * 11 + [True]
    assert ledgers[0].call_taken("blog", "build-1001", NOON)
    for ledger in ledgers:
        ledger.close()


def test_a_call_that_was_carried_out_is_never_forgotten(ledger_url: str) -> None:
    ledger = open_ledger(ledger_url)
    release = ledger.open_release(new_release(), by="ci:shop", at=NOON)
    assert not isinstance(release, Lost)
    assert ledger.call_taken("shop", "build-1001", NOON)
    assert ledger.call_before("shop", "build-1001") is None
    ledger.call_led_to("shop", "build-1001", release.id)
    ledger.call_refused("shop", "build-1001")
    assert ledger.call_before("shop", "build-1001") == release.id
    assert not ledger.call_taken("shop", "build-1001", later(60))
    ledger.close()


def test_a_call_that_was_refused_may_come_again_and_only_those_of_the_last_minute_count(
    ledger_url: str,
) -> None:
    ledger = open_ledger(ledger_url)
    assert ledger.call_taken("shop", "build-1001", NOON)
    ledger.call_refused("shop", "build-1001")
    assert ledger.call_taken("shop", "build-1001", later(1))
    assert ledger.call_taken("shop", "build-1002", later(50))
    assert ledger.call_taken("blog", "build-1003", later(50))
    assert ledger.calls_since("shop", later(62), 60) == 1
    assert ledger.calls_since("shop", later(55), 60) == 2
    ledger.close()
