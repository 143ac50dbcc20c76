"""Repeat a release: the form of the next one with the scope, owners and texts of this one."""

from __future__ import annotations

from dataclasses import replace

from bot.commands import Ask, Command, Reply, Tools
from bot.release.catalog import Catalog
from bot.release.people import Person
from bot.release.records import Story
from bot.release.refusal import Code, Refusal
from bot.release.start_again import given_again, is_known, owners_again
from bot.release.start_form import StepTexts, start_form


class Repeat:
    """`repeat R-41`: only the version to go back to is asked anew."""

    verb = "repeat"
    usage = "repeat R-42"
    summary = "Start a release like an earlier one: its scope, owners and texts."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may start a release."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Show the form of the next release; a terminal, which has no forms, starts it."""
        story = tools.find_story(ask)
        row = story.release
        if not is_known(row, tools.catalog):
            raise Refusal(
                code=Code.UNKNOWN_NAME,
                failed=f"{row.name} cannot be repeated: the catalog no longer has all of its routes.",
                expected="a release of routes that the catalog has.",
                retry_is_safe=True,
            )
        given = {**given_again(row), "title": row.title, "owner": row.owner}
        if ask.who.terminal:
            return _at_once(ask, tools, story, given)
        return start_form(
            tools.catalog,
            owner=row.owner,
            steps=_texts(story, tools),
            given=given,
            app=row.app,
            carry=owners_again(story),
        )


def _texts(story: Story, tools: Tools) -> tuple[StepTexts, ...]:
    """Return the texts of every step of the checklist, as the release had them."""
    routes = tuple(tools.catalog.apps[story.release.app].routes.items())
    had = {step.kind: step for step in story.steps}
    rows = []
    for step in sorted(tools.steps.values(), key=lambda kind: kind.order):
        usual = had.get(step.kind) or step.texts(routes)
        rows.append(
            StepTexts(
                kind=step.kind,
                heading=f"{step.order}. {step.title}",
                expected=usual.expected,
                rollback_note=usual.rollback_note,
            )
        )
    return tuple(rows)


def _at_once(ask: Ask, tools: Tools, story: Story, given: dict[str, str]) -> Reply:
    texts = {}
    for step in story.steps:
        texts[f"expected_{step.kind}"] = step.expected
        texts[f"note_{step.kind}"] = step.rollback_note
    if given["owner"][:1] not in {"U", "W"}:
        del given["owner"]
    fields = {**ask.fields, **given, **texts, **owners_again(story)}
    return tools.commands["start"].run(
        replace(ask, verb="start", fields=fields, release=None), tools
    )


COMMAND: Command = Repeat()
