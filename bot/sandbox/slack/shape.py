"""Small checks from which the shapes of Block Kit are put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Problem = tuple[str, str]
"""Where (a JSON pointer) and what is wrong (a sentence)."""

Check = Callable[[Any, str], Iterator[Problem]]
"""Takes a value and its pointer, yields what is wrong with it."""


def string(most: int, *, least: int = 1) -> Check:
    """Return a check for a string of `least` to `most` characters."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield at, "must be a string"
        elif len(value) > most:
            yield at, f"must be less than {most + 1} characters"
        elif len(value) < least:
            yield at, f"must be more than {least - 1} characters"

    return check


def flag(value: Any, at: str) -> Iterator[Problem]:
    """Check for true or false."""
    if not isinstance(value, bool):
        yield at, "must be a boolean"


def integer(least: int, most: int) -> Check:
    """Return a check for a whole number between two bounds, both included."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield at, "must be an integer"
        elif not least <= value <= most:
            yield at, f"must be between {least} and {most}"

    return check


def one_of(*words: str) -> Check:
    """Return a check for one of some words."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if value not in words:
            yield at, "must be a valid enum value"

    return check


def anything(value: Any, at: str) -> Iterator[Problem]:
    """Accept whatever it is."""
    yield from ()


def items(check: Check, *, most: int, least: int = 1) -> Check:
    """Return a check for a list of `least` to `most` items, each checked."""

    def check_all(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield at, "must be an array"
            return
        if len(value) > most:
            yield at, f"no more than {most} items allowed"
        if len(value) < least:
            yield at, f"no less than {least} items required"
        for index, item in enumerate(value):
            yield from check(item, f"{at}/{index}")

    return check_all


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Return a check for an object with these properties and no others."""
    known = {**required, **(optional or {})}

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield at, "must provide an object"
            return
        for name in required:
            if value.get(name) is None:
                yield at, f"missing required field: {name}"
        for name, part in value.items():
            if name not in known:
                yield at, f"invalid additional property: {name}"
            elif part is not None:
                yield from known[name](part, f"{at}/{name}")

    return check


def by_type(kinds: Mapping[str, Check]) -> Check:
    """Return a check that picks the shape by the object's `type`."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield at, "must provide an object"
        elif str(value.get("type")) not in kinds:
            yield f"{at}/type", f"unsupported type: {value.get('type')}"
        else:
            yield from kinds[value["type"]](value, at)

    return check


def both(*checks: Check) -> Check:
    """Return a check that makes several checks on one value."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        for part in checks:
            yield from part(value, at)

    return check


def text(most: int, *, plain: bool = False) -> Check:
    """Return a check for a text object; `plain` forbids mrkdwn."""
    plain_text = shape({"type": anything, "text": string(most)}, {"emoji": flag})
    mrkdwn = shape({"type": anything, "text": string(most)}, {"verbatim": flag})
    return by_type({"plain_text": plain_text} | ({} if plain else {"mrkdwn": mrkdwn}))
