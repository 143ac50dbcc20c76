"""What an answer offers to do next, as rows of buttons, and what one person is told by itself."""

from __future__ import annotations

from collections.abc import Sequence

from bot.release.notices import Notice
from bot.release.offers import Offer
from bot.slack.views.blocks import Block, Card, Press, actions, button, card, section
from bot.slack.views.wording import clamp, clamp_lines, escape_but_mentions, zoned

TEXT = 2800
IN_A_ROW = 3
MOST = 9


def offer_rows(offers: Sequence[Offer]) -> list[Block | None]:
    """Return the buttons, three in a row; what is dangerous stands in a row of its own."""
    calm = [offer for offer in offers[:MOST] if not offer.danger]
    rows = [calm[at : at + IN_A_ROW] for at in range(0, len(calm), IN_A_ROW)]
    rows += [[offer] for offer in offers[:MOST] if offer.danger]
    return [
        actions(f"offers-{number}", [_button(offer, f"{number}-{place}") for place, offer in row])
        for number, row in enumerate(map(_numbered, rows))
    ]


def _numbered(row: Sequence[Offer]) -> list[tuple[int, Offer]]:
    return list(enumerate(row))


def _button(offer: Offer, place: str) -> Block:
    press = Press(verb=offer.verb, release=offer.release, fields=offer.fields)
    style = "danger" if offer.danger else None
    return button(offer.label, press, style=style, name=f"{offer.verb}-{place}")


def link_line(release: int | None, link: str | None) -> str:
    """Return the line that leads to a release's thread; nothing where no address is known."""
    return "" if release is None or link is None else f"<{link}|Thread of R-{release}>"


def notice_card(notice: Notice, link: str | None) -> Card:
    """Return what one person, or one thread, is told."""
    text = clamp(zoned(escape_but_mentions(notice.text)), TEXT)
    lines = [zoned(escape_but_mentions(line)) for line in notice.lines]
    more = "\n".join(filter(None, (clamp_lines(lines, TEXT), link_line(notice.about, link))))
    drawn = [section(text), section(more) if more else None, *offer_rows(notice.offers)]
    told = card(text, drawn)
    return Card(text=told.text, blocks=told.blocks, files=notice.files)
