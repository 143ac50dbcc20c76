"""Kills a bot at a point of a purge, a restore or a rollback, starts the next one, and looks at what is left."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.release.records import ENDED_ACTION, ActionKind, ActionState
from bot.release.states import ReleaseState
from tests.fault.dying_bot import Death
from tests.fault.mortal_shop import PURGE_CARD, Life, MortalShop, Picture
from tests.keyspace_picture import in_scope
from tests.slack_person import buttons, wait_for
from tests.standing import posted

NewLedger = Callable[[], AbstractContextManager[str]]
KILLED = -9


class Operation(StrEnum):
    """What is killed."""

    PURGE = "purge"
    RESTORE = "restore"
    ROLLBACK = "rollback"


@dataclass(frozen=True, kw_only=True)
class Spot:
    """The `time`th pass of a point."""

    point: str
    time: int

    def __str__(self) -> str:
        return f"{self.point} #{self.time}"


def spots_of(passed: Counter[str]) -> list[Spot]:
    """Return where to die: at the first pass of each point, and in the middle of those that are passed often."""
    first = [Spot(point=point, time=1) for point in passed]
    middle = [
        Spot(point=name, time=number // 2 + 1) for name, number in passed.items() if number > 2
    ]
    return first + middle


class Deaths:
    """Deaths of one operation on one kind of database."""

    def __init__(self, shop: MortalShop, new_ledger: NewLedger, operation: Operation) -> None:
        self._shop = shop
        self._new_ledger = new_ledger
        self._operation = operation

    def points(self) -> Counter[str]:
        """Carry the operation out once, and return how often each point was passed from when it was asked for."""
        with self._new_ledger() as url, TemporaryDirectory() as folder:
            life = self._begun(url, Path(folder))
            try:
                passed = Path(folder) / "passed"
                life.begin(passed=passed)
                self._prepare(life)
                life.waits_until_all_is_told()
                before = passed.read_text(encoding="utf-8").splitlines()
                self._ask(life)
                self._ends(life)
                life.waits_until_all_is_told()
                lines = passed.read_text(encoding="utf-8").splitlines()
            finally:
                life.end()
        return Counter(lines[len(before) :])

    def die(self, spot: Spot) -> str:
        """Die at the spot, go on with a new bot; raise AssertionError where anything is not as it should be.

        Return how it ended, in a few words.
        """
        with self._new_ledger() as url, TemporaryDirectory() as folder:
            life = self._begun(url, Path(folder))
            try:
                return self._die(life, spot)
            finally:
                life.end()

    def _begun(self, url: str, folder: Path) -> Life:
        self._shop.renew()
        return Life(self._shop, url, folder)

    def _die(self, life: Life, spot: Spot) -> str:
        whole = life.picture()
        bot = life.begin(death=Death(point=spot.point, time=spot.time, armed=life.armed))
        self._prepare(life)
        life.waits_until_all_is_told()
        life.armed.touch()
        self._ask(life)
        wait_for("death", lambda: not bot.is_alive() or self._is_over(life), seconds=60)
        bot.join(1)
        if spot.time == 1:
            assert bot.exitcode == KILLED, f"{spot} was not reached"
        died = time.monotonic()
        if bot.exitcode == KILLED:
            life.begin()
        self._goes_on(life)
        took = time.monotonic() - died
        self._ends(life)
        life.waits_until_all_is_told()
        ended = ", ".join(row.state for row in life.asked(self._kind))
        self._is_whole(life, whole)
        return f"{ended} after {took:.1f} s"

    @property
    def _kind(self) -> ActionKind:
        return ActionKind.PURGE if self._operation is Operation.PURGE else ActionKind.ROLLBACK

    def _prepare(self, life: Life) -> None:
        life.plans()
        if self._operation is not Operation.PURGE:
            life.purges()

    def _ask(self, life: Life) -> None:
        match self._operation:
            case Operation.PURGE:
                life.ari.presses("Approve purge", on=PURGE_CARD)
            case Operation.RESTORE:
                life.ari.types("/cache-release rollback R-1 --no-deploy")
            case Operation.ROLLBACK:
                life.ari.presses("Roll back", on="R-1")

    def _is_over(self, life: Life) -> bool:
        asked = life.asked(self._kind)
        return (
            bool(asked) and all(row.state in ENDED_ACTION for row in asked) and not life.waiting()
        )

    def _goes_on(self, life: Life) -> None:
        """Do what a person does: ask again for what was not recorded, answer what the bot asks."""

        def over() -> bool:
            asked = life.asked(self._kind)
            if not asked:
                self._ask(life)
            elif asked[-1].state is ActionState.UNKNOWN:
                self._answer(life)
            return bool(asked) and asked[-1].state is ActionState.DONE

        wait_for(f"the end of the {self._operation}", over, seconds=60)

    def _answer(self, life: Life) -> None:
        """Look whether the deploy command ran, and say so."""
        label = "It ran" if self._shop.deploys() else "Run it again"
        offered = [e["text"]["text"] for m in life.ari.messages() for _, e in buttons(m)]
        if label in offered:
            life.ari.presses(label, on="R-1")

    def _ends(self, life: Life) -> None:
        said = "are in snapshot" if self._operation is Operation.PURGE else "R-1 rolled back"
        life.ari.sees(said, seconds=60)

    def _is_whole(self, life: Life, whole: Picture) -> None:
        """Look at all that must hold, whatever died."""
        if self._operation is Operation.PURGE:
            self._is_purged(life, whole)
            life.ari.presses("Roll back", on="R-1")
            life.ari.sees("R-1 rolled back", seconds=60)
            life.waits_until_all_is_told()
        after = life.picture()
        changed = {key for key, value in whole.items() if key in after and after[key] != value}
        assert (set(whole) - set(after), changed, set(after) - set(whole)) == (set(), set(), set())
        deploys = 0 if self._operation is Operation.RESTORE else 1
        assert len(self._shop.deploys()) == deploys, self._shop.deploys()
        assert life.ledger.verify_audit() is None
        release = life.ledger.release(1)
        assert release is not None
        assert release.state is ReleaseState.ROLLED_BACK
        story = life.ledger.story(1)
        assert story is not None
        assert [row for row in story.actions if row.state not in ENDED_ACTION] == []
        self._said_once(life)
        self._may_purge_again(life)

    def _is_purged(self, life: Life, whole: Picture) -> None:
        left = life.picture()
        outside = {key: value for key, value in whole.items() if not in_scope(key)}
        assert {key: left.get(key) for key in outside} == outside
        # The look after a purge asks for the route's page, and the shop writes that anew.
        assert len([key for key in left if in_scope(key)]) <= 1
        assert not [key for key in left if key.startswith(b"~q:")]

    def _said_once(self, life: Life) -> None:
        standing = Counter(card for card, _ in posted(life.slack))
        assert {card: number for card, number in standing.items() if number > 1} == {}
        assert standing["end:1"] == 1

    def _may_purge_again(self, life: Life) -> None:
        """The keys are free again: the next release of the same route is planned and purged."""
        life.ari.types('/cache-release unlock shop "looked at"')
        wait_for("the lock's end", lambda: life.ledger.lock("shop", "production") is None)
        life.olga.types("/cache-release purge shop products")
        wait_for("R-2", lambda: life.ledger.release(2) is not None)
