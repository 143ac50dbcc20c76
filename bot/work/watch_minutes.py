"""What the clock does for watched releases: starts the look that is due, rolls back where that is wanted, ends."""

from __future__ import annotations

from datetime import datetime

from bot.commands import Tools
from bot.release.checklist import finish, rollbacks
from bot.release.records import ENDED_ACTION, Action, Change, Kept, Story
from bot.release.rollback_plan import rollback_change
from bot.release.states import ReleaseState
from bot.release.timers import WAITED_FOR, Timer, TimerMove, TimerState
from bot.release.watch_calls import looks_of, watch_cards
from bot.release.watch_plan import BOT, due, look_request
from bot.release.watching import rolls_back

MOST = 1000


def tend_watches(tools: Tools, now: datetime) -> None:
    """Do what each watched release needs now; twice, or by two clocks, is as good as once."""
    for release in tools.ledger.releases(live=True, limit=MOST):
        story = None
        if release.state is ReleaseState.WATCHING:
            story = tools.ledger.story(release.id)
        if story is None or story.release.state is not ReleaseState.WATCHING:
            continue
        if _roll_back(tools, story, now):
            continue
        _look(tools, story, now)
        if not any(_waits(tools, row, now) for row in story.timers):
            _end(tools, story, now)


def _waits(tools: Tools, timer: Timer, now: datetime) -> bool:
    """Return whether a minute is still to come or worked on; what its worker gave up is over."""
    if timer.state not in WAITED_FOR:
        return False
    work = tools.ledger.action(timer.key) if timer.state is TimerState.FIRED else None
    return work is None or work.state not in ENDED_ACTION


def _look(tools: Tools, story: Story, now: datetime) -> None:
    """Start the one look that is due; what was missed meanwhile is recorded, never made up for."""
    found = due(story.timers, now, tools.watch)
    moves = [_moved(row, TimerState.MISSED) for row in found.missed]
    requests: tuple[Action, ...] = ()
    if found.look is not None:
        moves.append(_moved(found.look, TimerState.FIRED))
        requests = (look_request(story.release, found.look, now),)
    if not moves:
        return
    change = Change(
        act="watch due",
        by=BOT,
        at=now,
        release_id=story.release.id,
        body={"missed": [row.number for row in found.missed]},
        timers=tuple(moves),
        requests=requests,
        cards=(f"watch:{story.release.id}",) if found.missed else (),
    )
    if isinstance(tools.ledger.keep(change), Kept):
        for request in requests:
            tools.hand_on(request)


def _moved(timer: Timer, to: TimerState) -> TimerMove:
    return TimerMove(key=timer.key, seen=TimerState.ARMED, to=to)


def _roll_back(tools: Tools, story: Story, now: datetime) -> bool:
    """Roll back where the app's catalog lets the bot do so, and only where nobody ever asked for a rollback of this."""
    app = tools.catalog.apps.get(story.release.app)
    if app is None or not app.auto_rollback or rollbacks(story):
        return False
    if rolls_back(looks_of(story), now) is None:
        return False
    change = rollback_change(story, by=BOT, at=now, door="watch")
    if not isinstance(tools.ledger.keep(change), Kept):
        return False
    for request in change.requests:
        tools.hand_on(request)
    return True


def _end(tools: Tools, story: Story, now: datetime) -> None:
    """End the release: its watch is over."""
    number = story.release.id
    tools.ledger.keep(
        Change(
            act="watch over",
            by=BOT,
            at=now,
            release_id=number,
            body={"looks": len(story.looks)},
            releases=(finish(story),),
            cards=(f"root:{number}", f"end:{number}", *watch_cards(story)),
        )
    )
