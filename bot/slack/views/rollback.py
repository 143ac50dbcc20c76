"""The rollback in the thread: its phases while it runs, its counts and the by-hand command at its end."""

from __future__ import annotations

from bot.release.checklist import rollbacks
from bot.release.records import ENDED_ACTION, Action, ActionState, Json, Story
from bot.release.states import ReleaseState
from bot.slack.views.blocks import Card, as_is, card, context, labelled, preformatted, rich, section
from bot.slack.views.progress import how_far
from bot.slack.views.wording import (
    Names,
    clamp,
    counted,
    escape,
    escape_but_mentions,
    moment,
    named,
    phrase,
    sentence,
)

PHASES = (
    ("deploy", "Put the app's version back"),
    ("purge", "Take out what the new release wrote"),
    ("restore", "Put the purged keys back"),
    ("verify", "Compare content and expiry"),
    ("lock", "Lock the app"),
)


def rollback_card(story: Story, names: Names) -> Card | None:
    """Return the card of the newest rollback; nothing where none was asked."""
    asked = rollbacks(story)
    if not asked:
        return None
    action = asked[-1]
    doer = named(names, action.asked_by)
    started = f"Started by {doer} {moment(action.asked_at)}"
    if action.state in ENDED_ACTION:
        return card(
            escape(_ended_text(story, action)),
            [
                section(f"*{escape(_ended_text(story, action))}*"),
                rich(as_is("\n".join(counts(action)))) if counts(action) else None,
                section(_trouble(action)) if action.state is not ActionState.DONE else None,
                *_by_hand(story),
                context(started),
            ],
        )
    name = story.release.name
    far = how_far(action.progress) if action.state is ActionState.RUNNING else "waits for a worker"
    return card(
        f"{name} is rolling back: {far}.",
        [
            section(f"⏳ *{name} is rolling back*\n{far}"),
            rich(as_is("\n".join(_phases(action.progress)))),
            *_by_hand(story),
            context(started),
        ],
    )


def end_card(story: Story, names: Names) -> Card | None:
    """Return the one message that is also sent to the channel: how the release ended."""
    asked = [row for row in rollbacks(story) if row.state in ENDED_ACTION]
    if not asked:
        return _end_without_rollback(story)
    action = asked[-1]
    text = escape(_ended_text(story, action))
    sign = "↩" if action.state is ActionState.DONE else "❌"
    return card(
        text,
        [
            section(f"{sign} *{text}*"),
            rich(as_is("\n".join(counts(action)))) if counts(action) else None,
            section(_trouble(action)) if action.state is not ActionState.DONE else None,
            context(_lock_line(story, names)),
        ],
    )


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
        f"Deploy command: {clamp(str(done.get('hook') or 'none'), 200)}",
    ]
    return [row for row in rows if row]


def _line(done: Json, name: str, meaning: str) -> str:
    number = _number(done, name)
    return f"{counted(number, 'key')} {meaning}" if number else ""


def _number(done: Json, name: str) -> int:
    return int(done.get(name) or 0)


def _ended_text(story: Story, action: Action) -> str:
    """Return the sentence of the end, plain text, its numbers at the front."""
    name, result = story.release.name, action.result
    if action.state is ActionState.DONE:
        restored, expected = _number(result, "restored"), _number(result, "expected")
        seconds = float(result.get("seconds") or 0)
        if expected == 0:
            return f"{name} rolled back in {seconds:.1f} s: there was no key to put back."
        return f"{name} rolled back: {restored:,} of {expected:,} restored in {seconds:.1f} s."
    word = "has an unknown outcome" if action.state is ActionState.UNKNOWN else "failed"
    return sentence(f"{name}: the rollback {word}. {clamp(str(result.get('failed', '')), 200)}")


def _trouble(action: Action) -> str:
    result = action.result
    retry = "Retry is safe." if result.get("retry_is_safe") else "Do not retry before looking."
    failed = escape_but_mentions(clamp(str(result.get("failed", "No reason was recorded.")), 800))
    expected = escape_but_mentions(clamp(str(result.get("expected", "")), 800))
    return f"{failed}\n*Expected*: {expected}\n{retry}"


def _phases(progress: Json) -> list[str]:
    names = [name for name, _ in PHASES]
    now = str(progress.get("phase", ""))
    place = names.index(now) if now in names else -1
    lines = []
    for number, (_, meaning) in enumerate(PHASES):
        sign = "✓" if number < place else "▶" if number == place else "·"
        lines.append(f"{sign} {meaning}")
    return lines


def _by_hand(story: Story) -> list[dict[str, object]]:
    """Show the line that restores the snapshot without the bot, where a step proved it."""
    for step in story.steps:
        snapshot = None if step.verdict is None else step.verdict.numbers.get("snapshot")
        command = snapshot.get("command") if isinstance(snapshot, dict) else None
        if command:
            shown = clamp(str(command), 1500)
            return [rich(labelled("Without the bot", ""), preformatted(shown))]
    return []


def _lock_line(story: Story, names: Names) -> str:
    lock = story.lock
    if lock is None:
        return ""
    who = named(names, lock.by)
    return f"🔒 {escape(lock.app)} {escape(lock.environment)} is locked by {who}: {escape(clamp(lock.reason, 300))}"


def _end_without_rollback(story: Story) -> Card | None:
    release = story.release
    if release.state not in {ReleaseState.DONE, ReleaseState.ABANDONED}:
        return None
    taken = counted(sum(row.keys for row in story.snapshots if row.purpose == "purge"), "key")
    state = phrase(release.state)
    text = escape(f"{release.name} is {state}: {taken} purged, it can still be rolled back.")
    return card(text, [section(f"*{text}*")])
