"""The terminal door: starts the bot's processes and carries out the same verbs as Slack."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.app import commands
from bot.operating import doctor, migrate_all, run_terminal
from bot.processes import Role, serve
from bot.release.problems import Problems

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Redis cache releases in Slack that a team can inspect, approve, repeat and undo.",
)
ANY_WORDS = {"allow_extra_args": True, "ignore_unknown_options": True}
MANIFEST = Path(__file__).parent.parent / "docs" / "slack-manifest.json"


@app.command("demo")
def _demo(
    port: Annotated[int, typer.Option(help="The page's port.")] = 8765,
    folder: Annotated[Path, typer.Option(help="Emptied at each start.")] = Path("var/demo"),
) -> None:
    """Run a small Slack, a demo shop and the bot on this machine."""
    # The sandbox is an extra: as a program of its own it is imported only here.
    words = ["-m", "bot.sandbox", str(folder.resolve()), str(MANIFEST), str(port)]
    os.execv(sys.executable, [sys.executable, *words])  # noqa: S606


def _role(role: Role, summary: str) -> None:
    @app.command(str(role), help=summary)
    def start() -> None:
        serve(os.environ, role)


_role(Role.ALL, "Run everything in one process: Slack, work and clock.")
_role(Role.WEB, "Serve Slack over HTTP.")
_role(Role.WORKER, "Do the work that was asked for.")
_role(Role.CLOCK, "Ask for what is due.")


@app.command("migrate")
def _migrate() -> None:
    """Bring the ledger's and the engine's tables up to date."""
    migrate_all(os.environ)


@app.command("doctor")
def _doctor() -> None:
    """Say what this installation can reach, and what is wrong with it."""
    raise typer.Exit(doctor(os.environ))


def _verb(name: str, summary: str) -> None:
    @app.command(name, help=summary, context_settings=ANY_WORDS)
    def do(
        context: typer.Context,
        yes: Annotated[bool, typer.Option("--yes", help="Approve at the terminal.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        raise typer.Exit(run_terminal(os.environ, name, context.args, yes=yes, as_json=as_json))


for _name, _command in sorted(commands().items()):
    _verb(_name, _command.summary)


def main() -> None:
    """Run the command line; what is wrong with the configuration is listed, not raised."""
    try:
        app()
    except Problems as wrong:
        console = Console(stderr=True, highlight=False)
        console.print("cache-release cannot start:", markup=False)
        for problem in wrong.problems:
            console.print(f"- {problem}", markup=False)
        sys.exit(2)


if __name__ == "__main__":
    main()
