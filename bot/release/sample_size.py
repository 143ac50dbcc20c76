"""How many requests a measurement may take."""

from __future__ import annotations

from bot.release.refusal import Code, Refusal
from bot.release.slowdown import ENOUGH

FEWEST = ENOUGH
MOST = 200


def sample_size(text: str | None) -> int | None:
    """Return the number of samples somebody typed; None where nothing was; refuse what can say nothing."""
    if text is None:
        return None
    if text.isdecimal() and FEWEST <= int(text[:6]) <= MOST:
        return int(text)
    raise Refusal(
        code=Code.BAD_REQUEST,
        failed=f"Not measured: --n {text[:20]} is no number of requests that can be judged.",
        expected=f"a number from {FEWEST} to {MOST}; fewer only show a page that takes half as long again.",
        retry_is_safe=True,
    )
