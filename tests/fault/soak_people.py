"""What each person of the soak wants, and what they type next to get there."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bot.release.checklist import current_step
from bot.release.records import StepLine, Story
from bot.release.states import ReleaseState, StepState
from tests.fault.soaking import KEYS, Farm

FATES = (ReleaseState.DONE, ReleaseState.ROLLED_BACK, ReleaseState.ABANDONED)
AGAIN_S = 4.0
LOOK_S = 0.1
ENDED = {*FATES, ReleaseState.ROLLBACK_FAILED}


@dataclass(kw_only=True)
class Ending:
    """How one release ended, and how it was meant to end."""

    release: int
    wanted: ReleaseState
    state: ReleaseState
    keys: int
    expected_keys: int


@dataclass(kw_only=True)
class Wish:
    """One release that a person wants; what was typed last is typed again when nothing came of it."""

    title: str
    fate: ReleaseState
    typed: dict[str, float] = field(default_factory=dict)


class SoakPerson:
    """One person with an app: releases one after another, each to the end it was meant for."""

    def __init__(
        self, farm: Farm, number: int, chance: random.Random, deadline: float, stop: threading.Event
    ) -> None:
        """Take which person it is and until when, on the monotonic clock, they go on."""
        self._farm = farm
        self._number = number
        self._chance = chance
        self._deadline = deadline
        self._stop = stop
        self._me = f"U1{number:03}"
        self._approver = f"U1{(number + 1) % farm.people:03}"
        self._app = f"team{number:02}"

    def release(self, count: int) -> list[Ending]:
        """Release so many times; raise AssertionError where one does not end in time."""
        endings = []
        for number in range(count):
            fate = self._chance.choice(FATES)
            endings.append(self._one(Wish(title=f"{self._app} {number}", fate=fate)))
        return endings

    def _one(self, wish: Wish) -> Ending:
        self._farm.seed(self._number)
        while not self._stop.is_set():
            story = self._story(wish)
            assert time.monotonic() < self._deadline, _where(wish, story)
            if story is None:
                self._type(wish, self._me, f'start {self._app} pages "{wish.title}"')
            elif story.release.state in ENDED:
                return self._ended(wish, story)
            else:
                self._go_on(wish, story)
            time.sleep(LOOK_S)
        raise AssertionError("somebody else's release failed")

    def _story(self, wish: Wish) -> Story | None:
        for row in self._farm.ledger.releases(app=self._app, limit=3):
            if row.title == wish.title:
                return self._farm.ledger.story(row.id)
        return None

    def _go_on(self, wish: Wish, story: Story) -> None:
        if story.release.state is ReleaseState.WATCHING:
            self._type(wish, self._me, f"unwatch {story.release.name}")
            return
        step = current_step(story)
        if step is None or story.release.state is not ReleaseState.OPEN:
            return
        name = story.release.name
        if step.kind == "latency" and wish.fate is not ReleaseState.DONE:
            verb = "rollback" if wish.fate is ReleaseState.ROLLED_BACK else "abandon"
            # Two people at once, as at night: it happens once.
            for who in (self._me, self._approver) if verb == "rollback" else (self._me,):
                self._type(wish, who, f"{verb} {name}")
            return
        for who, words in self._next(name, step):
            self._type(wish, who, words)

    def _next(self, name: str, step: StepLine) -> list[tuple[str, str]]:
        if step.kind not in {"purge", "rollback_ready"}:
            return [(self._me, f"skip {name} {step.number} nothing to look at")]
        if step.state in {StepState.WAITING, StepState.READY}:
            return [(self._me, f"run {name} {step.number}")]
        if step.state is StepState.JUDGED:
            return [(self._approver, f"approve {name} {step.number}")] * self._chance.choice((1, 2))
        return []

    def _type(self, wish: Wish, who: str, words: str) -> None:
        now = time.monotonic()
        key = f"{who} {words}"
        if now - wish.typed.get(key, -AGAIN_S) < AGAIN_S:
            return
        wish.typed[key] = now
        channel = f"C1{self._number:03}"
        self._farm.slack.act(who, do="command", channel=channel, text=f"/cache-release {words}")

    def _ended(self, wish: Wish, story: Story) -> Ending:
        if self._farm.ledger.lock(self._app, "production") is not None:
            self._unlock(wish)
        return Ending(
            release=story.release.id,
            wanted=wish.fate,
            state=story.release.state,
            keys=self._farm.keys(self._number),
            expected_keys=KEYS if wish.fate is ReleaseState.ROLLED_BACK else 0,
        )

    def _unlock(self, wish: Wish) -> None:
        while self._farm.ledger.lock(self._app, "production") is not None:
            assert time.monotonic() < self._deadline, f"{self._app} stays locked"
            self._type(wish, self._approver, f"unlock {self._app}")
            time.sleep(LOOK_S)


def _where(wish: Wish, story: Story | None) -> str:
    if story is None:
        return f"{wish.title} was never opened; typed: {sorted(wish.typed)}"
    steps = ", ".join(f"{step.number} {step.state}" for step in story.steps)
    return (
        f"{wish.title} is {story.release.name}, {story.release.state}, to be {wish.fate}: {steps}; "
        f"typed: {sorted(wish.typed)}"
    )


def release_all(farm: Farm, releases: int, seed: int, seconds: float) -> list[Ending]:
    """Let everybody release at once, `releases` in all; return how each ended."""
    deadline = time.monotonic() + seconds
    stop = threading.Event()
    people = [
        SoakPerson(farm, number, random.Random(f"{seed} {number}"), deadline, stop)
        for number in range(farm.people)
    ]
    with ThreadPoolExecutor(farm.people) as crowd:
        shares = [
            releases // farm.people + (n < releases % farm.people) for n in range(farm.people)
        ]
        working = [
            crowd.submit(person.release, n) for person, n in zip(people, shares, strict=True)
        ]
        try:
            return [ending for done in working for ending in done.result()]
        finally:
            stop.set()
