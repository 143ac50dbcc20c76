"""What may be released, where, and by whom: the values of the catalog file."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from bot.release.calendar_rules import known_names, local, recurring, rrule_text, time_zone
from bot.release.calls_out import CallsIn, WebhookCall, WebhookOut, WorkflowCall
from bot.release.catalog_names import (
    ChannelId,
    CookieName,
    Name,
    OnCall,
    PaceName,
    Path,
    PersonOrGroup,
    Secret,
    Shares,
    UserId,
)
from bot.release.catalog_rules import (
    GenerationKey,
    KeyPattern,
    among,
    base_url,
    exactly_one_scope,
    known_place,
    one_treatment,
    reachable,
    untouched,
)
from bot.release.hook import Hook
from bot.release.own_indicator import OwnIndicator
from bot.release.sample_size import FEWEST, MOST
from bot.release.slowdown import TOLERANCE


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Freeze(_Part):
    """A window in which none may release; `start` is local to `zone`, `rule` an RRULE of RFC 5545."""

    reason: str = Field(min_length=1, max_length=200)
    start: Annotated[datetime, Field(strict=False), local]
    hours: int = Field(gt=0, le=24 * 60)
    rule: Annotated[str, rrule_text] | None = None
    zone: Annotated[str, time_zone] = "UTC"
    environments: tuple[Name, ...] = ("production",)
    apps: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _recurs(self) -> Freeze:
        recurring(self.rule, self.start)
        return self


class People(_Part):
    """Who may do everything."""

    admins: tuple[PersonOrGroup, ...] = ()


class Environment(_Part):
    """One place where an app runs; `redis` and `replica` name the settings that hold their URLs.

    `waves` are rising shares of the keys in percent; None: what its name says. `rehearsal` is where it is rehearsed.
    """

    redis: Secret
    url: Annotated[str, base_url]
    allow_private: bool = False
    replica: Secret | None = None
    pace: PaceName = "normal"
    waves: Shares | None = None
    rehearsal: Name | None = None


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
    per_second: int = Field(default=5, ge=1, le=20)
    tolerance: float = Field(default=TOLERANCE, ge=0.05, le=2.0)
    warm: bool = False
    undo: bool = True
    soft_ttl: int | None = Field(default=None, ge=1, le=604_800)
    indicator: OwnIndicator | None = None

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


class App(_Part):
    """Everything the bot may release of one application; one approval must come from `approvers_required`."""

    channel: ChannelId
    owner: UserId
    approvers: tuple[PersonOrGroup, ...] = Field(min_length=1)
    approvers_required: PersonOrGroup | None = None
    oncall: OnCall = ()
    approvals: int = Field(default=1, ge=1, le=10)
    auto_rollback: bool = False
    environments: dict[Name, Environment] = Field(min_length=1)
    routes: dict[Name, Route] = Field(min_length=1)
    accounts: dict[Name, Account] = Field(default_factory=dict)
    rollback: Hook | None = None
    webhooks: tuple[WebhookOut, ...] = ()
    ci: CallsIn | None = None

    @field_validator("environments")
    @classmethod
    def _rehearsable(cls, environments: dict[str, Environment]) -> dict[str, Environment]:
        for name, place in environments.items():
            known_place(name, place.rehearsal, tuple(environments))
        return environments

    @field_validator("approvers_required")
    @classmethod
    def _approving(cls, required: str | None, info: ValidationInfo) -> str | None:
        return among(required, info.data.get("approvers", ()))

    @field_validator("approvals")
    @classmethod
    def _reachable(cls, approvals: int, info: ValidationInfo) -> int:
        return reachable(approvals, info.data.get("approvers", ()))


class Catalog(_Part):
    """The whole catalog file."""

    people: People = People()
    apps: dict[Name, App] = Field(min_length=1)
    freezes: dict[Name, Freeze] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known(self) -> Catalog:
        places = {place for app in self.apps.values() for place in app.environments}
        for name, freeze in self.freezes.items():
            known_names(f"freezes.{name}.apps", freeze.apps, self.apps)
            known_names(f"freezes.{name}.environments", freeze.environments, places)
        return self

    @property
    def hash(self) -> str:
        """Return the SHA-256 of the catalog's canonical form, in hex."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


TABLES: dict[str, type[BaseModel]] = {
    "": Catalog,
    "people": People,
    "freezes.*": Freeze,
    "apps.*": App,
    "apps.*.environments.*": Environment,
    "apps.*.routes.*": Route,
    "apps.*.routes.*.indicator": OwnIndicator,
    "apps.*.accounts.*": Account,
    "apps.*.rollback": Hook,
    "apps.*.rollback.webhook": WebhookCall,
    "apps.*.rollback.workflow": WorkflowCall,
    "apps.*.webhooks": WebhookOut,
    "apps.*.ci": CallsIn,
}
"""Every table of the file, by its dotted name; `*` stands for a name the file chooses."""
