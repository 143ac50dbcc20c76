"""The watch of a release in its thread: the curve of its recovery, its last look, and what may be pressed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.release.catalog import Catalog
from bot.release.records import Outcome, Story
from bot.release.recovery_chart import recovery_charts
from bot.release.states import ReleaseState
from bot.release.timers import WAITED_FOR, Timer, TimerState
from bot.release.watch_calls import looks_of, watched_words
from bot.release.watching import Look
from bot.slack.views.blocks import (
    Block,
    Card,
    Press,
    actions,
    button,
    card,
    context,
    preformatted,
    rich,
    section,
)
from bot.slack.views.chart import chart_block
from bot.slack.views.undo import roll_back_button
from bot.slack.views.wording import (
    Names,
    clamp,
    counted,
    escape,
    moment,
    unstyled,
)

SIGNS = {Outcome.PASS: "✅", Outcome.FAIL: "❌", Outcome.UNSURE: "⚠️"}
BARS = "▁▂▃▄▅▆▇█"
LAST = 6


def watch_card(story: Story, catalog: Catalog, names: Names) -> Card | None:
    """Return the card of a release's watch, edited in place; nothing where it never began."""
    if not story.timers:
        return None
    name, looks = story.release.name, looks_of(story)
    head, said = _head(story, looks), _last_words(looks)
    drawn = [
        section(f"{_sign(story, looks)} *{escape(head)}*\n{said}"),
        rich(preformatted("\n".join(curve(story.timers, looks)))) if looks else None,
        *(chart_block(chart) for chart in recovery_charts(looks)),
        context(_left(story)),
        *watch_buttons(story, catalog),
    ]
    plain = f" Last look: {looks[-1].word}. {looks[-1].evidence}" if looks else ""
    return card(escape(clamp(f"{name}: {head}.{plain}", 290)), drawn)


def _head(story: Story, looks: Sequence[Look]) -> str:
    total = len(story.timers)
    if story.release.state is ReleaseState.WATCHING:
        begun = f"look {looks[-1].number} of {total}" if looks else f"{total} looks to come"
        return f"Watched after the release · {begun}"
    cut = any(row.state is TimerState.CANCELLED for row in story.timers)
    if story.release.state is ReleaseState.DONE:
        ending = f"stopped after {counted(len(looks), 'look')}" if cut else "over"
        return f"Watch {ending} · {watched_words(story)}"
    return f"Watch ended by the rollback · {watched_words(story)}"


def _sign(story: Story, looks: Sequence[Look]) -> str:
    if story.release.state is ReleaseState.WATCHING and not looks:
        return "👀"
    return SIGNS[looks[-1].outcome] if looks else "⏹️"


def _last_words(looks: Sequence[Look]) -> str:
    if not looks:
        return "The first look is still to come."
    last = looks[-1]
    return f"*{last.word}*: {unstyled(clamp(last.evidence, 400))}"


def _left(story: Story) -> str:
    """Return until when it is watched; each reader sees the time in their own zone."""
    waiting = [row.due_at for row in story.timers if row.state in WAITED_FOR]
    if not waiting or story.release.state is not ReleaseState.WATCHING:
        return ""
    return f"{counted(len(waiting), 'look')} left, the last {moment(max(waiting))}"


def curve(timers: Sequence[Timer], looks: Sequence[Look]) -> list[str]:
    """Return the recovery of the cache as two lines of bars, and the last looks in numbers."""
    by_number = {look.number: look for look in looks}
    past = [row for row in timers if row.number in by_number or row.state is TimerState.MISSED]
    seen = [by_number.get(row.number) for row in past]
    hits = [None if look is None else look.hits for look in seen]
    times = [None if look is None else look.ms for look in seen]
    lines = [
        f"hits {bars(hits, most=1.0)} {_percent(_newest(hits))}",
        f"p50  {bars(times)} {_ms(_newest(times))}",
        "",
    ]
    for row in past[-LAST:]:
        look = by_number.get(row.number)
        if look is None:
            lines.append(f"{row.number:>3}  missed")
        else:
            lines.append(
                f"{row.number:>3}  {_percent(look.hits):>5} {_ms(look.ms):>8}  {look.word}"
            )
    return lines


def bars(values: Sequence[float | None], *, most: float | None = None) -> str:
    """Return a bar for each value, a dot where there is none; `most` is the full bar, else the largest value."""
    known = [value for value in values if value is not None]
    top = most or max(known, default=0.0) or 1.0
    return "".join(
        "·" if value is None else BARS[min(7, int(8 * max(0.0, value) / top))] for value in values
    )


def _newest(values: Iterable[float | None]) -> float | None:
    return next((value for value in reversed(list(values)) if value is not None), None)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f} ms"


def watch_buttons(story: Story, catalog: Catalog) -> list[Block | None]:
    """Return what may be pressed while it is watched: to stop watching, and to undo the release."""
    if story.release.state is not ReleaseState.WATCHING:
        return []
    release = story.release
    press = Press(verb="unwatch", release=release.id, seen=release.version)
    stop = button("Stop watching", press, hint=f"Stop watching {release.name}")
    return [actions("watch", [stop]), actions("rollback", roll_back_button(story, catalog))]
