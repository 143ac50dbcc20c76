"""The rollback in the thread: its phases while it runs, its counts and the by-hand command at its end."""

from __future__ import annotations

from bot.release.catalog import Catalog
from bot.release.checklist import purge_snapshots, rollbacks
from bot.release.generation import undone_words
from bot.release.records import ENDED_ACTION, Action, ActionState, Json, Story
from bot.release.states import ReleaseState
from bot.release.watch_calls import watched_words
from bot.slack.views.blocks import (
    Block,
    Card,
    as_is,
    card,
    context,
    labelled,
    preformatted,
    rich,
    section,
)
from bot.slack.views.progress import far_line
from bot.slack.views.undo import lock_line, roll_back_rows, what_failed, what_next
from bot.slack.views.wording import (
    Names,
    clamp,
    counted,
    escape,
    moment,
    named,
    phrase,
    sentence,
    spelled,
)

PHASES = (
    ("deploy", "Put the app's version back"),
    ("purge", "Take out what the new release wrote"),
    ("restore", "Put the purged keys back"),
    ("verify", "Compare content and expiry"),
    ("lock", "Lock the app"),
)


def rollback_card(story: Story, names: Names) -> Card | None:
    """Return the card of the newest rollback: its way; nothing where none was asked."""
    asked = rollbacks(story)
    if not asked:
        return None
    action = asked[-1]
    started = context(f"Started by {named(names, action.asked_by)} {moment(action.asked_at)}")
    if action.state is ActionState.DONE:
        text = escape(_ended_text(story, action, names))
        return card(text, [section(f"↩️ *{text}*"), *_by_hand(story), started])
    phases = rich(as_is("\n".join(_phases(action))))
    if action.state in ENDED_ACTION:
        text = escape(_ended_text(story, action, names))
        head = section(f"❌ *{story.release.name} rollback FAILED*\n{what_failed(action, names)}")
        return card(text, [head, phases, *_by_hand(story), started])
    name, far = story.release.name, escape(far_line(action))
    return card(
        f"{name} is rolling back: {far}.",
        [section(f"⏳ *{name} is rolling back*\n{far}"), phases, *_by_hand(story), started],
    )


def end_card(story: Story, catalog: Catalog, names: Names) -> Card | None:
    """Return the one message that is also sent to the channel: how the release ended."""
    asked = [row for row in rollbacks(story) if row.state in ENDED_ACTION]
    if not asked:
        return _end_without_rollback(story)
    action = asked[-1]
    text = escape(_ended_text(story, action, names))
    lines = counts(action)
    numbers = rich(as_is("\n".join(lines))) if lines else None
    lock = context(lock_line(story.lock, catalog, names)) if story.lock is not None else None
    if action.state is ActionState.DONE:
        return card(text, [section(f"↩️ *{text}*"), numbers, lock])
    head = section(f"❌ *{story.release.name} rollback FAILED*\n{what_failed(action, names)}")
    undo = roll_back_rows(story, catalog, names)
    return card(text, [head, numbers, section(what_next(action)), *undo, lock])


def counts(action: Action) -> list[str]:
    """Return what a rollback did, or did before it broke, a line for each thing."""
    done = action.result if action.state is ActionState.DONE else action.progress.get("so_far", {})
    if not done:
        return []
    rows = [
        f"{_number(done, 'restored'):,} of {_number(done, 'expected'):,} keys put back as they were",
        _line(done, "kept_fresher", "kept: the app wrote something fresher"),
        _line(done, "expired", "expired meanwhile and stayed gone"),
        _line(done, "failed", "FAILED to come back"),
        _line(done, "purged_new", "of the new release taken out"),
        *map(undone_words, done.get("generations", ())),
        _deployed(action, str(done.get("hook") or "none")),
    ]
    return [row for row in rows if row]


def _deployed(action: Action, hook: str) -> str:
    if hook == "none":
        left = action.args.get("deploy") is False
        return "The app's version was left as it is" if left else "No deploy command was run"
    return f"Deploy command ran: {clamp(hook.removeprefix('ran '), 200)}"


def _line(done: Json, name: str, meaning: str) -> str:
    number = _number(done, name)
    return f"{counted(number, 'key')} {meaning}" if number else ""


def _number(done: Json, name: str) -> int:
    return int(done.get(name) or 0)


def _ended_text(story: Story, action: Action, names: Names) -> str:
    """Return the sentence of the end, plain text, its news at the front."""
    name, result = story.release.name, action.result
    if action.state is ActionState.DONE:
        restored, expected = _number(result, "restored"), _number(result, "expected")
        seconds = float(result.get("seconds") or 0)
        moved = result.get("generations", ())
        if expected == 0 and moved:
            undone = "; ".join(map(undone_words, moved))
            return sentence(f"{name} rolled back in {seconds:.1f} s. {clamp(undone, 300)}")
        if expected == 0:
            return f"{name} rolled back in {seconds:.1f} s: there was no key to put back."
        return f"{name} rolled back: {restored:,} of {expected:,} restored in {seconds:.1f} s."
    word = "has an unknown outcome" if action.state is ActionState.UNKNOWN else "FAILED"
    why = spelled(clamp(str(result.get("failed", "")), 200), names)
    return sentence(f"{name} rollback {word}: {why}")


def _phases(action: Action) -> list[str]:
    """Return the phases with how far each is; the one in which it broke is marked."""
    names = [name for name, _ in PHASES]
    now = str(action.progress.get("phase", ""))
    place = names.index(now) if now in names else -1
    here = "❌" if action.state in ENDED_ACTION else "▶️"
    lines = []
    for number, (_, meaning) in enumerate(PHASES):
        sign = "✅" if number < place else here if number == place else "⚪"
        lines.append(f"{sign} {meaning}")
    return lines


def _by_hand(story: Story) -> list[Block]:
    """Show the line that restores the snapshot without the bot, where a step proved it."""
    for step in story.steps:
        snapshot = None if step.verdict is None else step.verdict.numbers.get("snapshot")
        command = snapshot.get("command") if isinstance(snapshot, dict) else None
        if command:
            shown = clamp(str(command), 1500)
            return [rich(labelled("Without the bot", ""), preformatted(shown))]
    return []


def _end_without_rollback(story: Story) -> Card | None:
    release = story.release
    if release.state not in {ReleaseState.DONE, ReleaseState.ABANDONED}:
        return None
    taken = counted(sum(row.keys for row in purge_snapshots(story)), "key")
    sign = "✅" if release.state is ReleaseState.DONE else "⏹️"
    state = phrase(release.state)
    watched = f"watched, {watched_words(story)}; " if story.looks else ""
    text = escape(
        f"{release.name} is {state}: {watched}{taken} purged, it can still be rolled back."
    )
    return card(text, [section(f"{sign} *{text}*")])
