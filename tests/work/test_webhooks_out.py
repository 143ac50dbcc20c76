from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.effects.ledger.hook_tables import WEBHOOK_OUT
from bot.effects.ledger.sql_ledger import SqlLedger, open_ledger
from bot.effects.webhook_out import post_event
from bot.release.catalog import Catalog
from bot.release.records import Change, Kept, Lost, ReleaseMove
from bot.release.signing import Signed, check
from bot.release.states import ReleaseState
from bot.release.telling_others import MOST_TRIES
from bot.work.telling import CLAIM_S, WebhookSender
from tests.effects.hook_server import Got, Said, receiver
from tests.ledger_values import NOON, later, new_release

SECRETS = {"env:CI": "0123456789abcdef"}
ROOT = Path(__file__).parents[2]


def _catalog(url: str, *events: str) -> Catalog:
    hook = {"url": url, "secret": "env:CI", "events": events or ("*",), "allow_private": True}
    shop = {
        "channel": "C01REL",
        "owner": "U01OWNER",
        "approvers": ("U02APPROVER",),
        "environments": {"production": {"redis": "env:R", "url": "http://127.0.0.1:1"}},
        "routes": {"products": {"keys": ("anp:page:*",), "paths": ("/",)}},
        "webhooks": (hook,),
    }
    return Catalog.model_validate({"apps": {"shop": shop}})


def _open(url: str, catalog: Catalog) -> SqlLedger:
    return open_ledger(url, catalog=catalog)


def _sender(ledger: SqlLedger, catalog: Catalog, timeout_s: float = 1.0) -> WebhookSender:
    return WebhookSender(ledger, catalog, post_event(SECRETS, timeout_s=timeout_s))


def _abandon(ledger: SqlLedger, release: int = 1, version: int = 1) -> Kept | Lost:
    moved = ReleaseMove(id=release, seen_version=version, to=ReleaseState.ABANDONED, ended=True)
    return ledger.keep(
        Change(act="abandon", by="U01OWNER", at=later(5), release_id=release, releases=(moved,))
    )


def _events(got: list[Got]) -> list[str]:
    return [json.loads(one.body)["event"] for one in got]


def _rows(ledger: SqlLedger) -> list[Any]:
    query = select(WEBHOOK_OUT).order_by(WEBHOOK_OUT.c.id)
    return list(ledger._read(lambda connection: connection.execute(query).mappings().all()))


def test_each_move_is_told_once_signed_and_in_order(ledger_url: str) -> None:
    with receiver() as book:
        catalog = _catalog(book.url)
        ledger = _open(ledger_url, catalog)
        release = ledger.open_release(new_release(), by="U05STARTER", at=NOON)
        assert not isinstance(release, Lost)
        assert isinstance(_abandon(ledger, release.id), Kept)
        assert isinstance(_abandon(ledger, release.id), Lost)
        sender = _sender(ledger, catalog)
        while sender.tell_once(later(10)):
            pass
        ledger.close()
    assert _events(book.got) == ["release.started", "release.abandoned"]
    (first, _) = book.got
    told = json.loads(first.body)
    assert told == {
        "id": first.headers["idempotency-key"],
        "event": "release.started",
        "at": NOON.isoformat(),
        "by": "U05STARTER",
        "app": "shop",
        "environment": "production",
        "release": "R-1",
        "title": "New price table",
        "routes": ["products", "prices"],
        "state": "open",
        "step": None,
    }
    stamp = int(first.headers["x-cache-release-timestamp"])
    signed = first.headers["x-cache-release-signature"]
    secret = SECRETS["env:CI"]
    assert check(secret, timestamp=str(stamp), given=signed, body=first.body, now=stamp) is (
        Signed.WELL
    )


