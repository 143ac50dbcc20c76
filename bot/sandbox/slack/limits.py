"""Slack's published limits in one place: lengths in characters, counts, and waits in seconds."""

from __future__ import annotations

from dataclasses import dataclass

BLOCKS_PER_MESSAGE = 50
BLOCKS_PER_VIEW = 100
BLOCKS_JSON = 13_200
MESSAGE_TEXT = 40_000
UPDATED_TEXT = 4_000
METADATA_JSON = 8_000
MARKDOWN_TEXT = 12_000

HEADER_TEXT = 150
SECTION_TEXT = 3_000
SECTION_FIELD = 2_000
SECTION_FIELDS = 10
CONTEXT_ELEMENTS = 10
CONTEXT_TEXT = 3_000
ACTIONS_ELEMENTS = 25
INPUT_LABEL = 2_000
INPUT_HINT = 2_000
IMAGE_TEXT = 2_000
TABLE_ROWS = 100
TABLE_COLUMNS = 20
CHARTS = 2
CHART_TITLE = 50
CHART_LABEL = 20
CHART_SERIES = 6
CHART_POINTS = 20

IDENTIFIER = 255
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
ACCESSIBILITY_LABEL = 75
URL = 3_000
PLACEHOLDER = 150
OPTIONS = 100
OVERFLOW_OPTIONS = 5
CHECKED_OPTIONS = 10
OPTION_TEXT = 75
OPTION_VALUE = 150
TYPED_TEXT = 3_000
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30

VIEW_TITLE = 24
PRIVATE_METADATA = 3_000
VIEWS_DEEP = 3

SOCKETS_PER_APP = 10
RESPONSE_URL_USES = 5


@dataclass(frozen=True, kw_only=True)
class Timing:
    """The waits that tests may shorten, all in seconds.

    `event_retries` are the pauses before each further try of an event that was not acked.
    """

    ack: float = 3.0
    trigger: float = 3.0
    response_url: float = 1_800.0
    event_retries: tuple[float, ...] = (0.0, 60.0, 300.0)
