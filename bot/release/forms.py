"""A question back to the person who asked, as values that a door can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One option of a form's field; the description is small print under it, at most 75 characters."""

    value: str
    label: str
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class FormField:
    """One field of a form; kind is `text`, `long_text`, `choice`, `choices` or `person`."""

    name: str
    label: str
    kind: str
    value: str = ""
    values: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    hint: str = ""
    optional: bool = False
    max_length: int | None = None


@dataclass(frozen=True, kw_only=True)
class Form:
    """A question back: the door shows it, and its answer is an Ask of the same verb. `carry` comes back untouched."""

    verb: str
    title: str
    submit: str
    fields: tuple[FormField, ...]
    carry: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FormErrors:
    """What is wrong with a form's answer, by field name; the person's input stays."""

    errors: Mapping[str, str]
