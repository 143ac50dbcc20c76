"""The form that starts a release, and what can be wrong with its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.release.catalog import App, Catalog, Route
from bot.release.finding import default_environment, find_version
from bot.release.forms import Choice, Form, FormField
from bot.release.refusal import Refusal

LONGEST_TITLE = 100
LONGEST_TEXT = 500


@dataclass(frozen=True, kw_only=True)
class StepTexts:
    """What the form says of one step; heading is `3. Purge only the affected route`."""

    kind: str
    heading: str
    expected: str
    rollback_note: str


def start_form(
    catalog: Catalog,
    *,
    owner: str,
    steps: tuple[StepTexts, ...],
    given: Mapping[str, str] | None = None,
    app: str | None = None,
    carry: Mapping[str, str] | None = None,
) -> Form:
    """Return the form that asks for everything a release needs, with sensible text filled in.

    `given` are values by field name, from an earlier release; with `app` only its routes can be chosen.
    """
    filled = dict(given or {})
    apps = catalog.apps if app is None else {app: catalog.apps[app]}
    name = filled.get("app") or app or next(iter(apps))
    environments = tuple(dict.fromkeys(env for part in apps.values() for env in part.environments))
    fields = (
        FormField(
            name="app",
            label="App",
            kind="choice",
            value=name,
            choices=_choices(tuple(apps)),
        ),
        FormField(
            name="environment",
            label="Environment",
            kind="choice",
            value=filled.get("environment") or default_environment(catalog.apps[name]),
            choices=_choices(environments),
        ),
        FormField(
            name="routes",
            label="Routes",
            kind="choices",
            values=tuple(filter(None, filled.get("routes", "").split(","))),
            choices=_route_choices(apps),
            hint="Only these routes' keys can be purged.",
        ),
        FormField(name="owner", label="Owner", kind="person", value=filled.get("owner") or owner),
        FormField(
            name="title",
            label="What changes",
            kind="text",
            value=filled.get("title", ""),
            hint=f"For example: New price table. At most {LONGEST_TITLE} characters.",
            max_length=LONGEST_TITLE,
        ),
        FormField(
            name="previous",
            label="Version to go back to",
            kind="text",
            hint="Left empty, the app's rollback command is asked. At most 64 characters.",
            optional=True,
            max_length=64,
        ),
    )
    texts = tuple(field for step in steps for field in _step_fields(step))
    return Form(
        verb="start",
        title="Start a release",
        submit="Start",
        fields=fields + texts,
        carry=dict(carry or {}),
    )


def _route_choices(apps: Mapping[str, App]) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            value=f"{app}/{name}",
            label=name if len(apps) == 1 else f"{app} · {name}",
            description=_route_words(route),
        )
        for app, part in apps.items()
        for name, route in part.routes.items()
    )


def _route_words(route: Route) -> str:
    """Return what the catalog says of a route, as small print: its keys, its budget, whether it is personal."""
    said = [", ".join(route.keys) or f"generation {route.generation}"]
    if route.budget_p95_ms is not None:
        said.append(f"p95 {route.budget_p95_ms} ms")
    if route.personalised:
        said.append("personal")
    keys, *more = said
    room = 74 - sum(len(word) + 3 for word in more)
    return " · ".join([keys if len(keys) <= room else f"{keys[: room - 1]}…", *more])


def _choices(names: tuple[str, ...]) -> tuple[Choice, ...]:
    return tuple(Choice(value=name, label=name) for name in names)


def _step_fields(texts: StepTexts) -> tuple[FormField, FormField]:
    return (
        FormField(
            name=f"expected_{texts.kind}",
            label=f"{texts.heading}: expected",
            kind="long_text",
            value=texts.expected,
            hint=f"At most {LONGEST_TEXT} characters.",
            max_length=LONGEST_TEXT,
        ),
        FormField(
            name=f"note_{texts.kind}",
            label=f"{texts.heading.partition('.')[0]}. Rollback note",
            kind="long_text",
            value=texts.rollback_note,
            hint=f"At most {LONGEST_TEXT} characters.",
            max_length=LONGEST_TEXT,
        ),
    )


def form_errors(fields: Mapping[str, str], catalog: Catalog) -> dict[str, str]:
    """Return what is wrong with the form, beside the field it belongs to."""
    errors: dict[str, str] = {}
    app = catalog.apps[fields["app"]]
    if fields.get("environment") not in app.environments:
        errors["environment"] = f"{fields['app']} runs in: {', '.join(app.environments)}."
    routes = form_routes(fields)
    if not routes:
        errors["routes"] = "Choose at least one route."
    elif any(name not in app.routes or owner != fields["app"] for owner, name in routes):
        errors["routes"] = f"Routes of {fields['app']}: {', '.join(app.routes)}."
    if not fields.get("title", "").strip():
        errors["title"] = "Say in a few words what changes."
    try:
        find_version(fields.get("previous"))
    except Refusal as refusal:
        errors["previous"] = refusal.expected.capitalize()
    return errors


def form_routes(fields: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the chosen routes as pairs of app and route."""
    pairs = (value.partition("/") for value in fields.get("routes", "").split(",") if value)
    return [(app, route) for app, _, route in pairs]
