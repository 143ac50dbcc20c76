"""How the app itself is put back: the values of the catalog's rollback table."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.release.calls_out import WebhookCall, WorkflowCall, one_way
from bot.release.catalog_rules import Word

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class Hook(BaseModel):
    """How the app itself is put back; `previous` prints the version to go back to."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    argv: tuple[Word, ...] = ()
    webhook: WebhookCall | None = None
    workflow: WorkflowCall | None = None
    previous: tuple[Word, ...] = ()
    timeout_s: int = Field(default=120, gt=0, le=1800)
    idempotent: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Hook:
        one_way(self.argv, self.webhook, self.workflow)
        return self

    @property
    def words(self) -> tuple[str, ...]:
        """Return everything that is filled in: whoever names {environment} in it says where it works."""
        if self.webhook is not None:
            return tuple(self.webhook.fields.values())
        if self.workflow is not None:
            return tuple(self.workflow.inputs.values())
        return self.argv
