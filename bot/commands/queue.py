"""Wait for routes that a live release holds: the first who came is told first."""

from __future__ import annotations

from dataclasses import replace

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.offers import Offer
from bot.release.people import Person
from bot.release.queueing import Wants, ahead_of
from bot.release.records import Change
from bot.release.waiting_words import (
    holder_of,
    must_be_told,
    queue_lines,
    wait_for,
    wanted_words,
)


class Queue:
    """`queue shop products` takes a place; `queue` alone says who waits."""

    verb = "queue"
    usage = "queue [app route…] [--environment E]"
    summary = "Queue for routes that are being released; without words, say who waits."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may start a release, so anyone may wait for one."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Take a place in the queue, or list it."""
        waits = tools.ledger.waits()
        story = tools.find_story(ask) if ask.release is not None else None
        if story is None and not ask.words and "app" not in ask.fields:
            lines = queue_lines(waits)
            return Said(text="Nobody waits." if not lines else "Who waits, in order.", lines=lines)
        must_be_told(ask.who.id)
        wait = wait_for(ask, tools.catalog, story, Wants.QUEUE)
        holder = holder_of(wait, tools.ledger.releases(live=True, limit=100), tools.catalog)
        wait = replace(wait, behind=None if holder is None else holder.id)
        body = {"app": wait.app, "environment": wait.environment, "routes": list(wait.routes)}
        tools.keep(
            Change(
                act="queue",
                by=ask.who.id,
                at=ask.at,
                release_id=wait.behind,
                body=body,
                waits=(wait,),
                cards=() if holder is None else (f"root:{holder.id}",),
            ),
            otherwise="Not queued anew",
        )
        mine = next(
            row
            for row in tools.ledger.waits()
            if (row.who, row.wants, row.routes) == (wait.who, wait.wants, wait.routes)
            and (row.app, row.environment) == (wait.app, wait.environment)
        )
        before = ahead_of(mine, tools.ledger.waits())
        after = f" after <@{before[-1].who}>" if before else ""
        behind = "" if holder is None else f", behind {holder.name} of <@{holder.owner}>"
        leave = {"app": wait.app, "environment": wait.environment, "routes": ",".join(wait.routes)}
        return Said(
            text=f"You are number {len(before) + 1} in the queue for {wanted_words(wait)}"
            f"{after}{behind}. You are told when it is your turn; nothing starts by itself.",
            offers=(Offer(label="Leave the queue", verb="leave", fields=leave),),
        )


COMMAND: Command = Queue()
