"""Purge a route outside a checklist: a preview, or a release of one approved step."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.finding import (
    default_environment,
    find_app,
    find_environment,
    find_routes,
)
from bot.release.looking import look_request
from bot.release.people import Person
from bot.release.records import ActionKind, Lost, NewRelease, NewStep
from bot.release.refusal import Code, Refusal


class PurgeRoute:
    """`purge shop products`: planned, approved, captured in a snapshot and undoable like any other."""

    verb = "purge"
    usage = "purge <app> <route…> [--environment E] [--dry-run]"
    summary = "Purge routes without the rest of the checklist; --dry-run only counts."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may ask; an approver decides."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Count only, or open a release with the purge as its one step."""
        name = ask.words[0] if ask.words else ""
        app = find_app(tools.catalog, name)
        environment = ask.fields.get("environment", default_environment(app))
        find_environment(app, environment)
        routes = tuple(route for route, _ in find_routes(app, ask.words[1:]))
        if "dry-run" in ask.fields:
            change, text = look_request(
                ActionKind.PREVIEW,
                ask.words,
                ask.fields,
                tools.catalog,
                who=ask.who.id,
                at=ask.at,
                channel=ask.channel,
            )
            tools.keep(change, otherwise="Not counted")
            return Said(text=f"Counting {text}.", action=change.requests[0].key)
        return _open(ask, tools, name, environment, routes)


def _open(ask: Ask, tools: Tools, name: str, environment: str, routes: tuple[str, ...]) -> Said:
    app = find_app(tools.catalog, name)
    lock = tools.ledger.lock(name, environment)
    if lock is not None:
        raise Refusal(
            code=Code.LOCKED,
            failed=f"Not started: {name} {environment} is locked by <@{lock.by}>: {lock.reason}",
            expected=f"an unlocked app; `/cache-release unlock {name} --environment {environment}`.",
            retry_is_safe=True,
        )
    step = tools.steps["purge"]
    texts = step.texts(find_routes(app, routes))
    opened = tools.ledger.open_release(
        NewRelease(
            app=name,
            environment=environment,
            routes=routes,
            title=f"Purge {', '.join(routes)}",
            starter=ask.who.id,
            owner=ask.who.id,
            channel=app.channel,
            previous=None,
            catalog_hash=tools.catalog.hash,
            steps=(
                NewStep(
                    kind=step.kind,
                    title=step.title,
                    owner=ask.who.id,
                    expected=texts.expected,
                    rollback_note=texts.rollback_note,
                ),
            ),
        ),
        by=ask.who.id,
        at=ask.at,
    )
    if isinstance(opened, Lost):
        raise Refusal(
            code=Code.SCOPE_BUSY,
            failed=f"Not started: {opened.what}.",
            expected="routes that no live release holds.",
            retry_is_safe=True,
        )
    return Said(
        text=f"{opened.name} is open in <#{app.channel}>: run its step to see the plan.",
        release=opened.id,
    )


COMMAND: Command = PurgeRoute()
