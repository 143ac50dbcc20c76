"""What cannot be shown in Slack is said by `status`."""

from __future__ import annotations

from bot.commands import Said
from tests.talk.conftest import Talk


def give_up(talk: Talk, error: str) -> None:
    for card in talk.ledger.due_cards(talk.clock.now(), 20, "sender", 60):
        talk.ledger.card_dead(card.id, error, talk.clock.now())


def test_status_says_what_is_not_shown_and_why(talk: Talk) -> None:
    talk.say('start shop products "New price table"')
    give_up(talk, "is_archived")
    for line in ("status", "status R-1"):
        reply = talk.say(line)
        assert isinstance(reply, Said)
        assert reply.lines[-1] == (
            "Not shown in Slack: 1 message of R-1 since 2026-03-01 14:00 UTC: is_archived"
        )


def test_status_is_silent_about_what_has_no_place_to_be_shown(talk: Talk) -> None:
    talk.say('start shop products "New price table"')
    give_up(talk, "there is nothing to draw")
    for line in ("status", "status R-1"):
        reply = talk.say(line)
        assert isinstance(reply, Said)
        assert not any("Not shown" in row for row in reply.lines)


def test_the_status_of_another_release_does_not_name_it(talk: Talk) -> None:
    talk.say('start shop products "New price table"')
    give_up(talk, "is_archived")
    talk.say('start shop cart "New basket"')
    reply = talk.say("status R-2")
    assert isinstance(reply, Said)
    assert not any("Not shown" in row for row in reply.lines)
