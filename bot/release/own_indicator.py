"""A route's own cache indicator: a header that the catalog names, and how its value is read."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from bot.release.catalog_rules import matching, quoted, unfit

LONGEST = 80

FieldName = Annotated[
    str, matching(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,60}", "a header's name such as X-My-Cache")
]


def _expression(text: str) -> str:
    expected = "a regular expression of 1 to 100 characters, such as ^HIT"
    try:
        re.compile(text)
    except re.error as error:
        raise unfit(quoted(text), expected, f"It cannot be read: {error}.") from None
    if not 1 <= len(text) <= 100:
        raise unfit(f"{len(text)} characters", expected, "")
    return text


Expression = Annotated[str, AfterValidator(_expression)]


class OwnIndicator(BaseModel):
    """A header and two expressions that are searched for in its value, whatever their case; a miss goes first."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    header: FieldName
    hit: Expression
    miss: Expression

    def read(self, value: str) -> bool | None:
        """Return whether the value says hit; None where neither expression is found in its first 80 characters."""
        shown = value[:LONGEST]
        if re.search(self.miss, shown, re.IGNORECASE):
            return False
        return True if re.search(self.hit, shown, re.IGNORECASE) else None
