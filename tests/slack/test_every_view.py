"""Whatever people and Redis write, every message fits into Slack, calls nobody, and says a whole sentence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.slack.sending import fitting
from bot.slack.views.blocks import Card
from bot.slack.views.chart import without_charts
from bot.slack.views.wording import HIDDEN
from tests.slack.every_view import LOOKS, cards, lone_cards, views
from tests.slack.reading import check_card, check_view, parsed_texts

HOSTILE = (
    "<!channel> <!here> & <b> `code` *bold* _it_ ~no~ > quoted \u202eright to left\u200f\u2066 "
    "<@U0EVIL> <!subteam^S0EVIL> <http://evil.example|fine> &lt;!channel&gt; \x00\x1b[31m\n"
    "second line\r\n```fence``` " + "x" * 500
)
LARGEST = "é<&>" * 1200
PLAIN = "New price table"
OURS = re.compile(
    r"<(@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|#C[A-Z0-9]+"
    r"|!date\^[0-9]+\^[^|<>]+\|[^<>]+|https?://[^|<>]+\|[^<>]+)>"
)
EVIL = re.compile(r"<[^>]*(EVIL|evil\.example|channel|here)[^>]*>")
SAID_BY_THE_BOT = {"said", "refusal", "notice"}


def unsafe(text: str, *, mentions: bool) -> list[str]:
    """Return what Slack would read in a parsed text that a stranger put there."""
    found = [one.group() for one in EVIL.finditer(text)]
    if mentions:
        found = [one for one in found if not one.startswith(("<@", "<!subteam"))]
    rest = OURS.sub("", text)
    found += re.findall(r"[<>]|&(?!amp;|lt;|gt;)", rest)
    return found + [char for char in text if _is_hidden(char)]


def _is_hidden(char: str) -> bool:
    return char != "\n" and unicodedata.category(char) in HIDDEN


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from strings(part)
    elif isinstance(value, str):
        yield value


def check(name: str, card: Card) -> None:
    """Assert that Slack takes the message as it is sent, and that nothing in it is a stranger's."""
    mentions = name in SAID_BY_THE_BOT
    sent = fitting(card)
    # An answer to one person is no notification: it may be longer.
    check_card(replace(without_charts(sent), text=card.text[:300] if mentions else sent.text))
    for text in (card.text, *parsed_texts(card.blocks)):
        assert unsafe(text, mentions=mentions) == [], (name, text)
    assert [char for text in strings(card.blocks) for char in text if _is_hidden(char)] == [], name


@pytest.mark.parametrize("kind", sorted(LOOKS))
@pytest.mark.parametrize("text", [HOSTILE, LARGEST, "."], ids=["hostile", "large", "short"])
def test_every_message_is_safe_and_fits(kind: str, text: str) -> None:
    drawn = list(LOOKS[kind](text))
    assert len(drawn) > {"release": 500, "lone": 15}[kind]
    for name, card in drawn:
        check(name, card)


@pytest.mark.parametrize("text", [HOSTILE, LARGEST, " "], ids=["hostile", "large", "blank"])
def test_every_dialog_and_home_tab_is_safe_and_fits(text: str) -> None:
    for name, surface, view in views(text):
        check_view(view, surface)
        for parsed in parsed_texts(view["blocks"]):
            assert unsafe(parsed, mentions=name == "told") == [], (name, parsed)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(
    st.text(
        st.sampled_from("<>&`*_~|!@#^:\n\r\t \u202e\u200b\u2028\ud83d\x00aé漢𝕏👩‍💻"), max_size=3000
    ),
    st.integers(0, 28),
)
def test_any_text_at_all_is_safe_and_fits(text: str, first: int) -> None:
    for name, card in (*cards(f"x{text}", slice(first, None, 29)), *lone_cards(f"x{text}")):
        check(name, card)


def test_a_release_without_any_words_can_be_shown() -> None:
    for name, card in cards(" "):
        check(name, card)


def test_every_notification_is_a_sentence_that_begins_with_what_matters() -> None:
    for name, card in cards(PLAIN):
        assert re.match(r"(<[@!][^>]+> )*R-42\b", card.text), (name, card.text)
        assert re.search(r"[.!?…]$", card.text), (name, card.text)
        assert "\n" not in card.text, (name, card.text)
        assert len(card.text.split()) >= 4, (name, card.text)
    for name, card in lone_cards("Nothing was found."):
        assert re.search(r"[.!?…]$", card.text), (name, card.text)
        assert re.search(r"[A-Za-z]{3}", card.text), (name, card.text)
