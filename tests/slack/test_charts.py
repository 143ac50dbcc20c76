"""Charts in Slack: as its own blocks, and as pictures where a workspace has none yet."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from slack_sdk import WebClient

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.quantile_chart import chart_from_json, quantile_chart
from bot.release.records import Change, Kept
from bot.release.timing_verdict import judge_page
from bot.sandbox.slack.server import SandboxSlack
from bot.sandbox.slack.validate import message_problems
from bot.slack.chart_picture import HEIGHT, PAPER, WIDTH, picture, ticks
from bot.slack.delivery import Delivery
from bot.slack.sending import fitting
from bot.slack.views.blocks import Card, section
from bot.slack.views.chart import chart_blocks, charts_of, without_charts
from tests.slack.conftest import Clock
from tests.slack.stories import CATALOG, OLGA, name_of
from tests.slack.timing_stories import AFTER, BEFORE, CHART, JUDGED, RESULT, done, look

CHANNEL = "C01REL"


def test_a_chart_is_a_block_that_slack_takes() -> None:
    (block,) = chart_blocks(RESULT["numbers"])
    assert message_problems([block]) == []
    assert block["title"] == "/products: response time, ms"
    series = block["chart"]["series"]
    assert [one["name"] for one in series] == ["before", "after", "budget p95"]
    assert series[1]["data"][2] == {"label": "p50", "value": 34.9}
    assert block["chart"]["axis_config"]["categories"] == [
        "p10", "p25", "p50", "p75", "p90", "p95", "p99"
    ]  # fmt: skip


def test_a_card_shows_two_charts_and_no_more() -> None:
    blocks = chart_blocks({"charts": [CHART.as_json()] * 3})
    assert len(blocks) == 2
    assert message_problems(blocks) == []
    assert chart_blocks({}) == []


def test_p99_is_shown_from_100_samples_on() -> None:
    few = quantile_chart("/p", BEFORE.page, AFTER.page[:99], None)
    assert few is not None
    assert few.categories[-1] == "p95"
    assert [line.name for line in few.lines] == ["before", "after"]
    assert quantile_chart("/p", BEFORE.page, (), 300) is None


@pytest.mark.parametrize(("budget_ms", "lines"), [(119, 3), (120, 2)])
def test_a_budget_far_above_would_press_the_lines_flat_and_is_left_to_the_table(
    budget_ms: int, lines: int
) -> None:
    drawn = quantile_chart("/p", BEFORE.page, AFTER.page, budget_ms)
    assert drawn is not None
    assert len(drawn.lines) == lines


def test_a_chart_survives_the_ledger_and_the_way_back_from_its_block() -> None:
    assert chart_from_json(CHART.as_json()) == CHART
    assert charts_of(look()) == (CHART,)


def test_the_card_of_a_look_has_verdict_table_and_chart_in_this_order() -> None:
    card = look()
    assert [block["type"] for block in card.blocks] == [
        "section",
        "rich_text",
        "data_visualization",
        "context",
    ]
    assert message_problems(list(card.blocks)) == []
    assert card.text.startswith("❌ FAIL: /products is 17 % slower (11 to 23 %, 99 % sure)")
    assert [block["type"] for block in without_charts(card).blocks] == [
        "section",
        "rich_text",
        "context",
    ]


def test_the_table_fits_a_phone() -> None:
    assert [line for line in JUDGED.lines if len(line) > 36] == []
    assert JUDGED.lines[:4] == (
        "/products     before   after  change",
        "p50 ms          29.9    34.9   +17 %",
        "p90 ms          37.9    38.9       ~",
        "p95 ms          38.9    39.4       ~",
    )


def test_a_long_path_has_a_line_of_its_own() -> None:
    named = replace(AFTER, path="/" + "a" * 40)
    lines = judge_page(None, named).lines
    assert lines[:2] == ("/" + "a" * 34 + "…", " " * 14 + "before   after  change")


def test_a_card_that_is_too_long_loses_its_charts_before_its_words() -> None:
    long = Card(text="Long.", blocks=(*[section("x" * 2900)] * 4, *chart_blocks(RESULT["numbers"])))
    assert [block["type"] for block in fitting(long).blocks] == ["section"] * 4


def test_a_picture_shows_every_line() -> None:
    drawn = picture(CHART)
    assert drawn is not None
    image = Image.open(io.BytesIO(drawn))
    assert (image.format, image.size) == ("PNG", (WIDTH, HEIGHT))
    colours = {colour for _, colour in image.convert("RGB").getcolors(WIDTH * HEIGHT) or ()}
    tones = {
        "before": (0x5B, 0x6B, 0x7B),
        "after": (0xB3, 0x26, 0x1E),
        "budget": (0x1A, 0x6E, 0x3C),
    }
    assert {name for name, tone in tones.items() if tone in colours} == set(tones)
    assert len(drawn) < 100_000
    assert PAPER == "#ffffff"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], [0, 0.25, 0.5, 0.75, 1.0]),
        ([3.9], [0, 1, 2, 3, 4]),
        ([300.0, 12.0], [0, 100, 200, 300]),
        ([0.2], [0, 0.25, 0.5, 0.75, 1.0]),
    ],
)
def test_the_axis_has_round_numbers(values: list[float], expected: list[float]) -> None:
    assert ticks(values) == expected


@pytest.fixture
def delivery(client: WebClient, ledger: SqlLedger) -> Delivery:
    return Delivery(client, ledger, CATALOG, name_of)


def messages(slack: SandboxSlack) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = slack.state(OLGA)["messages"][CHANNEL]
    return found


def test_slack_draws_the_chart_in_the_card(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    done(ledger, clock)
    assert delivery.deliver_once(clock.now()) == 1
    (message,) = messages(slack)
    assert "data_visualization" in [block["type"] for block in message["blocks"]]


def test_where_slack_has_no_charts_a_picture_follows_in_the_thread_once(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    slack.withhold("data_visualization")
    card = done(ledger, clock)
    assert delivery.deliver_once(clock.now()) == 1
    message, reply = messages(slack)
    assert [block["type"] for block in message["blocks"]] == ["section", "rich_text", "context"]
    assert reply["thread_ts"] == message["ts"]
    assert [file["name"] for file in reply["files"]] == ["/products: response time, ms"]
    again = Change(act="look", by=OLGA, at=clock.now(), cards=(card,))
    assert isinstance(ledger.keep(again), Kept)
    delivery.deliver_once(clock.move(10))
    assert len(messages(slack)) == 2


def test_a_picture_that_may_not_be_uploaded_leaves_the_card_and_is_not_tried_again(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    slack.withhold("data_visualization")
    slack.fail_next("files.getUploadURLExternal", "missing_scope")
    card = done(ledger, clock)
    assert delivery.deliver_once(clock.now()) == 1
    assert len(messages(slack)) == 1
    again = Change(act="look", by=OLGA, at=clock.now(), cards=(card,))
    assert isinstance(ledger.keep(again), Kept)
    delivery.deliver_once(clock.move(10))
    tried = [call for call in slack.calls if call.method == "files.getUploadURLExternal"]
    assert len(tried) == 1
