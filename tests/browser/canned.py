"""Canned states of the sandbox Slack, rich enough to show everything the page draws."""

from __future__ import annotations

from typing import Any

from tests.browser.canned_cards import (
    BOT,
    CHANNEL,
    NOW,
    ROOT,
    message,
    mrkdwn,
    root_blocks,
    said,
    step_blocks,
)
from tests.browser.canned_modal import modal

Json = dict[str, Any]

OWNER = "U01OWNER"
APPROVER = "U02APPROVER"
CHAT = f"{NOW - 5400}.000100"


def messages() -> list[Json]:
    """Return the messages of the release channel."""
    reply = {"thread_ts": ROOT}
    ticks = [f"{NOW - 1400 + 60 * index}.000{index}00" for index in range(6)]
    return [
        message(CHAT, APPROVER, "Gal Approver", "Morning! Price table goes out today :eyes:"),
        message(
            f"{NOW - 5380}.000200",
            APPROVER,
            "Gal Approver",
            "I am around until *14:00*, then <@U03ONCALL> is. See <https://example.org/plan|the plan>.",
            reactions=[{"name": "+1", "count": 2}],
        ),
        said(
            ROOT,
            "R-42 shop production: step 3 of 5 waits for approval",
            root_blocks(),
            reply_count=4,
            pinned=True,
        ),
        said(
            ticks[0],
            "Step 1 passed",
            [
                {
                    "type": "section",
                    "block_id": "p1",
                    "text": mrkdwn(
                        ":white_check_mark: *1. Cache headers are as expected*\n2 of 2 pages: `max-age=300`"
                    ),
                },
                {
                    "type": "context",
                    "block_id": "p1c",
                    "elements": [mrkdwn("Approved by <@U02APPROVER>")],
                },
            ],
            **reply,
        ),
        said(
            ticks[1],
            "Step 2 unsure",
            [
                {
                    "type": "section",
                    "block_id": "p2",
                    "text": mrkdwn(
                        ":warning: *2. Logged-in traffic: not sure*\n> Page 2 carried no cookie in the answer."
                    ),
                }
            ],
            **reply,
        ),
        said(ticks[2], "Step 3 waits for approval", step_blocks(), **reply),
        said(
            f"{NOW - 1200}.000900",
            "Not approved: you started this release.",
            [],
            ephemeral=True,
            **reply,
        ),
        message(
            ticks[4], APPROVER, "Gal Approver", "Looking at the plan now.", broadcast=True, **reply
        ),
        said(
            f"{NOW - 200}.000100",
            "Only an approver may approve. Nothing was changed; retry is safe.",
            [],
            ephemeral=True,
        ),
    ]


def states() -> dict[str, Json]:
    """Return the state of the owner and of the approver."""
    people = [
        {
            "id": OWNER,
            "name": "olga",
            "real_name": "Olga Owner",
            "note": "owner",
            "is_bot": False,
        },
        {
            "id": APPROVER,
            "name": "gal",
            "real_name": "Gal Approver",
            "note": "approver",
            "is_bot": False,
        },
        {
            "id": "U03ONCALL",
            "name": "ines",
            "real_name": "Ines Oncall",
            "note": "on call",
            "is_bot": False,
        },
    ]
    common: Json = {
        "people": people,
        "team": {"id": "T01", "name": "Sandbox"},
        "bot": {"id": BOT, "name": "cache-release"},
        "channels": [
            {"id": CHANNEL, "name": "releases", "topic": "Cache releases of the shop"},
            {"id": "C02GEN", "name": "general", "topic": "Everything else"},
            {"id": "D01BOT", "name": "cache-release", "topic": "", "im": True},
        ],
        "commands": [
            {
                "command": "/cache-release",
                "description": "Release a cached route, step by step, with undo",
                "usage_hint": "start | status | purge | rollback R-1 | help",
            }
        ],
        "shortcuts": [{"callback_id": "roll_back", "name": "Roll back release"}],
        "modal": None,
        "home": None,
        "notices": [],
        "links": [{"label": "Shop", "url": "http://127.0.0.1:9102/"}],
    }
    own = {CHANNEL: messages(), "C02GEN": [], "D01BOT": []}
    theirs = {
        CHANNEL: [one for one in messages() if not one["ephemeral"]],
        "C02GEN": [],
        "D01BOT": [],
    }
    return {
        OWNER: {**common, "me": OWNER, "messages": own, "modal": None},
        APPROVER: {**common, "me": APPROVER, "messages": theirs, "modal": None},
    }


def modal_of(**extra: object) -> Json:
    """Return the state's modal, with errors or busy as asked."""
    return {"view": modal(), "errors": {}, "busy": False, **extra}
