"""Canned messages of the bot: a root card with a danger button, and a step card that waits for approval."""

from __future__ import annotations

import time
from typing import Any

Json = dict[str, Any]

CHANNEL = "C01REL"
BOT = "U0BOT"
NOW = int(time.time())
ROOT = f"{NOW - 1500}.000100"


def plain(text: str) -> Json:
    """Return a plain_text object."""
    return {"type": "plain_text", "text": text, "emoji": True}


def mrkdwn(text: str) -> Json:
    """Return a mrkdwn object."""
    return {"type": "mrkdwn", "text": text}


def button(text: str, action: str, **extra: object) -> Json:
    """Return a button element."""
    return {
        "type": "button",
        "text": plain(text),
        "action_id": action,
        "value": f"v-{action}",
        **extra,
    }


def message(ts: str, user: str, name: str, text: str, **extra: object) -> Json:
    """Return a message as the state holds it."""
    return {
        "ts": ts,
        "thread_ts": None,
        "user": user,
        "name": name,
        "is_bot": user == BOT,
        "text": text,
        "blocks": [],
        "edited": False,
        "ephemeral": False,
        "broadcast": False,
        "reply_count": 0,
        "reactions": [],
        "pinned": False,
        "files": [],
        **extra,
    }


def said(ts: str, text: str, blocks: list[Json], **extra: object) -> Json:
    """Return a message of the bot."""
    return message(ts, BOT, "cache-release", text, blocks=blocks, **extra)


def root_blocks(state: str = "step 3 of 5 · waiting for approval") -> list[Json]:
    """Return the blocks of a root card with a danger button."""
    confirm = {
        "title": plain("Roll back R-42?"),
        "text": mrkdwn("Restores *1,204 keys* of `anp:page:/products*` in PRODUCTION."),
        "confirm": plain("Roll back"),
        "deny": plain("Keep release"),
        "style": "danger",
    }
    overflow = {
        "type": "overflow",
        "action_id": "more",
        "options": [
            {"text": plain("Add a note"), "value": "note"},
            {"text": plain("Hand over"), "value": "hand-over"},
            {"text": plain("Abandon"), "value": "abandon"},
        ],
    }
    return [
        {
            "type": "header",
            "block_id": "h",
            "text": plain("R-42 · New price table · PRODUCTION"),
        },
        {
            "type": "section",
            "block_id": "f",
            "fields": [
                mrkdwn("*Owner*\n<@U01OWNER>"),
                mrkdwn("*Approver*\n<@U02APPROVER>"),
                mrkdwn("*Scope*\n`anp:page:/products*` (1,204 keys)"),
                mrkdwn(f"*State*\n:hourglass_flowing_sand: {state}"),
            ],
        },
        {
            "type": "section",
            "block_id": "e",
            "text": mrkdwn(
                "*Expected*: p95 under 180 ms, HIT ratio over 90 %\n*Rollback note*: restore the snapshot, warm /home"
            ),
        },
        {
            "type": "actions",
            "block_id": "a",
            "elements": [
                button(
                    "Open step 3",
                    "open",
                    url=f"/archives/{CHANNEL}/p{ROOT.replace('.', '')[:-3]}300?thread_ts={ROOT}",
                ),
                button("Roll back…", "roll_back", style="danger", confirm=confirm),
                overflow,
            ],
        },
        {
            "type": "context",
            "block_id": "c",
            "elements": [
                mrkdwn(
                    f"Updated <!date^{NOW - 300}^{{date_short_pretty}} {{time}}|14:02 UTC> by <@U01OWNER> · R-42"
                )
            ],
        },
    ]


def step_blocks() -> list[Json]:
    """Return the blocks of a step card that waits for approval."""
    return [
        {
            "type": "section",
            "block_id": "s",
            "text": mrkdwn(
                "*3. Purge only the affected route*\nDry run: 1,204 keys match `anp:page:/products*`"
            ),
        },
        {
            "type": "rich_text",
            "block_id": "keys",
            "elements": [
                {
                    "type": "rich_text_preformatted",
                    "elements": [
                        {"type": "text", "text": "anp:page:/products\nanp:page:/products?page=2"}
                    ],
                },
            ],
        },
        {
            "type": "actions",
            "block_id": "do",
            "elements": [
                button("Approve purge", "approve", style="primary"),
                button("Reject…", "reject"),
            ],
        },
        {
            "type": "context",
            "block_id": "who",
            "elements": [mrkdwn("Needs an approver, not the owner. Expires 14:32.")],
        },
    ]
