"""Open a release: the checklist, its owner, what is expected, how to undo."""

from __future__ import annotations

from collections.abc import Mapping

from bot.commands import (
    Ask,
    Command,
    Form,
    FormErrors,
    Reply,
    Said,
    Tools,
)
from bot.release.catalog import App, Catalog
from bot.release.finding import (
    default_environment,
    find_app,
    find_environment,
    find_routes,
    find_user,
    find_version,
)
from bot.release.people import Person
from bot.release.records import NewRelease, NewStep, Release
from bot.release.rehearsing import is_gated, rehearsal_of, waits_for_rehearsal
from bot.release.start_again import given_again, last_release, texts_again
from bot.release.start_form import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    StepTexts,
    form_errors,
    form_routes,
    start_form,
)
from bot.steps import Step

LOOKED_AT = 20


class Start:
    """`start` opens the form; `start shop products "New price table"` goes straight on."""

    verb = "start"
    usage = (
        'start [app route… "title"] [--environment E] [--previous VERSION] [--owner @person] '
        '[--hotfix "why"]'
    )
    summary = "Open a release with its checklist; without words a form asks for everything."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone in the workspace may open a release; approvals guard what destroys."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Show the form, or open the release."""
        if "form" in ask.fields or (len(ask.words) < 2 and "app" not in ask.fields):
            return _form(ask, tools)
        if "app" in ask.fields:
            errors = form_errors(ask.fields, tools.catalog)
            if errors:
                return FormErrors(errors=errors)
        return _open(_wanted(ask, tools), ask, tools)


def _form(ask: Ask, tools: Tools) -> Form:
    """Return the form, filled from the last release of the routes that were named, else of the asker's own."""
    app = ask.words[0] if ask.words else ask.fields.get("app")
    named = tuple(filter(None, ask.fields.get("routes", "").split(",")))
    if app is not None:
        find_app(tools.catalog, app)
    last = last_release(
        tools.ledger.releases(app=app, route=named[0] if named else None, limit=LOOKED_AT),
        tools.catalog,
        who=None if named else ask.who.id,
    )
    story = None if last is None else tools.ledger.story(last.id)
    texts = tuple(_form_texts(step, tools, app) for step in _checklist(tools.steps))
    given = {} if last is None else given_again(last)
    if app is not None and named:
        given |= {"app": app, "routes": ",".join(f"{app}/{route}" for route in named)}
        given["environment"] = ask.fields.get("environment", given.get("environment", ""))
    return start_form(
        tools.catalog,
        owner=ask.who.id,
        steps=texts if story is None else texts_again(texts, story),
        given=given,
        app=app,
    )


def _form_texts(step: Step, tools: Tools, app: str | None) -> StepTexts:
    part = next(iter(tools.catalog.apps.values())) if app is None else tools.catalog.apps[app]
    texts = step.texts(tuple(part.routes.items()))
    return StepTexts(
        kind=step.kind,
        heading=f"{step.order}. {step.title}",
        expected=texts.expected,
        rollback_note=texts.rollback_note,
    )


def _checklist(steps: Mapping[str, Step]) -> tuple[Step, ...]:
    return tuple(sorted(steps.values(), key=lambda step: step.order))


def _wanted(ask: Ask, tools: Tools) -> dict[str, str]:
    """Return the release's facts as text, from the form or from the words."""
    if "app" in ask.fields:
        chosen = ",".join(route for _, route in form_routes(ask.fields))
        return {**ask.fields, "routes": chosen}
    app_name, *rest = ask.words
    app = find_app(tools.catalog, app_name)
    routes = [word for word in rest if word in app.routes]
    titles = [word for word in rest if word not in app.routes]
    if len(titles) > 1:
        find_routes(app, [titles[0]])
    return {
        **ask.fields,
        "app": app_name,
        "environment": ask.fields.get("environment", default_environment(app)),
        "routes": ",".join(routes),
        "title": titles[0] if titles else "",
    }


def _open(wanted: Mapping[str, str], ask: Ask, tools: Tools) -> Said:
    name = wanted["app"]
    app = find_app(tools.catalog, name)
    environment = wanted["environment"]
    find_environment(app, environment)
    routes = find_routes(app, [route for route in wanted["routes"].split(",") if route])
    title = wanted.get("title", "").strip()[:LONGEST_TITLE] or ", ".join(
        route for route, _ in routes
    )
    owner = find_user(wanted["owner"]) if wanted.get("owner") else ask.who.id
    steps = tuple(_new_step(step, wanted, owner, app) for step in _checklist(tools.steps))
    new = NewRelease(
        app=name,
        environment=environment,
        routes=tuple(route for route, _ in routes),
        title=title,
        starter=ask.who.id,
        owner=owner,
        channel=app.channel,
        previous=find_version(wanted.get("previous")),
        catalog_hash=tools.catalog.hash,
        steps=steps,
        gated=is_gated(app, environment, steps=len(steps), hours=tools.rehearsal_h),
    )
    opened = tools.open_release(new, ask)
    said = f"{opened.name} is open in <#{app.channel}>: {title}."
    return Said(text=f"{said}{_rehearse_first(opened, ask, tools)}", release=opened.id)


def _rehearse_first(opened: Release, ask: Ask, tools: Tools) -> str:
    """Return what stands before the first step, where something does."""
    story = tools.ledger.story(opened.id)
    waits = story and waits_for_rehearsal(story, tools.catalog, ask.at, tools.rehearsal_h)
    if not waits:
        return ""
    on = rehearsal_of(tools.catalog.apps[opened.app], opened.environment)
    return f" Rehearse it first: its first step opens after a rehearsal on {on}, and {waits}."


def _new_step(step: Step, wanted: Mapping[str, str], owner: str, app: App) -> NewStep:
    routes = tuple((name, app.routes[name]) for name in wanted["routes"].split(",") if name)
    texts = step.texts(routes)
    return NewStep(
        kind=step.kind,
        title=step.title,
        owner=wanted.get(f"owner_{step.kind}") or owner,
        expected=wanted.get(f"expected_{step.kind}", "").strip()[:LONGEST_TEXT] or texts.expected,
        rollback_note=wanted.get(f"note_{step.kind}", "").strip()[:LONGEST_TEXT]
        or texts.rollback_note,
    )


COMMAND: Command = Start()
