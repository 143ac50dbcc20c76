"""Whom a watch calls, and the messages that show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.release.catalog import App
from bot.release.finding import default_environment
from bot.release.records import Release, ReleaseMove, Story
from bot.release.states import ReleaseState
from bot.release.timers import TimerState
from bot.release.watching import Call, Look, Word, look_of


def looks_of(story: Story) -> tuple[Look, ...]:
    """Return what was seen of a release since its last step, oldest first."""
    return tuple(map(look_of, story.looks))


def watched_words(story: Story) -> str:
    """Return `watched 30 minutes, 29 of 30 looks OK, 1 SLOWER`; empty where it was not watched."""
    if not story.timers:
        return ""
    looks = looks_of(story)
    bad = [row.word for row in looks if row.word is not Word.OK]
    missed = sum(row.state is TimerState.MISSED for row in story.timers)
    parts = [f"{len(looks) - len(bad)} of {len(looks)} looks OK"]
    parts += [f"{bad.count(word)} {word}" for word in dict.fromkeys(bad)]
    if missed:
        parts.append(f"{missed} missed")
    return ", ".join(parts)


def whom_to_call(app: App, release: Release, call: Call) -> tuple[str, ...]:
    """Return the people and groups who are called: for a page in production those on call, else the release's owner."""
    paged = call is Call.PAGE and release.environment == default_environment(app)
    return app.oncall if paged and app.oncall else (release.owner,)


def watch_cards(story: Story) -> tuple[str, ...]:
    """Return the messages of a release's watch: its card, and those with which it called people."""
    if not story.timers:
        return ()
    number = story.release.id
    calls = (card for look in looks_of(story) for card in call_cards(number, look))
    return (f"watch:{number}", *calls)


def call_cards(release_id: int, look: Look) -> Iterator[str]:
    """Yield the messages with which a look calls people: one in the thread, for a page also one to each of them."""
    if look.call is None:
        return
    yield f"page:{release_id}:{look.number}"
    if look.call is Call.PAGE:
        people = (person for person in look.called if person.isalnum() and person[0] in "UWS")
        yield from (f"dm:{release_id}:{look.number}:{person}" for person in people)


def begun_cards(moves: Iterable[ReleaseMove]) -> tuple[str, ...]:
    """Return the message of the watch that these moves begin."""
    return tuple(f"watch:{move.id}" for move in moves if move.to is ReleaseState.WATCHING)
