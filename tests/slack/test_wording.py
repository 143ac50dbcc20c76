from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import Said
from bot.release.records import ActionState, Outcome, Verdict
from bot.release.states import StepState
from bot.slack.views.answer import said_card
from bot.slack.views.checklist import step_card
from bot.slack.views.look import look_card
from bot.slack.views.release import root_card
from bot.slack.views.wording import (
    HIDDEN,
    clamp,
    clamp_lines,
    clamp_words,
    escape,
    escape_but_mentions,
    mention,
    plain,
    sentence,
    size,
    spelled,
    unstyled,
)
from tests.slack.reading import check_card, parsed_texts
from tests.slack.stories import (
    CATALOG,
    a_lock,
    a_look,
    a_release,
    a_rollback,
    a_step,
    a_story,
    name_of,
)

OURS = re.compile(r"<(?:@[UW][A-Z0-9]+|#[CG][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!date\^\d+\^[^<>]*)>")
TRICKS = st.sampled_from(
    [
        "<!channel>",
        "<@U01EVIL>",
        "<http://evil|Approve>",
        "&lt;!here&gt;",
        "\u202egnp",
        "a\x00b",
        "<",
    ]
)
FOREIGN = st.lists(st.one_of(st.text(max_size=60), TRICKS), max_size=6).map("".join)


@given(FOREIGN)
def test_an_escaped_text_holds_no_raw_bracket_and_nothing_hidden(text: str) -> None:
    escaped = escape(text)
    assert "<" not in escaped
    assert ">" not in escaped
    assert re.sub(r"&(?:amp|lt|gt);", "", escaped).count("&") == 0
    hidden = {char for char in plain(text) if char != "\n" and not char.isprintable()}
    assert {char for char in hidden if char in "\u202e\u200b\x00"} == set()


@given(FOREIGN)
def test_escaping_loses_nothing_that_can_be_seen(text: str) -> None:
    back = escape(text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert back == plain(text)
    assert {"Cc", "Cf", "Cs"} <= HIDDEN


@given(FOREIGN)
def test_no_message_lets_a_persons_text_become_a_link_or_a_call(text: str) -> None:
    verdict = Verdict(outcome=Outcome.UNSURE, evidence=text, actual=text)
    step = a_step(
        1,
        StepState.JUDGED,
        verdict=verdict,
        title=text or "x",
        expected=text,
        rollback_note=text,
        reason=text,
    )
    story = a_story(
        step,
        release=a_release(title=text),
        lock=a_lock(text),
        actions=(a_rollback(ActionState.FAILED, result={}),),
    )
    result = {"outcome": "pass", "evidence": text, "actual": text}
    for card in (
        root_card(story, CATALOG, name_of),
        step_card(story, step, CATALOG, name_of),
        step_card(story, replace(step, state=StepState.SKIPPED), CATALOG, name_of),
        look_card(a_look(ActionState.DONE, result=result), name_of),
    ):
        check_card(card)
        for parsed in [card.text, *parsed_texts(card.blocks)]:
            assert not re.search(r"[<>]", OURS.sub("", parsed)), parsed
            assert "U01EVIL" not in "".join(OURS.findall(parsed))


@given(FOREIGN)
def test_an_answer_keeps_mentions_and_nothing_else_that_calls(text: str) -> None:
    card = said_card(Said(text=f"x {text}", lines=(text,)))
    for parsed in [card.text, *parsed_texts(card.blocks)]:
        assert not re.search(r"[<>]", OURS.sub("", parsed)), parsed


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<@U01OWNER> did", "<@U01OWNER> did"),
        ("<@U01OWNER|olga>", "<@U01OWNER>"),
        ("in <#C01REL>", "in <#C01REL>"),
        ("one of <!subteam^S01CACHE>", "one of <!subteam^S01CACHE>"),
        ("<!channel> & <http://x|y>", "&lt;!channel&gt; &amp; &lt;http://x|y&gt;"),
        ("<@u01>", "&lt;@u01&gt;"),
    ],
)
def test_only_people_groups_and_channels_stay_mentions(text: str, kept: str) -> None:
    assert escape_but_mentions(text) == kept


@given(st.text(max_size=300), st.integers(2, 120))
def test_a_cut_text_fits_and_cuts_no_entity(text: str, limit: int) -> None:
    cut = clamp(escape(text), limit)
    assert len(cut) <= limit
    assert not re.search(r"&(?!(?:amp|lt|gt);)", cut)


@given(st.lists(st.text(max_size=900), max_size=50), st.integers(700, 2500))
def test_cut_lines_fit_and_say_how_many_are_missing(lines: list[str], limit: int) -> None:
    rows = [line.replace("\n", " ") for line in lines]
    cut = clamp_lines(rows, limit)
    assert len(cut) <= limit
    shown = cut.count("\n") + 1 if rows else 0
    match = re.search(r"(?:^|\n)… ([\d,]+) more$", cut)
    if match and rows[-1:] != [match[0].strip()]:
        assert shown - 1 + int(match[1].replace(",", "")) == len(rows)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 B"), (812, "812 B"), (3_100_000, "3.1 MB"), (10**9, "1.0 GB"), (10**13, "10,000.0 GB")],
)
def test_sizes_read_as_people_say_them(number: int, text: str) -> None:
    assert size(number) == text


@pytest.mark.parametrize(
    ("person", "text"),
    [
        ("U01OWNER", "<@U01OWNER>"),
        ("S01CACHE", "<!subteam^S01CACHE>"),
        ("terminal:ana", "ana at the terminal"),
        ("cache-release", "cache-release"),
    ],
)
def test_people_groups_and_terminals_are_called_by_what_they_are(person: str, text: str) -> None:
    assert mention(person) == text


def test_a_sentence_ends_once() -> None:
    assert [sentence("a"), sentence("a."), sentence(" a\n b? ")] == ["a.", "a.", "a b?"]


def test_buttons_of_the_same_card_have_different_names() -> None:
    card = root_card(a_story(), CATALOG, name_of)
    assert json.dumps(card.blocks).count('"action_id": "rollback"') == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold* and _slanted_ and ~gone~", "bold and slanted and gone"),
        ("*_both_*", "both"),
        ("`anp:*` & <b>", "'anp:*' &amp; &lt;b&gt;"),
        ("anp:page:/a* and anp:page:/b*", "anp:page:/a* and anp:page:/b*"),
        ("snake_case_name", "snake_case_name"),
    ],
)
def test_what_people_wrote_keeps_its_stars_and_loses_its_style(text: str, shown: str) -> None:
    assert unstyled(text) == shown


def test_where_nothing_is_parsed_people_are_spelled_out() -> None:
    assert spelled("locked by <@U03ONCALL|nico>, ask <@U99>", name_of) == "locked by @nico, ask U99"


def test_a_line_is_cut_between_words() -> None:
    assert clamp_words("one two,  three", 10) == "one two…"
    assert clamp_words("one\ntwo", 10) == "one two"
    assert clamp_words("abcdefghijkl", 5) == "abcd…"
