"""After a rollback: why, with one tap."""

from __future__ import annotations

import pytest

from bot.commands import Form
from bot.release.refusal import Code, Refusal
from tests.talk.conftest import Talk, text
from tests.talk.telling import notices


def test_when_all_is_back_the_thread_asks_why_and_one_tap_answers(talk: Talk) -> None:
    talk.until_purged()
    talk.say("rollback R-1", "U03ONCALL")
    (question,) = [row for row in notices(talk) if row.key.startswith("why:")]
    assert (question.to, question.about) == (None, 1)
    assert [offer.label for offer in question.offers] == [
        "Errors on the pages",
        "Slow pages",
        "Wrong content",
        "Other…",
    ]
    tap = question.offers[1]
    said = talk.say(tap.verb, "U03ONCALL", release=tap.release, reason=tap.fields["reason"])
    assert text(said) == "Recorded: R-1 was rolled back because: Slow pages"
    told = [row.text for row in notices(talk) if row.key != question.key]
    assert "R-1 was rolled back because: Slow pages" in told


def test_another_reason_is_asked_for_in_words(talk: Talk) -> None:
    talk.until_purged()
    talk.say("rollback R-1", "U03ONCALL")
    form = talk.say("why R-1", "U03ONCALL")
    assert isinstance(form, Form)
    assert form.fields[0].label == "Why was R-1 rolled back?"


def test_a_release_that_was_not_rolled_back_has_no_such_reason(talk: Talk) -> None:
    talk.until_purged()
    with pytest.raises(Refusal) as caught:
        talk.say("why R-1 the pages were slow", "U03ONCALL")
    assert caught.value.code is Code.NOT_NOW


def test_a_stranger_to_the_app_does_not_say_why(talk: Talk) -> None:
    talk.until_purged()
    talk.say("rollback R-1", "U03ONCALL")
    with pytest.raises(Refusal) as caught:
        talk.say("why R-1 the pages were slow", "U09NOBODY")
    assert caught.value.code is Code.NOT_ALLOWED
