"""Rehearse a release on the environment that stands in for its own, without people."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.ask import find_place
from bot.release.catalog import App, Catalog
from bot.release.finding import find_app, find_routes, find_version
from bot.release.people import MAY_ROLL_BACK, Person, require, roles
from bot.release.records import Action, Change, Json
from bot.release.refusal import Code, Refusal
from bot.release.rehearsing import cards_beside, rehearsal_of, rehearsal_request, running


class Rehearse:
    """`rehearse shop products`: the whole checklist, the rollback and a comparison on staging."""

    verb = "rehearse"
    usage = "rehearse <app> <route…> or R-42 [--environment E] [--previous VERSION]"
    summary = "Run the whole checklist and the rollback on staging, and compare it with production."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """On-call, approvers, owners and admins of any app; the starter of a release for that one."""
        return any(MAY_ROLL_BACK & roles(who, app, catalog) for app in catalog.apps.values())

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Record the wish, then hand it to the workers; one of a scope runs at a time."""
        scope = _of_release(ask, tools) if ask.release and not ask.words else _of_words(ask, tools)
        where = f"{', '.join(scope['routes'])} of {scope['app']} {scope['environment']}"
        before = tools.ledger.rehearsals(scope["app"], scope["environment"], scope["routes"])
        now = running(before)
        if now is not None:
            return Said(text=_already(now, where), on_card=scope["release"] is not None)
        _refuse_locked(scope, tools)
        request = rehearsal_request(
            scope, before=before, by=ask.who.id, at=ask.at, channel=ask.channel
        )
        change = Change(
            act=self.verb,
            by=ask.who.id,
            at=ask.at,
            release_id=scope["release"],
            body=request.args,
            requests=(request,),
            cards=cards_beside(request),
        )
        tools.keep(change, otherwise="Not rehearsed")
        return Said(
            text=f"Rehearsing {where} on {scope['on']}.",
            action=request.key,
            on_card=scope["release"] is not None,
        )


def _of_release(ask: Ask, tools: Tools) -> Json:
    story = tools.find_story(ask)
    release, app = story.release, find_app(tools.catalog, story.release.app)
    if ask.who.id != release.starter:
        held = roles(ask.who, app, tools.catalog, owner=release.owner)
        require(ask.who, MAY_ROLL_BACK, held, what=f"Rehearse {release.name}")
    previous = find_version(ask.fields.get("previous")) or release.previous
    return {
        "app": release.app,
        "environment": release.environment,
        "on": _place(app, release.app, release.environment),
        "routes": list(release.routes),
        "catalog_hash": tools.catalog.hash,
        "previous": previous,
        "release": release.id,
        "hours": tools.rehearsal_h,
    }


def _of_words(ask: Ask, tools: Tools) -> Json:
    place = find_place(ask, tools.catalog)
    routes = [name for name, _ in find_routes(place.app, ask.words[1:])]
    held = roles(ask.who, place.app, tools.catalog)
    require(ask.who, MAY_ROLL_BACK, held, what=f"Rehearse {place.name}")
    return {
        "app": place.name,
        "environment": place.environment,
        "on": _place(place.app, place.name, place.environment),
        "routes": routes,
        "catalog_hash": tools.catalog.hash,
        "previous": find_version(ask.fields.get("previous")),
        "release": None,
        "hours": tools.rehearsal_h,
    }


def _place(app: App, name: str, environment: str) -> str:
    on = rehearsal_of(app, environment)
    if on is not None:
        return on
    raise Refusal(
        code=Code.UNKNOWN_NAME,
        failed=f"Not rehearsed: {name} {environment} has no environment to rehearse on.",
        expected="an environment called staging beside production, or `rehearsal` in the catalog.",
        retry_is_safe=True,
    )


def _refuse_locked(scope: Json, tools: Tools) -> None:
    lock = tools.ledger.lock(scope["app"], scope["on"])
    if lock is None:
        return
    raise Refusal(
        code=Code.LOCKED,
        failed=f"Not rehearsed: {scope['app']} {scope['on']} is locked by <@{lock.by}>: {lock.reason}",
        expected=f"an unlocked app; `/cache-release unlock {scope['app']} --environment {scope['on']}`.",
        retry_is_safe=True,
    )


def _already(now: Action, where: str) -> str:
    return (
        f"{where} is being rehearsed already: asked by <@{now.asked_by}> at "
        f"{now.asked_at:%H:%M:%S} UTC. Nothing was done twice."
    )


COMMAND: Command = Rehearse()
