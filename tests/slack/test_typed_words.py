from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.release.refusal import Code, Refusal
from bot.slack.words import Typed, parse_mention, parse_text


def flat(typed: Typed) -> tuple[object, ...]:
    words = typed.words
    return typed.verb, words.words, dict(words.fields), words.release, words.step


@pytest.mark.parametrize(
    ("text", "verb", "words", "fields", "release", "step"),
    [
        ("", "help", (), {}, None, None),
        ("  \n ", "help", (), {}, None, None),
        ("Status", "status", (), {}, None, None),
        ("rollback!", "rollback", (), {}, None, None),
        ("status R-12", "status", (), {}, 12, None),
        ("status r-12", "status", (), {}, 12, None),
        ("run R-42 3", "run", (), {}, 42, 3),
        (
            'start shop products "New price table" --previous v1',
            "start",
            ("shop", "products", "New price table"),
            {"previous": "v1"},
            None,
            None,
        ),
        (
            "start shop products “New price table” —previous v1",
            "start",
            ("shop", "products", "New price table"),
            {"previous": "v1"},
            None,
            None,
        ),
        (
            "start shop products don't --environment=staging",
            "start",
            ("shop", "products", "don't"),
            {"environment": "staging"},
            None,
            None,
        ),
        ("skip it’s Ana’s step", "skip", ("it's", "Ana's", "step"), {}, None, None),
        (
            "purge shop products --dry-run",
            "purge",
            ("shop", "products"),
            {"dry-run": "1"},
            None,
            None,
        ),
        ("purge --dry-run shop a", "purge", ("shop", "a"), {"dry-run": "1"}, None, None),
        (
            "rollback R-1 --cold --no-deploy",
            "rollback",
            (),
            {"cold": "1", "no-deploy": "1"},
            1,
            None,
        ),
        ("owner <@U04DEV|dana b>", "owner", ("<@U04DEV>",), {}, None, None),
        (
            "start shop a --owner <@U04DEV>",
            "start",
            ("shop", "a"),
            {"owner": "<@U04DEV>"},
            None,
            None,
        ),
        (
            "lock shop a &amp; b &lt;now&gt;",
            "lock",
            ("shop", "a", "&", "b", "<now>"),
            {},
            None,
            None,
        ),
        (
            "lock shop <http://shop.example|shop.example>",
            "lock",
            ("shop", "shop.example"),
            {},
            None,
            None,
        ),
        ("lock shop see <#C01REL|releases>", "lock", ("shop", "see", "<#C01REL>"), {}, None, None),
        (r"lock shop a\b", "lock", ("shop", "ab"), {}, None, None),
    ],
)
def test_typed_text_is_sorted_into_a_verb_and_its_words(
    text: str,
    verb: str,
    words: tuple[str, ...],
    fields: dict[str, str],
    release: int | None,
    step: int | None,
) -> None:
    assert flat(parse_text(text)) == (verb, words, fields, release, step)


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        ("42", "42 is no verb."),
        ('""', "Nothing is no verb."),
        ("<@U04DEV>", "<@U04DEV> is no verb."),
        ('start "shop', "A quotation mark has no partner."),
        ("start --nonsense x", "--nonsense is no option here, or its value is missing."),
        ("start shop --previous", "--previous is no option here, or its value is missing."),
        ("x" * 2001, "2,001 characters are too many."),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_was_expected(text: str, failed: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_text(text)
    assert (caught.value.code, caught.value.failed) == (Code.BAD_REQUEST, failed)
    assert caught.value.expected


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("<@UBOT> rollback", "rollback"),
        ("<@UBOT|cache-release>: status", "status"),
        ("please", "please"),
        ("run <@UBOT>", "run"),
        ("<@UBOT>", "help"),
        ("\n<@UBOT>\n  help me", "help"),
    ],
)
def test_the_mention_of_the_bot_is_no_word(text: str, verb: str) -> None:
    assert parse_mention(text, "UBOT").verb == verb


def test_another_persons_mention_stays_a_word() -> None:
    assert parse_mention("<@UBOT> owner <@U04DEV>", "UBOT").words.words == ("<@U04DEV>",)
    assert parse_mention("<@UBOT> owner <@U04DEV>", None).words.words == ("<@U04DEV>",)


WORDS = st.sampled_from(
    [
        "start",
        "R-1",
        "--cold",
        "--previous",
        '"',
        "'",
        "’",
        "“",
        "<@U1A>",
        "&lt;",
        "—",
        "\\",
        "3",
        "\0",
    ]
)


@given(st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=12).map(" ".join)))
def test_nothing_typed_raises_anything_but_a_refusal(text: str) -> None:
    for read in (parse_text, lambda line: parse_mention(line, "UBOT")):
        with suppress(Refusal):
            verb = read(text).verb
            assert verb == verb.lower()
