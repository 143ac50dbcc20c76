"""What may be released, where, and by whom: the values of the catalog file."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from bot.release.catalog_rules import (
    GenerationKey,
    KeyPattern,
    Word,
    base_url,
    exactly_one_scope,
    matching,
    one_treatment,
    reachable,
    rising,
    untouched,
)
from bot.release.sample_size import FEWEST, MOST
from bot.release.slowdown import TOLERANCE

Name = Annotated[str, matching(r"[a-z][a-z0-9-]{0,30}", "a short lower-case name such as shop")]
UserId = Annotated[str, matching(r"[UW][A-Z0-9]{2,20}", "a person's Slack id such as U01OWNER")]
PersonOrGroup = Annotated[
    str, matching(r"[UWS][A-Z0-9]{2,20}", "the Slack id of a person (U…) or a user group (S…)")
]
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

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class People(_Part):
    """Who may do everything."""

    admins: tuple[PersonOrGroup, ...] = ()


class Environment(_Part):
    """One place where an app runs; `redis` and `replica` name the settings that hold their URLs.

    `waves` are rising shares of the keys in percent; None: what the environment's name says.
    """

    redis: Secret
    url: Annotated[str, base_url]
    allow_private: bool = False
    replica: Secret | None = None
    pace: PaceName = "normal"
    waves: Shares | None = None


class Route(_Part):
    """A part of the app that is cached: its key patterns, or the key that holds its generation, and its pages.

    `soft_ttl` is in seconds: a purge lets the keys expire within that. `undo` false: it deletes them for good.
    """

    keys: tuple[KeyPattern, ...] = Field(default=(), min_length=1)
    generation: GenerationKey | None = None
    paths: tuple[Path, ...] = Field(min_length=1)
    control: Path | None = None
    personalised: bool = False
    bypass_cookie: CookieName | None = None
    budget_p95_ms: int | None = Field(default=None, gt=0)
    samples: int = Field(default=100, ge=FEWEST, le=MOST)
    tolerance: float = Field(default=TOLERANCE, ge=0.05, le=2.0)
    warm: bool = False
    undo: bool = True
    soft_ttl: int | None = Field(default=None, ge=1, le=604_800)

    @field_validator("control")
    @classmethod
    def _untouched(cls, control: str | None, info: ValidationInfo) -> str | None:
        return untouched(control, info.data.get("paths", ()))

    @model_validator(mode="after")
    def _one_scope(self) -> Route:
        exactly_one_scope(self.keys, self.generation)
        one_treatment(self.generation, undo=self.undo, soft_ttl=self.soft_ttl)
        return self


class Account(_Part):
    """A test account; `cookie` names the setting that holds its Cookie header, `marker` is text only it sees."""

    cookie: Secret
    marker: str = Field(min_length=4)


class Hook(_Part):
    """How the app itself is put back; `previous` prints the version to go back to."""

    argv: tuple[Word, ...] = Field(min_length=1)
    previous: tuple[Word, ...] = ()
    timeout_s: int = Field(default=120, gt=0, le=1800)
    idempotent: bool = False


class App(_Part):
    """Everything the bot may release of one application."""

    channel: ChannelId
    owner: UserId
    approvers: tuple[PersonOrGroup, ...] = Field(min_length=1)
    oncall: tuple[PersonOrGroup, ...] = ()
    approvals: int = Field(default=1, ge=1, le=10)
    auto_rollback: bool = False
    environments: dict[Name, Environment] = Field(min_length=1)
    routes: dict[Name, Route] = Field(min_length=1)
    accounts: dict[Name, Account] = Field(default_factory=dict)
    rollback: Hook | None = None

    @field_validator("approvals")
    @classmethod
    def _reachable(cls, approvals: int, info: ValidationInfo) -> int:
        return reachable(approvals, info.data.get("approvers", ()))


class Catalog(_Part):
    """The whole catalog file."""

    people: People = People()
    apps: dict[Name, App] = Field(min_length=1)

    @property
    def hash(self) -> str:
        """Return the SHA-256 of the catalog's canonical form, in hex."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


TABLES: dict[str, type[BaseModel]] = {
    "": Catalog,
    "people": People,
    "apps.*": App,
    "apps.*.environments.*": Environment,
    "apps.*.routes.*": Route,
    "apps.*.accounts.*": Account,
    "apps.*.rollback": Hook,
}
"""Every table of the file, by its dotted name; `*` stands for a name the file chooses."""
