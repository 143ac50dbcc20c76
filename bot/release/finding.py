"""Names that people type, found in the catalog or refused with what exists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from bot.release.catalog import App, Catalog, Environment, Route
from bot.release.refusal import Code, Refusal

Value = TypeVar("Value")

USER = re.compile(r"^<@([UW][A-Z0-9]+)(?:\|[^>]*)?>$")
VERSION = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$")


def _named(kind: str, name: str, known: Mapping[str, Value]) -> Value:
    if name in known:
        return known[name]
    raise Refusal(
        code=Code.UNKNOWN_NAME,
        failed=f"There is no {kind} called {name}." if name else f"No {kind} was named.",
        expected=f"one of: {', '.join(known)}.",
        retry_is_safe=True,
    )


def find_app(catalog: Catalog, name: str) -> App:
    """Return the app of that name."""
    return _named("app", name, catalog.apps)


def find_environment(app: App, name: str) -> Environment:
    """Return the app's environment of that name."""
    return _named("environment", name, app.environments)


def find_routes(app: App, names: Iterable[str]) -> tuple[tuple[str, Route], ...]:
    """Return the named routes, each once; at least one is needed."""
    wanted = tuple(dict.fromkeys(names))
    if not wanted:
        raise Refusal(
            code=Code.BAD_REQUEST,
            failed="No route was named.",
            expected=f"at least one of: {', '.join(app.routes)}.",
            retry_is_safe=True,
        )
    return tuple((name, _named("route", name, app.routes)) for name in wanted)


def default_environment(app: App) -> str:
    """Return production where the app has it, else the app's first environment."""
    return "production" if "production" in app.environments else next(iter(app.environments))


def patterns_of(routes: Iterable[tuple[str, Route]]) -> tuple[str, ...]:
    """Return the key patterns of the routes, each once, in order: the scope."""
    return tuple(dict.fromkeys(pattern for _, route in routes for pattern in route.keys))


def find_user(text: str) -> str:
    """Return the user id in a mention, or a bare user id."""
    mention = USER.match(text)
    name = mention[1] if mention else text
    if re.fullmatch(r"[UW][A-Z0-9]{2,20}", name):
        return name
    raise Refusal(
        code=Code.BAD_REQUEST,
        failed=f"{text or 'Nothing'} is no person.",
        expected="a mention such as @ana.",
        retry_is_safe=True,
    )


def find_version(text: str | None) -> str | None:
    """Return a version that is safe to hand to a command, None where none was given."""
    if not text:
        return None
    if VERSION.fullmatch(text):
        return text
    raise Refusal(
        code=Code.BAD_REQUEST,
        failed=f"{text[:80]} is no version.",
        expected="letters, digits and . _ + -, starting with a letter or digit, at most 64.",
        retry_is_safe=True,
    )


def no_such_release(number: int | None) -> Refusal:
    """Return what the one is told who named no release, or one that does not exist."""
    return Refusal(
        code=Code.UNKNOWN_NAME,
        failed="No release was named." if number is None else f"There is no R-{number}.",
        expected="a release such as R-42, or a press in a release's thread.",
        retry_is_safe=True,
    )
