"""What people saw, and who did what when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.commands import Form, Said
from bot.release.refusal import Code, Refusal
from tests.talk.conftest import Talk, text
from tests.talk.telling import press, refused

SAID: dict[str, Any] = {
    "said_channel": "C01REL",
    "said_ts": "1772373599.000100",
    "said_by": "U07KIM",
    "said_link": "https://slack.test/archives/C01REL/p1772373599000100",
}


def started(talk: Talk) -> None:
    talk.say('start shop products "New price table" --previous v1')


def lines(talk: Talk) -> list[str]:
    reply = talk.say("timeline R-1")
    assert isinstance(reply, Said)
    return [line.partition(" · ")[2] for line in reply.lines]


def test_a_note_stands_in_the_timeline_with_its_author(talk: Talk) -> None:
    started(talk)
    assert text(talk.say("note 3 pages show old prices", "U07KIM", release=1)) == (
        "Noted in the timeline of R-1."
    )
    assert lines(talk) == [
        "<@U01OWNER> started: New price table",
        "<@U07KIM> noted: 3 pages show old prices",
    ]
    (note,) = talk.story().notes
    assert (note.text, note.by, note.said_by) == ("3 pages show old prices", "U07KIM", "U07KIM")


def test_a_note_without_words_asks_for_them(talk: Talk) -> None:
    started(talk)
    form = talk.say("note R-1")
    assert isinstance(form, Form)
    assert [row.name for row in form.fields] == ["text"]
    answer = talk.say("note R-1", text="The cart is slow.")
    assert text(answer) == "Noted in the timeline of R-1."
    empty = refused_text(talk, "   ")
    assert empty.failed == "Not noted: the text is empty."
    long = refused_text(talk, "x" * 501)
    assert long.failed == "Not noted: 501 characters of text are too many."


def refused_text(talk: Talk, said: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        talk.say("note R-1", text=said)
    return caught.value


def test_a_message_is_added_once_with_its_own_time_author_and_link(talk: Talk) -> None:
    started(talk)
    form = talk.say("add", "U03ONCALL", text="Cart answers 500", **SAID)
    assert isinstance(form, Form)
    assert [row.name for row in form.fields] == ["chosen", "text"]
    assert [row.label for row in form.fields[0].choices] == [
        "R-1 · shop production · New price table"
    ]
    assert form.fields[1].value == "Cart answers 500"
    assert dict(form.carry) == SAID
    fields = {**SAID, "chosen": "1", "text": "Cart answers 500"}
    assert text(talk.say("add", "U03ONCALL", **fields)) == "Added to the timeline of R-1."
    (note,) = talk.story().notes
    assert note.said_at == datetime(2026, 3, 1, 13, 59, 59, 100, tzinfo=UTC)
    assert lines(talk)[0] == (
        "<@U07KIM> noted: Cart answers 500 (added by <@U03ONCALL>) " + SAID["said_link"]
    )
    with pytest.raises(Refusal) as caught:
        talk.say("add", "U01OWNER", **fields)
    assert caught.value.code is Code.MOVED_ON
    assert caught.value.failed == "Not added: this message is in the timeline already."
    assert len(talk.story().notes) == 1


def test_a_message_is_added_to_nothing_where_nothing_is_live(talk: Talk) -> None:
    with pytest.raises(Refusal) as caught:
        talk.say("add", text="Cart answers 500", **SAID)
    assert caught.value.failed == "Not added: no release is live."
    assert refused(talk, "add", "U01OWNER").failed == "Not added: no message was named."


def test_the_timeline_says_who_did_what_and_pages_through_it(talk: Talk) -> None:
    talk.until_purged()
    talk.say("rollback R-1", "U03ONCALL")
    first = talk.say("timeline R-1")
    assert isinstance(first, Said)
    assert first.text == "Timeline of R-1, page 2 of 2."
    told = lines(talk)
    assert told[-2:] == [
        "<@U03ONCALL> asked for the rollback",
        "cache-release rolled back: there was no key to put back",
    ]
    older = next(offer for offer in first.offers if offer.label == "Older")
    page = press(talk, older, "U01OWNER")
    assert isinstance(page, Said)
    assert page.text == "Timeline of R-1, page 1 of 2."
    whole = [line.partition(" · ")[2] for line in page.lines] + told
    assert len(page.lines) == 8
    assert whole[:4] == [
        "<@U01OWNER> started: New price table",
        "<@U01OWNER> ran step 1",
        whole[2],
        "<@U02APPROVER> approved step 1",
    ]
    assert whole[2].startswith("cache-release judged step 1 ")
    assert not any("call" in line.split()[1] for line in whole)


def test_a_long_text_is_cut_so_that_a_page_stays_a_screen(talk: Talk) -> None:
    started(talk)
    talk.say("note R-1", text="word " * 99)
    assert all(len(line) < 260 for line in lines(talk))
