"""The buttons that undo a release, what they ask before, and what is said when it did not work."""

from __future__ import annotations

from bot.release.catalog import Catalog
from bot.release.checklist import purge_snapshots, rollbacks
from bot.release.finding import default_environment
from bot.release.generation import move_words, moves_of
from bot.release.records import Action, ActionState, Lock, Story
from bot.release.states import RELEASE, Move, ReleaseState, StepState
from bot.release.stopping import why_stopped
from bot.slack.views.blocks import Block, Press, actions, button, confirm, context
from bot.slack.views.rehearsed import rehearsed_line
from bot.slack.views.wording import (
    Names,
    clamp,
    counted,
    escape,
    escape_but_mentions,
    moment,
    named,
    spelled,
    unstyled,
)


def roll_back_rows(story: Story, catalog: Catalog, names: Names) -> list[Block | None]:
    """Return the danger button in a row of its own; after a failed try also the way round the app's command."""
    rows = [
        actions("rollback", _what_became_of_it(story) or roll_back_button(story, catalog)),
        context(rehearsed_line(story, catalog, names)),
        None if _unclear(story) else actions("rollback-keys", _keys_only(story, catalog)),
    ]
    if _deploy_in_the_way(story, catalog):
        command = f"/cache-release rollback {story.release.name} --no-deploy"
        rows.append(context(f"Without the app's command: `{command}`"))
    return rows


def roll_back_button(story: Story, catalog: Catalog) -> list[Block]:
    """Return the danger button where a rollback is possible and would undo something, else nothing.

    A release that a leak stopped can always be rolled back: that ends it and locks the app.
    """
    release = story.release
    deploys = _deploys(story, catalog)
    undoes = bool(purge_snapshots(story) or moves_of(story) or deploys)
    undoes = undoes or any(why_stopped(step) for step in story.steps)
    if Move.ROLL_BACK not in RELEASE[release.state] or not undoes:
        return []
    again = release.state is ReleaseState.ROLLBACK_FAILED
    press = Press(verb="rollback", release=release.id, seen=release.version)
    label = "Roll back again" if again else "Roll back"
    drawn = button(label, press, style="danger", hint=f"{label}: {release.name}")
    drawn["confirm"] = confirm(
        f"Roll back {release.name}?",
        _what_a_rollback_does(story, deploys=deploys),
        yes="Roll back",
        no="Keep release",
    )
    return [drawn]


def _unclear(story: Story) -> bool:
    """Return whether the app's own rollback was begun and nobody saw its end."""
    asked = rollbacks(story)
    if story.release.state is not ReleaseState.ROLLBACK_FAILED or not asked:
        return False
    last = asked[-1]
    return last.state is ActionState.UNKNOWN and last.progress.get("phase") == "deploy"


def _what_became_of_it(story: Story) -> list[Block]:
    """Return the three answers of the person who looked which version runs."""
    if not _unclear(story):
        return []
    release = story.release

    def press(verb: str, **fields: str) -> Press:
        return Press(verb=verb, release=release.id, seen=release.version, fields=fields)

    said = f"Looked: the app's rollback of {release.name} failed."
    ran = button("It ran", press("rollback", **{"no-deploy": "1"}), name="hook-ran", hint="Go on")
    again = button("Run it again", press("rollback"), style="danger", name="hook-again")
    again["confirm"] = confirm(
        "Run the app's rollback again?",
        "It was started before. Look first which version runs: it may have ended well, or run still.",
        yes="Run it again",
        no="Not yet",
    )
    return [ran, again, button("It failed", press("note", text=said), name="hook-failed")]


def _keys_only(story: Story, catalog: Catalog) -> list[Block]:
    if not (_deploy_in_the_way(story, catalog) and purge_snapshots(story)):
        return []
    release = story.release
    fields = {"no-deploy": "1"}
    press = Press(verb="rollback", release=release.id, seen=release.version, fields=fields)
    hint = f"Put back only the keys of {release.name}"
    drawn = button("Put keys back only", press, hint=hint, name="rollback-keys")
    drawn["confirm"] = confirm(
        f"{hint}?",
        "The app's rollback command is not run: the version that is live stays live, and writes pages "
        "of its own again. The app is locked.",
        yes="Put keys back",
        no="Not yet",
    )
    return [drawn]


def _deploys(story: Story, catalog: Catalog) -> bool:
    app = catalog.apps.get(story.release.app)
    return app is not None and app.rollback is not None


def _deploy_in_the_way(story: Story, catalog: Catalog) -> bool:
    asked = rollbacks(story)
    failed = story.release.state is ReleaseState.ROLLBACK_FAILED
    return failed and _deploys(story, catalog) and bool(asked and asked[-1].args.get("deploy"))


def _what_a_rollback_does(story: Story, *, deploys: bool) -> str:
    """Return what the confirmation says; keys first, since a phone may show little of it."""
    release = story.release
    place = f"{', '.join(release.routes)} in {release.app} {release.environment.upper()}"
    taken = purge_snapshots(story)
    parts = [f"{place}: no key was purged yet."]
    if taken:
        number = sum(row.keys for row in taken)
        keys = counted(number, "key") if number else "every key taken out so far"
        until = min(row.expires_at for row in taken)
        parts = [f"Puts back {keys} of {place} (possible until {until:%Y-%m-%d %H:%M} UTC)."]
    moves = moves_of(story)
    if moves:
        undone = f"Sets back {clamp('; '.join(map(move_words, moves)), 120)}."
        parts = [*parts, undone] if taken else [f"{place}: {undone}"]
    if deploys:
        parts.append(f"{'First runs' if taken or moves else 'Runs'} the app's rollback command.")
    if any(step.state is StepState.ACTING for step in story.steps):
        parts.append("The running purge stops.")
    return " ".join([*parts, "Then the app is locked."])


def what_failed(action: Action, names: Names) -> str:
    """Return why work failed, as a paragraph in mrkdwn that names people and calls nobody."""
    failed = str(action.result.get("failed", "No reason was recorded."))
    return escape(clamp(spelled(failed.strip(), names), 800))


def what_next(action: Action) -> str:
    """Return what was expected, in the bot's own words, and whether it may be tried again."""
    expected = escape_but_mentions(clamp(str(action.result.get("expected", "")), 800))
    return f"*Expected*: {expected}\n{may_retry(action)}"


def may_retry(action: Action) -> str:
    """Return whether it may be tried again."""
    safe = action.result.get("retry_is_safe")
    return "Retry is safe." if safe else "*Do not retry before looking.*"


def lock_line(lock: Lock, catalog: Catalog, names: Names) -> str:
    """Return who locked the app and why, and how it is unlocked."""
    place = escape(f"{lock.app} {lock.environment}")
    app = catalog.apps.get(lock.app)
    usual = app is not None and default_environment(app) == lock.environment
    command = f"/cache-release unlock {lock.app}" + (
        "" if usual else f" --environment {lock.environment}"
    )
    reason = unstyled(clamp(lock.reason, 300))
    until = "" if lock.until is None else f", until {moment(lock.until)}"
    who = f"{named(names, lock.by)} {moment(lock.at)}{until}"
    return f"🔒 *{place} is locked* by {who}: {reason}\nUnlock: `{escape(command)}`"
