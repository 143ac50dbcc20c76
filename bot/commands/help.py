"""Say what the asker may do."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.people import Person

ELSEWHERE = " [--environment E]"
NOTE = "Without `--environment` production is meant."


class Help:
    """`help`: only the verbs that this person may use."""

    verb = "help"
    usage = "help"
    summary = "List what you may do."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may ask."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """List the verbs the person may use, in alphabetical order."""
        mine = [
            command
            for _, command in sorted(tools.commands.items())
            if command.in_help and command.may(ask.who, tools.catalog)
        ]
        lines = tuple(
            f"`{command.usage.replace(ELSEWHERE, '')}`  {command.summary}" for command in mine
        )
        text = "What you may do. In a thread, press the buttons or mention me: `@cache-release rollback`."
        return Said(text=text, lines=(*lines, NOTE))


COMMAND: Command = Help()
