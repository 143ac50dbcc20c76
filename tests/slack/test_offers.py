"""Buttons under answers, and what one person or one thread is told by the outbox."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk import WebClient

from bot.commands import Said
from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.notices import Attached, Notice
from bot.release.offers import Offer
from bot.release.records import Change, Kept
from bot.release.refusal import Code, Refusal
from bot.sandbox.slack.server import SandboxSlack
from bot.slack.buttons import read_press
from bot.slack.delivery import Delivery
from bot.slack.views.answer import notice_view, refusal_card, said_card
from bot.slack.views.offers import notice_card
from tests.slack.conftest import Clock
from tests.slack.reading import button, buttons, check_card, check_view, texts
from tests.slack.stories import AT, CATALOG, NICO, OLGA, name_of
from tests.slack.test_delivery import calls, messages, open_release, settle

BUSY = Refusal(
    code=Code.SCOPE_BUSY,
    failed="Not started: route products of shop production is in R-1, which is live.",
    expected="routes that no live release holds.",
    retry_is_safe=True,
    offers=(
        Offer(label="Notify me", verb="notify", fields={"app": "shop", "routes": "products"}),
        Offer(label="Queue", verb="queue", fields={"app": "shop", "routes": "products"}),
        Offer(label="Ask for it", verb="ask", release=1),
    ),
    about=1,
)
MANY = tuple(Offer(label=f"Offer {number}", verb="history") for number in range(5))
HOSTILE = "<!channel> *bold* `x` & <http://x|R-1>"


@pytest.fixture
def delivery(client: WebClient, ledger: SqlLedger) -> Delivery:
    return Delivery(client, ledger, CATALOG, name_of)


def notice(**changes: Any) -> Notice:
    """Return what Nico is told, changed as asked."""
    plain: dict[str, Any] = {
        "key": "turn:1",
        "to": NICO,
        "about": 1,
        "at": AT,
        "text": "It is your turn: shop production products is free.",
        "lines": ("Nothing was started.",),
        "offers": (Offer(label="Start it", verb="start", fields={"app": "shop", "form": "1"}),),
    }
    return Notice(**{**plain, **changes})


def keep(ledger: SqlLedger, clock: Clock, *rows: Notice) -> None:
    change = Change(act="tell", by=OLGA, at=clock.now(), notices=rows)
    assert isinstance(ledger.keep(change), Kept)


def test_a_refusal_has_its_buttons_and_a_link_to_what_is_in_the_way() -> None:
    card = refusal_card(BUSY, "https://x.slack.com/archives/C01REL/p1")
    check_card(card)
    assert buttons(card) == [["Notify me", "Queue", "Ask for it"]]
    assert "<https://x.slack.com/archives/C01REL/p1|Thread of R-1>" in texts(list(card.blocks))
    press = read_press(button(card, "Ask for it")["value"])
    assert (press.verb, press.release, press.fields) == ("ask", 1, {})
    assert read_press(button(card, "Queue")["value"]).fields == {
        "app": "shop",
        "routes": "products",
    }
    assert len(refusal_card(BUSY).blocks) == 2
    check_view(notice_view("Not done", "Not started.", BUSY.offers), "modal")


def test_many_offers_stand_three_in_a_row_and_danger_alone() -> None:
    steal = Offer(label="Steal the lock", verb="lock", danger=True)
    card = said_card(Said(text="Done.", offers=(*MANY, steal)))
    check_card(card)
    assert buttons(card) == [
        ["Offer 0", "Offer 1", "Offer 2"],
        ["Offer 3", "Offer 4"],
        ["!Steal the lock"],
    ]


def test_nothing_that_people_wrote_is_followed_in_what_a_person_is_told() -> None:
    card = notice_card(notice(text=HOSTILE, lines=(HOSTILE,) * 3), None)
    check_card(card)
    said = "\n".join(texts(list(card.blocks)))
    assert "<!channel>" not in said
    assert "<http" not in said
    assert "&lt;!channel&gt;" in said


@pytest.mark.parametrize("length", [1, 300, 3000, 40_000])
def test_what_a_person_is_told_fits_whatever_its_length(length: int) -> None:
    rows = tuple("&<>" * (length // 30 + 1) for _ in range(60))
    check_card(notice_card(notice(text="x&" * length, lines=rows, offers=MANY), None))


def test_each_reader_sees_full_times_in_their_own_zone() -> None:
    said = Said(text="Locked until 2026-03-01 16:00 UTC.", lines=("2026-02-30 16:00 UTC",))
    assert texts(list(said_card(said).blocks)) == [
        "Locked until <!date^1772380800^{date_short_pretty} {time}|2026-03-01 16:00 UTC>.",
        "2026-02-30 16:00 UTC",
    ]


def test_a_person_is_told_by_a_direct_message_once_with_a_link_to_the_thread(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    open_release(ledger)
    settle(delivery, clock)
    keep(ledger, clock, notice())
    keep(ledger, clock, notice())
    settle(delivery, clock)
    root = messages(slack)[0]
    seen = slack.state(NICO)["messages"]
    (told,) = [
        row for rows in seen.values() for row in rows if row["text"].startswith("It is your turn")
    ]
    shown = "\n".join(texts(told["blocks"]))
    assert f"p{root['ts'].replace('.', '')}|Thread of R-1>" in shown
    assert calls(slack, "chat.getPermalink") == [("chat.getPermalink", None)]
    others = slack.state(OLGA)["messages"]
    assert not [r for rows in others.values() for r in rows if r["text"].startswith("It is your")]


def test_the_files_of_an_export_stand_in_the_thread_once(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    open_release(ledger)
    files = (Attached(name="R-1.md", content="# R-1 ä\n"), Attached(name="R-1.json", content="{}"))
    record = notice(key="export:1:1", to=None, text="The record of R-1.", offers=(), files=files)
    keep(ledger, clock, record)
    settle(delivery, clock)
    clock.move(5)
    settle(delivery, clock)
    keep(ledger, clock, record)
    ledger.keep(Change(act="x", by=OLGA, at=clock.now(), cards=("notice:export:1:1",)))
    clock.move(5)
    settle(delivery, clock)
    root, *replies = messages(slack)
    (shown,) = [row for row in replies if row["text"] == "The record of R-1."]
    assert shown["thread_ts"] == root["ts"]
    assert [file["name"] for file in shown["files"]] == ["R-1.md", "R-1.json"]
    assert calls(slack, "files.completeUploadExternal") == [("files.completeUploadExternal", None)]
    assert ledger.dead_cards() == ()