def test_a_failed_try_waits_and_the_next_event_waits_behind_it(sqlite_url: str) -> None:
    answers = [Said(status=500), Said(status=429, headers={"Retry-After": "100"}), Said(cut=True)]
    with receiver(lambda got: answers.pop(0) if answers else Said(status=204, body="")) as book:
        catalog = _catalog(book.url)
        ledger = _open(sqlite_url, catalog)
        ledger.open_release(new_release(), by="U05STARTER", at=NOON)
        _abandon(ledger)
        sender = _sender(ledger, catalog)
        tried = [second for second in range(0, 300, 5) if sender.tell_once(later(second)) and True]
        ledger.close()
    # 10 s after the 500, 100 s as the 429 asks, 40 s after the third; then the event behind it.
    assert tried == [0, 10, 110, 150, 155]
    assert _events(book.got) == ["release.started"] * 4 + ["release.abandoned"]
    assert len({one.headers["idempotency-key"] for one in book.got}) == 2


def test_only_the_events_that_were_asked_for_are_told(sqlite_url: str) -> None:
    catalog = _catalog("http://127.0.0.1:1/", "release.abandoned")
    ledger = _open(sqlite_url, catalog)
    ledger.open_release(new_release(), by="U05STARTER", at=NOON)
    _abandon(ledger)
    assert [json.loads(row["body"])["event"] for row in _rows(ledger)] == ["release.abandoned"]
    ledger.close()


def test_after_the_last_try_the_owner_is_told_and_the_next_event_goes_on(sqlite_url: str) -> None:
    with receiver(lambda got: Said(status=500)) as book:
        catalog = _catalog(book.url)
        ledger = _open(sqlite_url, catalog)
        ledger.open_release(new_release(), by="U05STARTER", at=NOON)
        _abandon(ledger)
        sender, at = _sender(ledger, catalog), NOON
        for _ in range(MOST_TRIES):
            assert sender.tell_once(at) == 1
            at += timedelta(hours=1)
        assert len(book.got) == MOST_TRIES
        first, _second = _rows(ledger)
        assert first["dead_at"] is not None
        notice = ledger.notice(f"webhook:{first['event_id']}")
        assert notice is not None
        assert notice.to == "U01OWNER"
        assert notice.text.startswith(
            "A webhook of shop was given up after 14 tries: it answered 500."
        )
        book.say = lambda got: Said()
        sender.tell_once(at)
        ledger.close()
    assert _events(book.got)[-1] == "release.abandoned"


def test_several_senders_send_each_event_once(ledger_url: str) -> None:
    with receiver() as book:
        catalog = _catalog(book.url, "release.started")
        ledgers = [_open(ledger_url, catalog) for _ in range(4)]
        for number in range(12):
            new = new_release(environment=f"place-{number}")
            assert not isinstance(ledgers[0].open_release(new, by="U05STARTER", at=NOON), Lost)

        def send(ledger: SqlLedger) -> None:
            sender = _sender(ledger, catalog)
            while sender.tell_once(later(1)):
                pass

        threads = [threading.Thread(target=send, args=(ledger,)) for ledger in ledgers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for ledger in ledgers:
            ledger.close()
    assert sorted(json.loads(one.body)["release"] for one in book.got) == sorted(
        f"R-{number}" for number in range(1, 13)
    )


CHILD = """
import sys
from tests.work.test_webhooks_out import NOON, _catalog, _open, _sender
catalog = _catalog(sys.argv[2])
_sender(_open(sys.argv[1], catalog), catalog, 60.0).tell_once(NOON)
"""


def test_a_sender_killed_before_it_could_mark_sends_the_same_event_id_again(
    sqlite_url: str,
) -> None:
    arrived, killed = threading.Event(), threading.Event()

    def say(got: Got) -> Said:
        first = not arrived.is_set()
        arrived.set()
        return Said(after=killed) if first else Said()

    with receiver(say) as book:
        catalog = _catalog(book.url, "release.started")
        ledger = _open(sqlite_url, catalog)
        ledger.open_release(new_release(), by="U05STARTER", at=NOON)
        command = [sys.executable, "-c", CHILD, sqlite_url, book.url]
        child = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
        assert arrived.wait(60)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        killed.set()
        sender = _sender(ledger, catalog)
        assert sender.tell_once(later(CLAIM_S - 1)) == 0
        assert sender.tell_once(later(CLAIM_S + 1)) == 1
        assert sender.tell_once(later(CLAIM_S + 9)) == 0
        ledger.close()
    ids = [one.headers["idempotency-key"] for one in book.got]
    assert len(ids) == 2
    assert ids[0] == ids[1]
