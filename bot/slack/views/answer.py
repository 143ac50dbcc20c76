"""What the one who asked is told: an answer, a refusal, or that nobody knows."""

from __future__ import annotations

from bot.commands import Said
from bot.release.refusal import Code, Refusal
from bot.slack.views.blocks import Block, Card, section
from bot.slack.views.wording import clamp, clamp_lines, escape_but_mentions

TEXT = 2800


def said_card(said: Said) -> Card:
    """Return a command's sentence and the lines that follow it."""
    text = clamp(escape_but_mentions(said.text), TEXT)
    lines = clamp_lines((escape_but_mentions(line) for line in said.lines), TEXT)
    return Card(text=text, blocks=(section(text), *([section(lines)] if lines else [])))


def refusal_text(refusal: Refusal) -> str:
    """Return what was not done, what was expected, and whether a retry is safe; mentions stay."""
    start = "" if refusal.failed.startswith(("Not ", "Nothing ")) else "Not done. "
    return clamp(escape_but_mentions(f"{start}{refusal}"), TEXT)


def refusal_card(refusal: Refusal) -> Card:
    """Return a refusal as a message."""
    text = refusal_text(refusal)
    return Card(text=text, blocks=(section(text),))


def notice_view(title: str, text: str) -> Block:
    """Return a dialog that says one thing; `text` is escaped already."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": clamp(title, 24)},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": [section(text)],
    }


def unknown(token: str) -> Refusal:
    """Return what is said when the bot itself broke; the log has the same token."""
    return Refusal(
        code=Code.INTERNAL,
        failed=f"Not recorded, as far as the bot knows: do not assume it ran. The log says why under {token}.",
        expected="an answer from the ledger.",
        retry_is_safe=True,
    )


def late() -> Refusal:
    """Return what is said when the ledger takes longer than Slack waits."""
    return Refusal(
        code=Code.NOT_RECORDED,
        failed="Not recorded yet: the ledger is slow. Do not assume it ran; the answer follows here.",
        expected="an answer within two seconds.",
        retry_is_safe=True,
    )


def no_dialog(verb: str) -> Refusal:
    """Return what is said when a mention would need a dialog."""
    return Refusal(
        code=Code.BAD_REQUEST,
        failed="This needs a dialog, and Slack opens none from a mention. Nothing was changed.",
        expected=f"everything in words, as `help` shows for `{verb}`, or a press on the card.",
        retry_is_safe=True,
    )


def late_dialog() -> Refusal:
    """Return what is said when Slack did not open a dialog."""
    return Refusal(
        code=Code.NOT_NOW,
        failed="The dialog could not be opened in time. Nothing was changed.",
        expected="Slack to open it within three seconds.",
        retry_is_safe=True,
    )
