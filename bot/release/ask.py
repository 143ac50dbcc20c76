"""What someone asks for, whichever door they came through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.release.catalog import App, Catalog
from bot.release.finding import default_environment, find_app, find_environment
from bot.release.people import Person


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One request, from a slash command, a button, a modal, a mention, the clock or the terminal.

    `words` are the words after the verb, `fields` the named values (of a button, a modal or terminal options).
    `release` is set where the place says it (a thread, a button). `seen_version` is what the person looked at.
    """

    verb: str
    who: Person
    at: datetime
    door: str
    channel: str | None = None
    words: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    release: int | None = None
    step: int | None = None
    seen_version: int | None = None


@dataclass(frozen=True, kw_only=True)
class Place:
    """An app in one of its environments, by name."""

    name: str
    environment: str
    app: App


def find_place(ask: Ask, catalog: Catalog) -> Place:
    """Return where the ask's first word and its `environment` point; production is the default."""
    name = ask.words[0] if ask.words else ask.fields.get("app", "")
    app = find_app(catalog, name)
    environment = ask.fields.get("environment", default_environment(app))
    find_environment(app, environment)
    return Place(name=name, environment=environment, app=app)
