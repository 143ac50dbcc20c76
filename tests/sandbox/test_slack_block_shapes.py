from __future__ import annotations

import pytest
from slack_sdk.models.blocks import Block

from bot.sandbox.slack.refused import SlackError
from bot.sandbox.slack.validate import check_message, message_problems
from tests.sandbox.broken_blocks import BROKEN
from tests.sandbox.fine_blocks import CHARTS, FINE
from tests.sandbox.slack_blocks import (
    section,
)


@pytest.mark.parametrize("name", FINE)
def test_blocks_that_slack_takes_are_taken(name: str) -> None:
    assert message_problems(FINE[name]) == []


@pytest.mark.parametrize("name", CHARTS)
def test_charts_that_slack_takes_are_taken(name: str) -> None:
    assert message_problems(CHARTS[name]) == []


def test_a_workspace_that_has_no_charts_yet_refuses_them() -> None:
    with pytest.raises(SlackError) as refused:
        check_message(CHARTS["a pie"], withheld={"data_visualization"})
    assert refused.value.code == "invalid_blocks"
    check_message([section("x")], withheld={"data_visualization"})


@pytest.mark.parametrize("name", FINE)
def test_slacks_own_models_take_what_the_validator_takes(name: str) -> None:
    for block in FINE[name]:
        parsed = Block.parse(block)
        assert parsed is not None
        assert parsed.to_dict()["type"] == block["type"]


@pytest.mark.parametrize("name", BROKEN)
def test_blocks_that_slack_refuses_are_named_with_their_place(name: str) -> None:
    blocks, where, what = BROKEN[name]
    assert (where, what) in message_problems(blocks)


def test_blocks_of_more_than_13200_characters_in_all_are_too_long() -> None:
    with pytest.raises(SlackError) as refused:
        check_message([section("x" * 2900) for _ in range(5)])
    assert refused.value.code == "msg_blocks_too_long"
    check_message([section("x" * 2900) for _ in range(4)])
