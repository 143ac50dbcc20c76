"""Say where a release stands, or what is live and locked."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.checklist import current_step, restorable_until, rollbacks
from bot.release.people import Person
from bot.release.records import Story


class Status:
    """`status` lists what is live; `status R-42`, or `status` in its thread, says where one stands."""

    verb = "status"
    usage = "status [R-42]"
    summary = "Say where a release stands, or what is live and locked."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may look."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Read the ledger and say it in lines."""
        if ask.release is not None:
            return _one(tools.find_story(ask))
        live = tools.ledger.releases(live=True, limit=20)
        lines = tuple(
            f"{row.name} · {row.app} {row.environment} · {', '.join(row.routes)} · "
            f"{row.title} · {row.state.replace('_', ' ')} · <@{row.owner}>"
            for row in live
        )
        locks = tuple(
            f"Locked: {lock.app} {lock.environment} by <@{lock.by}>: {lock.reason}"
            for lock in tools.ledger.locks()
        )
        text = f"{len(live)} live {'release' if len(live) == 1 else 'releases'}."
        return Said(text=text, lines=lines + locks)


def _one(story: Story) -> Said:
    release = story.release
    lines = [
        f"{step.number}. {step.title}: {step.state.replace('_', ' ')}"
        + ("" if step.verdict is None else f", {step.verdict.outcome}: {step.verdict.evidence}")
        for step in story.steps
    ]
    lines += [f"Rollback asked by <@{row.asked_by}>: {row.state}" for row in rollbacks(story)]
    until = restorable_until(story)
    if until is not None:
        lines.append(f"The purged keys can be restored until {until:%Y-%m-%d %H:%M} UTC.")
    step = current_step(story)
    waits = "" if step is None else f", step {step.number} is {step.state.replace('_', ' ')}"
    return Said(
        text=f"{release.name} ({release.title}) is {release.state.replace('_', ' ')}{waits}.",
        lines=tuple(lines),
        release=release.id,
    )


COMMAND: Command = Status()
