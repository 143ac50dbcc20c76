"""The words a catalog is written in: names, ids, paths and where secrets are."""

from __future__ import annotations

from typing import Annotated

from bot.release.catalog_rules import matching, on_call, rising

Name = Annotated[str, matching(r"[a-z][a-z0-9-]{0,30}", "a short lower-case name such as shop")]
UserId = Annotated[str, matching(r"[UW][A-Z0-9]{2,20}", "a person's Slack id such as U01OWNER")]
PersonOrGroup = Annotated[
    str, matching(r"[UWS][A-Z0-9]{2,20}", "the Slack id of a person (U…) or a user group (S…)")
]
OnCallName = Annotated[
    str,
    matching(
        r"[UWS][A-Z0-9]{2,20}|pagerduty:[A-Z0-9]{4,20}",
        "the Slack id of a person (U…) or a user group (S…), or pagerduty: and a schedule's id",
    ),
]
OnCall = Annotated[tuple[OnCallName, ...], on_call]
ChannelId = Annotated[str, matching(r"[CG][A-Z0-9]{2,20}", "a channel's Slack id such as C01REL")]
Path = Annotated[
    str,
    matching(
        r"/(?!/)[!-\"$-\[\]-~]{0,500}",
        "a path on the app's own host such as /products?page=2, without # and spaces",
    ),
]
Secret = Annotated[
    str,
    matching(
        r"env:[A-Z][A-Z0-9_]*",
        "env:NAME, the variable that holds the secret",
        secret=True,
    ),
]

CookieName = Annotated[
    str, matching(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,80}", "a cookie's name such as session")
]

PaceName = Annotated[str, matching(r"gentle|normal|fast", "gentle, normal or fast")]
Shares = Annotated[tuple[float, ...], rising]
