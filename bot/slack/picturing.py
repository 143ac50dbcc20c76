"""Charts that a workspace's Slack does not draw, uploaded as pictures into the card's thread."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from datetime import datetime

from slack_sdk import WebClient

from bot.release.quantile_chart import Chart
from bot.release.states import ReleaseState
from bot.slack.chart_picture import picture
from bot.slack.outbox import Outbox, spot_of
from bot.slack.sending import TRANSPORT, trouble_of
from bot.slack.views.blocks import Card
from bot.slack.views.chart import charts_of

log = logging.getLogger(__name__)


def still_grows(name: str, ledger: Outbox) -> bool:
    """Return whether a card's charts get a point with each look: then only the last of them is worth a picture."""
    kind, _, number = name.partition(":")
    story = ledger.story(int(number)) if kind == "watch" else None
    return story is not None and story.release.state is ReleaseState.WATCHING


def upload_charts(client: WebClient, ledger: Outbox, name: str, card: Card, now: datetime) -> None:
    """Upload what the card of that name would draw, each drawing once; the numbers stand in the card anyway.

    Needs the scope `files:write` and the extra `plots`; without them the card stays without a picture.
    """
    stands = ledger.message(name)
    charts = charts_of(card)
    if stands is None or not charts:
        return
    digest = hashlib.sha256(json.dumps([one.as_json() for one in charts]).encode()).hexdigest()
    # Noted before it is sent: a picture that cannot be uploaded is not tried again with every redraw.
    if not ledger.picture_noted(name, digest, now):
        return
    spot = spot_of(name, ledger)
    thread = stands[1] if spot is None or spot.thread is None else spot.thread
    for chart, drawn in _pictures(charts):
        try:
            client.files_upload_v2(
                content=drawn,
                filename="response-time.png",
                title=chart.title,
                alt_txt=_spoken(chart),
                channel=stands[0],
                thread_ts=thread,
            )
        except TRANSPORT as error:
            log.warning("the chart of %s was not uploaded: %s", name, trouble_of(error, 0).error)


def _pictures(charts: tuple[Chart, ...]) -> Iterator[tuple[Chart, bytes]]:
    for chart in charts:
        drawn = picture(chart)
        if drawn is None:
            log.warning("Slack takes no charts here, and the extra plots is not installed.")
            return
        yield chart, drawn


def _spoken(chart: Chart) -> str:
    """Return the chart for those who hear it."""
    lines = [
        f"{line.name}: "
        + ", ".join(
            f"{name} {value:g}" for name, value in zip(chart.categories, line.values, strict=True)
        )
        for line in chart.lines
    ]
    return f"{chart.title}. {'; '.join(lines)}."[:1000]
