"""Carries one verb out at the terminal: asks as Slack would, follows the work, says how it ended."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.commands import Ask, Clock, Form, FormErrors, Reply, Said
from bot.release.catalog import Catalog
from bot.release.checklist import running_work
from bot.release.people import Person
from bot.release.records import ENDED_ACTION, Action, ActionKind
from bot.release.refusal import Code, Refusal
from bot.release.words import parse_words
from bot.terminal.ending import Ending, How, of_action, of_refusal
from bot.terminal.following import Follower
from bot.terminal.printing import Printer
from bot.terminal.purging import Purging
from bot.terminal.standing import WorkSeen, left_behind, standing, what

SAME_WORK = {
    "run": ActionKind.RUN_STEP,
    "approve": ActionKind.PURGE,
    "rollback": ActionKind.ROLLBACK,
}


@dataclass(frozen=True, kw_only=True)
class Behind:
    """What stands behind this door; `work` makes this process work too, and may be called again."""

    run: Callable[[Ask], Reply]
    ledger: WorkSeen
    catalog: Catalog
    clock: Clock
    work: Callable[[], None]


class Terminal:
    """One verb, from its words to its exit code."""

    def __init__(self, behind: Behind, printer: Printer) -> None:
        """Take what stands behind the door, and the printer."""
        self._behind = behind
        self._printer = printer
        self._follower = Follower(behind.ledger, printer, behind.work)
        self._who = Person(id=f"terminal:{getpass.getuser()}", terminal=True)
        self.left = False

    def do(self, verb: str, words: Sequence[str], *, yes: bool) -> int:
        """Carry out one verb to its end; return 0 for done, 1 for refused or failed, 2 for not understood."""
        try:
            ending = self._carry_out(verb, words, yes=yes)
        except Refusal as refusal:
            ending = of_refusal(refusal)
        except KeyboardInterrupt:
            self.left = True
            ending = self._left()
        self._printer.end(verb, ending)
        return ending.exit_code

    def _carry_out(self, verb: str, words: Sequence[str], *, yes: bool) -> Ending:
        parsed = parse_words(words)
        ask = Ask(
            verb=verb,
            who=self._who,
            at=self._behind.clock.now(),
            door="terminal",
            words=parsed.words,
            fields=parsed.fields,
            release=parsed.release,
            step=parsed.step,
        )
        if verb == "purge" and "dry-run" not in parsed.fields:
            behind = self._behind
            purging = Purging(
                self._asked, behind.ledger, behind.catalog, self._follower, self._printer
            )
            return purging.purge(ask, yes=yes)
        begun = self._begun(ask)
        if begun is not None:
            self._printer.note(f"The {what(begun)} was begun at {begun.asked_at:%H:%M} UTC.")
            return self._ended(self._follower.to_the_end(begun.key))
        reply = self._asked(ask)
        if isinstance(reply, Said) and reply.action is not None:
            self._printer.say((reply.text, *reply.lines))
            return self._ended(self._follower.to_the_end(reply.action))
        return self._answered(ask, reply)

    def _begun(self, ask: Ask) -> Action | None:
        """Return the same work, asked for before and not ended: who asks again follows it."""
        kind = SAME_WORK.get(ask.verb)
        story = None if ask.release is None else self._behind.ledger.story(ask.release)
        if kind is None or story is None:
            return None
        steps = {None, ask.step} if ask.step is not None else {row.step for row in story.actions}
        return next(
            (row for row in running_work(story) if row.kind is kind and row.step in steps), None
        )

    def _asked(self, ask: Ask) -> Reply:
        return self._behind.run(replace(ask, at=self._behind.clock.now()))

    def _ended(self, action: Action) -> Ending:
        number = action.release_id
        return of_action(action, None if number is None else self._behind.ledger.story(number))

    def _left(self) -> Ending:
        """Return how it stands now; what ended at the moment of the Ctrl-C has ended."""
        last = self._follower.last
        now = None if last is None else self._behind.ledger.action(last.key)
        return self._ended(now) if now and now.state in ENDED_ACTION else left_behind(now)

    def _answered(self, ask: Ask, reply: Reply) -> Ending:
        match reply:
            case Said():
                numbers, more = standing(ask, reply, self._behind.ledger, self._behind.catalog)
                return Ending(
                    how=How.DONE,
                    release=None if reply.release is None else f"R-{reply.release}",
                    numbers=numbers,
                    lines=(reply.text, *reply.lines, *more),
                )
            case Form():
                return of_refusal(_wordless(ask.verb, self._behind.catalog))
            case FormErrors():
                return of_refusal(_wrong(reply))


def _wordless(verb: str, catalog: Catalog) -> Refusal:
    name = next(iter(catalog.apps))
    route = next(iter(catalog.apps[name].routes))
    return Refusal(
        code=Code.BAD_REQUEST,
        failed=f"Not done: `{verb}` without words opens a form, and a terminal has none.",
        expected=f"everything in words, as in `cache-release start {name} {route}`; "
        f"`cache-release {verb} --help` shows how.",
        retry_is_safe=True,
    )


def _wrong(errors: FormErrors) -> Refusal:
    return Refusal(
        code=Code.BAD_REQUEST,
        failed=f"Not done: {'; '.join(errors.errors.values())}",
        expected="words that fit.",
        retry_is_safe=True,
    )
