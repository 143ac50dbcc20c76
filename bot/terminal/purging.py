"""A whole purge at the terminal: plan, look, approve, purge; given again, it goes on where it was left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.commands import Ask, Ledger, Reply, Said
from bot.release.ask import find_place
from bot.release.catalog import Catalog
from bot.release.finding import find_routes
from bot.release.records import Outcome, Story
from bot.release.refusal import Code, Refusal
from bot.release.states import ReleaseState, StepState
from bot.terminal.ending import Ending, of_action, of_step
from bot.terminal.following import Follower
from bot.terminal.printing import Printer


class Purging:
    """One purge of some routes; nobody who gives the same command twice opens two releases."""

    def __init__(
        self,
        ask: Callable[[Ask], Reply],
        ledger: Ledger,
        catalog: Catalog,
        follower: Follower,
        printer: Printer,
    ) -> None:
        """Take the command runner, and what follows and prints."""
        self._ask = ask
        self._ledger = ledger
        self._catalog = catalog
        self._follower = follower
        self._printer = printer

    def purge(self, ask: Ask, *, yes: bool) -> Ending:
        """Show the plan; with `yes` approve it here, which the audit says, and purge."""
        release = self._left_open(ask)
        if release is None:
            opened = self._ask(ask)
            assert isinstance(opened, Said)
            assert opened.release is not None
            release = opened.release
        else:
            self._printer.note(f"R-{release} was opened for this before: going on with it.")
        if self._state(release) is StepState.ACTING:
            return self._follow(release, self._newest(release))
        if self._state(release) is StepState.RUNNING:
            planned = self._follow(release, self._newest(release))
        else:
            planned = self._do(replace(ask, verb="run"), release)
        if self._state(release) is not StepState.JUDGED:
            return planned
        if not yes:
            return replace(planned, lines=(*planned.lines, *_how_to_go_on(release)))
        self._printer.say(planned.lines)
        _refuse_unsure(planned, release)
        seen = planned.numbers["step_version"]
        return self._do(replace(ask, verb="approve", seen_version=seen), release)

    def _left_open(self, ask: Ask) -> int | None:
        """Return a purge of exactly these routes that a terminal opened and nobody ended."""
        place = find_place(ask, self._catalog)
        routes = {name for name, _ in find_routes(place.app, ask.words[1:])}
        for row in self._ledger.releases(app=place.name, live=True, limit=20):
            same = row.environment == place.environment and set(row.routes) == routes
            if same and row.state is ReleaseState.OPEN and row.starter.startswith("terminal:"):
                kinds = [step.kind for step in self._story(row.id).steps]
                if kinds == ["purge"]:
                    return row.id
        return None

    def _do(self, ask: Ask, release: int) -> Ending:
        said = self._ask(replace(ask, words=(), fields={}, release=release))
        assert isinstance(said, Said)
        assert said.action is not None
        return self._follow(release, said.action)

    def _follow(self, release: int, key: str) -> Ending:
        ended = self._follower.to_the_end(key)
        story = self._story(release)
        if self._state(release) is StepState.JUDGED:
            return of_step(story, story.steps[0])
        return of_action(ended, story)

    def _newest(self, release: int) -> str:
        return max(self._story(release).actions, key=lambda row: row.asked_at).key

    def _state(self, release: int) -> StepState:
        return self._story(release).steps[0].state

    def _story(self, release: int) -> Story:
        story = self._ledger.story(release)
        assert story is not None
        return story


def _how_to_go_on(release: int) -> tuple[str, ...]:
    return (
        f"Nothing was purged. Approve this plan: cache-release approve R-{release}, or in Slack.",
        f"Or give the command again with --yes. To drop it: cache-release abandon R-{release}",
    )


def _refuse_unsure(planned: Ending, release: int) -> None:
    """Refuse to let `--yes` speak for a plan that asks a person; one that takes nothing asks nobody."""
    keys = sum(row["keys"] for row in planned.numbers["plan"]["patterns"])
    if planned.outcome is not Outcome.UNSURE or keys == 0:
        return
    raise Refusal(
        code=Code.NOT_NOW,
        failed=f"Not purged: {planned.evidence}",
        expected=f"a plan that is sure, or a person's yes to this one: `cache-release approve R-{release}`.",
        retry_is_safe=True,
    )
