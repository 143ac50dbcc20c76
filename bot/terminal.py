"""The terminal door: the same verbs as in Slack, for the night when Slack is down."""

from __future__ import annotations

import getpass
import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot.commands import Ask, Clock, FormErrors, Ledger, Reply, Said
from bot.release.people import Person
from bot.release.records import ENDED_ACTION, Action, ActionState, Story
from bot.release.refusal import Refusal
from bot.release.states import StepState
from bot.release.telling import told
from bot.release.words import parse_words

POLL_S = 0.1
LONGEST_WAIT_S = 4 * 3600
MENTION = re.compile(r"<[@#]([^>|]+)(?:\|[^>]*)?>")


class Terminal:
    """Asks, follows the work in the ledger with a progress bar, and prints the end."""

    def __init__(
        self, run: Callable[[Ask], Reply], ledger: Ledger, clock: Clock, *, as_json: bool
    ) -> None:
        """Take the command runner; `as_json` prints one JSON object instead of sentences."""
        self._run = run
        self._ledger = ledger
        self._clock = clock
        self._as_json = as_json
        self._out = Console(highlight=False, soft_wrap=True)
        self._bar = Console(file=sys.stderr, highlight=False)
        self._who = Person(id=f"terminal:{getpass.getuser()}", terminal=True)

    def do(self, verb: str, words: Sequence[str], *, yes: bool) -> int:
        """Carry out one verb to its end; return the exit code: 0 done, 1 refused or failed."""
        try:
            ask = self._ask(verb, words)
            reply = self._run(ask)
            if verb == "purge" and isinstance(reply, Said) and reply.release is not None:
                return self._purge(reply.release, yes=yes)
            return self._answer(reply)
        except Refusal as refusal:
            return self._refused(refusal)

    def _ask(self, verb: str, words: Sequence[str]) -> Ask:
        parsed = parse_words(words)
        return Ask(
            verb=verb,
            who=self._who,
            at=self._clock.now(),
            door="terminal",
            words=parsed.words,
            fields=parsed.fields,
            release=parsed.release,
            step=parsed.step,
        )

    def _follow_up(self, verb: str, release: int, *words: str) -> Reply:
        return self._run(
            Ask(
                verb=verb,
                who=self._who,
                at=self._clock.now(),
                door="terminal",
                words=words,
                release=release,
            )
        )

    def _purge(self, release: int, *, yes: bool) -> int:
        """Show the plan; with `--yes` approve it here, which the audit says."""
        planned = self._follow_up("run", release)
        assert isinstance(planned, Said)
        self._wait(planned.action)
        story = self._story(release)
        step = story.steps[0]
        if step.state is not StepState.JUDGED or not yes:
            self._show_step(story)
            if not yes:
                self._say(
                    f"Nothing was purged. Add --yes to purge, or approve R-{release} in Slack."
                )
            return 0 if step.state is StepState.JUDGED else 1
        approved = self._follow_up("approve", release)
        assert isinstance(approved, Said)
        ended = self._wait(approved.action)
        self._show_step(self._story(release), result=ended)
        return 0 if ended is not None and ended.state is ActionState.DONE else 1

    def _answer(self, reply: Reply) -> int:
        if isinstance(reply, FormErrors):
            self._say("; ".join(reply.errors.values()))
            return 1
        if not isinstance(reply, Said):
            self._say(f"{reply.title}: say it in words here; see `cache-release help`.")
            return 1
        if not self._as_json or reply.action is None:
            self._say(reply.text, *reply.lines)
        ended = self._wait(reply.action)
        if ended is None:
            return 0
        self._show_action(ended)
        return 0 if ended.state is ActionState.DONE else 1

    def _wait(self, key: str | None) -> Action | None:
        """Follow an action in the ledger until it has ended; whoever runs it."""
        if key is None:
            return None
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        deadline = time.monotonic() + LONGEST_WAIT_S
        with Progress(*columns, console=self._bar, transient=True, disable=self._as_json) as bar:
            task = bar.add_task("waiting", total=None)
            while time.monotonic() < deadline:
                action = self._ledger.action(key)
                if action is not None and action.state in ENDED_ACTION:
                    return action
                if action is not None and action.progress:
                    bar.update(
                        task,
                        description=action.progress["line"],
                        completed=action.progress["done"],
                        total=action.progress["total"] or None,
                    )
                time.sleep(POLL_S)
        return None

    def _story(self, release: int) -> Story:
        story = self._ledger.story(release)
        assert story is not None
        return story

    def _show_step(self, story: Story, *, result: Action | None = None) -> None:
        step = story.steps[0]
        if self._as_json:
            self._print_json(
                {
                    "release": story.release.name,
                    "state": step.state,
                    "verdict": None if step.verdict is None else asdict(step.verdict),
                    "plan_hash": step.plan_hash,
                    "result": None if result is None else dict(result.result),
                }
            )
            return
        self._say(f"{story.release.name}: {step.title}, {step.state}.")
        if step.verdict is not None:
            self._say(step.verdict.actual, step.verdict.evidence)

    def _show_action(self, action: Action) -> None:
        if self._as_json:
            self._print_json({"key": action.key, "state": action.state, **dict(action.result)})
            return
        self._say(*told(action))

    def _say(self, *lines: str) -> None:
        if self._as_json:
            self._print_json({"text": lines[0], "lines": list(lines[1:])})
            return
        for line in lines:
            self._out.print(MENTION.sub(r"@\1", line), markup=False)

    def _refused(self, refusal: Refusal) -> int:
        if self._as_json:
            self._print_json(
                {
                    "code": refusal.code,
                    "failed": refusal.failed,
                    "expected": refusal.expected,
                    "retry_is_safe": refusal.retry_is_safe,
                }
            )
        else:
            self._out.print(f"Not done. {refusal}", markup=False)
        return 1

    def _print_json(self, value: object) -> None:
        self._out.print(json.dumps(value, default=str), markup=False)
