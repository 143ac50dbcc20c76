"""What the one who asked is told: an answer, a refusal, or that nobody knows."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands import Said
from bot.release.offers import Offer
from bot.release.refusal import Code, Refusal
from bot.slack.views.blocks import Block, Card, card, section
from bot.slack.views.offers import link_line, offer_rows
from bot.slack.views.wording import clamp, clamp_lines, escape_but_mentions, zoned

TEXT = 2800


def said_card(said: Said) -> Card:
    """Return a command's sentence and the lines that follow it."""
    text = clamp(zoned(escape_but_mentions(said.text)), TEXT)
    lines = clamp_lines((zoned(escape_but_mentions(line)) for line in said.lines), TEXT)
    return card(text, [section(text), section(lines) if lines else None, *offer_rows(said.offers)])


def refusal_text(refusal: Refusal) -> str:
    """Return what was not done, what was expected, and whether a retry is safe; mentions stay."""
    start = "" if refusal.failed.startswith(("Not ", "Nothing ")) else "Not done. "
    return clamp(zoned(escape_but_mentions(f"{start}{refusal}")), TEXT)


def refusal_card(refusal: Refusal, link: str | None = None) -> Card:
    """Return a refusal as a message, with what can be done instead; `link` leads to what is in the way."""
    text = refusal_text(refusal)
    line = link_line(refusal.about, link)
    rows = offer_rows(refusal.offers)
    return card(text, [section(text), section(line) if line else None, *rows])


def notice_view(title: str, text: str, offers: Sequence[Offer] = ()) -> Block:
    """Return a dialog that says one thing, with what can be done instead; `text` is escaped already."""
    rows = [block for block in offer_rows(offers) if block is not None]
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": clamp(title, 24)},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": [section(text), *rows],
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
