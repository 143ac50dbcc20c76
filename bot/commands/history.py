"""Say what was released before."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.finding import find_app, find_routes
from bot.release.looks_before import trend
from bot.release.offers import Offer
from bot.release.past import Page, past_line
from bot.release.people import Person
from bot.release.refusal import Code, Refusal

AT_ONCE = 10
LOOKS = 8


class History:
    """`history shop products --text "price"`: who, when, verdicts, minutes; and how fast the route was."""

    verb = "history"
    usage = 'history [app] [route] [--text "words"]'
    summary = "List the last releases, newest first."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may look."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Read a page of the ledger and say it in lines, with buttons to the pages beside it."""
        asked = {
            "app": ask.words[0] if ask.words else ask.fields.get("app", ""),
            "route": ask.words[1] if len(ask.words) > 1 else ask.fields.get("route", ""),
            "text": ask.fields.get("text", "").strip(),
        }
        if asked["app"]:
            found = find_app(tools.catalog, asked["app"])
            if asked["route"]:
                find_routes(found, [asked["route"]])
        page = tools.ledger.past(
            app=asked["app"] or None,
            route=asked["route"] or None,
            text=asked["text"] or None,
            before=_number(ask, "before"),
            after=_number(ask, "after"),
            limit=AT_ONCE,
        )
        kept = {name: value for name, value in asked.items() if value}
        looks = () if kept.keys() != {"app", "route"} else _looks(tools, **kept)
        if {"before", "after"} & ask.fields.keys():
            looks = ()
        if not page.rows:
            return Said(text=_nothing(asked, ask), lines=looks)
        return Said(
            text=_first(page, ask),
            lines=(*map(past_line, page.rows), *looks),
            offers=_beside(page, kept),
        )


def _looks(tools: Tools, app: str, route: str) -> tuple[str, ...]:
    """Return what the last looks at the route's response time said, each environment under its own headline."""
    lines: list[str] = []
    for environment in tools.catalog.apps[app].environments:
        seen = tools.ledger.measurements(
            app=app, environment=environment, route=route, kind="latency", limit=LOOKS
        )
        told = trend(seen, route)
        lines += [f"Response time of {route}, {environment}:", *told] if told else []
    return tuple(lines)


def _number(ask: Ask, name: str) -> int | None:
    text = ask.fields.get(name, "").removeprefix("R-").removeprefix("r-")
    if not text:
        return None
    if text.isdecimal() and len(text) < 10:
        return int(text)
    raise Refusal(
        code=Code.BAD_REQUEST,
        failed=f"{text[:40]} is no release.",
        expected="a release such as R-42.",
        retry_is_safe=True,
    )


def _nothing(asked: dict[str, str], ask: Ask) -> str:
    if asked["text"] or "before" in ask.fields or "after" in ask.fields:
        return "No other release fits."
    return "Nothing was released yet."


def _first(page: Page, ask: Ask) -> str:
    if "before" in ask.fields or "after" in ask.fields:
        newest, oldest = page.rows[0].release.name, page.rows[-1].release.name
        return f"Releases from {newest} back to {oldest}."
    rows = len(page.rows)
    return "The last release." if rows == 1 else f"The last {rows} releases, newest first."


def _beside(page: Page, asked: dict[str, str]) -> tuple[Offer, ...]:
    newest, oldest = page.rows[0].release.id, page.rows[-1].release.id
    offers = []
    if page.newer:
        fields = {**asked, "after": str(newest)}
        offers.append(Offer(label="Newer", verb="history", fields=fields))
    if page.older:
        fields = {**asked, "before": str(oldest)}
        offers.append(Offer(label="Older", verb="history", fields=fields))
    place = {name: value for name, value in asked.items() if name != "text"}
    return (*offers, Offer(label="Statistics", verb="stats", fields=place))


COMMAND: Command = History()
