import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.release.refusal import Code, Refusal
from bot.release.words import Words, parse_words, split_text


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("shop products", Words(words=("shop", "products"), fields={}, release=None, step=None)),
        (
            "shop products “New price table” --previous v1",
            Words(
                words=("shop", "products", "New price table"),
                fields={"previous": "v1"},
                release=None,
                step=None,
            ),
        ),
        ("R-42 3", Words(words=(), fields={}, release=42, step=3)),
        ("r-7 --cold", Words(words=(), fields={"cold": "1"}, release=7, step=None)),
        (
            "shop products --env staging --dry-run",
            Words(
                words=("shop", "products"),
                fields={"environment": "staging", "dry-run": "1"},
                release=None,
                step=None,
            ),
        ),
        (
            "no staging for 3 days",
            Words(words=("no", "staging", "for", "3", "days"), fields={}, release=None, step=None),
        ),
    ],
)
def test_words_become_an_ask(line: str, expected: Words) -> None:
    assert parse_words(split_text(line)) == expected


@pytest.mark.parametrize("line", ["--frobnicate", "--previous", 'shop "open'])
def test_what_cannot_be_understood_is_refused(line: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_words(split_text(line))
    assert caught.value.code is Code.BAD_REQUEST


def _understand(line: str) -> Words | Refusal:
    try:
        return parse_words(split_text(line))
    except Refusal as refusal:
        return refusal


@given(st.text(max_size=200))
def test_any_text_is_understood_or_refused(line: str) -> None:
    answer = _understand(line)
    if isinstance(answer, Refusal):
        assert answer.code is Code.BAD_REQUEST
    else:
        assert all(not word.startswith("--") for word in answer.words)
