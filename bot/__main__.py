"""The terminal door: starts the bot's processes and carries out the same verbs as Slack."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.app import commands
from bot.auditing import prune_audit, verify
from bot.commands import Command
from bot.doctor import doctor
from bot.operating import migrate_all, run_terminal
from bot.processes import Role, serve
from bot.release.problems import Problems
from bot.release.refusal import Refusal
from bot.safety import report
from bot.tracing import trace

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Redis cache releases in Slack that a team can inspect, approve, repeat and undo.",
)
ANY_WORDS = {"allow_extra_args": True, "ignore_unknown_options": True}
MANIFEST = Path(__file__).parent.parent / "docs" / "slack-manifest.json"
EXIT_CODES = (
    "Exit codes: 0 done; 1 refused, failed, not sure or not ended; 2 not understood or configured."
)
UNUSABLE = 2

Yes = Annotated[bool, typer.Option("--yes", help="Approve the plan here, unless it is unsure.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


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
def _doctor(
    security: Annotated[bool, typer.Option("--security", help="Look at its safety.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --security: one JSON object.")
    ] = False,
) -> None:
    """Say what this installation can reach, or how safe it is, and what is wrong with it.

    Exit codes: 0 nothing is wrong; 1 something is; 2 the settings cannot be read (with --security).
    """
    raise typer.Exit(report(os.environ, as_json=as_json) if security else doctor(os.environ))


@app.command("verify", epilog=EXIT_CODES)
def _verify(
    anchors: Annotated[
        list[Path] | None, typer.Option(help="Anchors that were kept elsewhere; may be repeated.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say whether every entry of the audit stands as it was written, and which is the first that does not."""
    raise typer.Exit(verify(os.environ, anchors or [], as_json=as_json))


@app.command("prune-audit", epilog=EXIT_CODES)
def _prune_audit(
    before: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="A day, in UTC.")],
    export: Annotated[Path, typer.Option(help="The file that gets the entries; it must be new.")],
) -> None:
    """Take the audit's entries from before a day away, once they are in a file; a signed stone stands for them."""
    raise typer.Exit(prune_audit(os.environ, before=before.replace(tzinfo=UTC), export=export))


@app.command("trace", epilog=EXIT_CODES)
def _trace(
    release: Annotated[str, typer.Argument(help="Which release, such as R-42?")],
    as_json: Json = False,
) -> None:
    """Tell the whole story of one release in order: audit, work, engine, effects, timers, messages."""
    raise typer.Exit(trace(os.environ, release, as_json=as_json))


def _usage(command: Command) -> str:
    """Return the verb's own usage, the same as in Slack, and what only a terminal has."""
    words = command.usage.removeprefix(command.verb).strip()
    own = "[--yes] [--json]" if command.verb == "purge" else "[--json]"
    return f"{words} {own}".strip()


def _verb(command: Command) -> None:
    def do(context: typer.Context, as_json: Json = False) -> None:
        _carry_out(command, context, as_json=as_json)

    def purge(context: typer.Context, yes: Yes = False, as_json: Json = False) -> None:
        _carry_out(command, context, yes=yes, as_json=as_json)

    app.command(
        command.verb,
        help=command.summary,
        epilog=EXIT_CODES,
        options_metavar=_usage(command),
        context_settings=ANY_WORDS,
    )(purge if command.verb == "purge" else do)


def _carry_out(
    command: Command, context: typer.Context, *, yes: bool = False, as_json: bool
) -> None:
    words = tuple(context.args)
    raise typer.Exit(run_terminal(os.environ, command.verb, words, yes=yes, as_json=as_json))


for _, _command in sorted(commands().items()):
    _verb(_command)


def main() -> None:
    """Run the command line; what is wrong with the configuration is listed, not raised."""
    try:
        app()
    except Problems as wrong:
        _cannot_start([f"- {problem}" for problem in wrong.problems])
    except Refusal as refusal:
        _cannot_start([f"- {refusal}"])


def _cannot_start(lines: Iterable[str]) -> None:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for line in ("cache-release cannot start:", *lines):
        console.out(line, highlight=False)
    sys.exit(UNUSABLE)


if __name__ == "__main__":
    main()
