from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest

from bot.commands import Said
from bot.release.records import Action, ActionKind, ActionState, Story, Verdict
from bot.release.refusal import Code, Refusal
from bot.release.states import ReleaseState, StepState
from bot.slack.views import draw
from bot.slack.views.answer import refusal_card, said_card
from bot.slack.views.blocks import Card
from bot.slack.views.home import home_view, told_home
from bot.slack.views.look import look_card
from bot.slack.views.rollback import end_card, rollback_card
from tests.slack.reading import buttons, check_card, check_view, texts
from tests.slack.stories import (
    AT,
    CATALOG,
    PASSED,
    PLAN,
    a_lock,
    a_look,
    a_release,
    a_rollback,
    a_snapshot,
    a_step,
    a_story,
    name_of,
)

RESULT = {
    "restored": 1204,
    "kept_fresher": 3,
    "expired": 1,
    "failed": 0,
    "expected": 1208,
    "seconds": 4.12,
    "purged_new": 12,
    "verified": 1204,
    "hook": "ran --to v1",
    "forward_snapshot": "r42-forward-1",
}
FAILURE = {
    "code": "redis_unreachable",
    "failed": "Redis <b> does not answer.",
    "expected": "a server that <@U03ONCALL> knows.",
    "retry_is_safe": True,
}
COUNTS = (
    "1,204 of 1,208 keys put back as they were\n"
    "3 keys kept: the app wrote something fresher\n"
    "1 key expired meanwhile and stayed gone\n"
    "12 keys of the new release taken out\n"
    "Deploy command: ran --to v1"
)


def rolled(state: ActionState, **parts: Any) -> Story:
    return a_story(
        a_step(4, StepState.READY),
        release=a_release(state=ReleaseState.ROLLING_BACK),
        actions=(a_rollback(state, **parts),),
        snapshots=(a_snapshot(),),
        lock=a_lock(),
    )


def checked(card: Card | None) -> Card:
    assert card is not None
    check_card(card)
    return card


@pytest.mark.parametrize(
    ("phase", "signs"),
    [
        ("deploy", "▶····"),
        ("purge", "✓▶···"),
        ("restore", "✓✓▶··"),
        ("verify", "✓✓✓▶·"),
        ("", "·····"),
    ],
)
def test_a_running_rollback_shows_its_phases(phase: str, signs: str) -> None:
    running = rolled(ActionState.RUNNING, progress={"phase": phase, "line": "keys put back"})
    shown = texts(checked(rollback_card(running, name_of)).blocks)
    lines = next(text for text in shown if "Lock the app" in text).splitlines()
    assert "".join(line[0] for line in lines) == signs


def test_a_running_rollback_counts_in_its_notification() -> None:
    progress = {"phase": "restore", "line": "keys put back", "done": 602, "total": 1204}
    card = checked(rollback_card(rolled(ActionState.RUNNING, progress=progress), name_of))
    assert card.text == "R-42 is rolling back: ▓▓▓▓▓░░░░░ 602 of 1,204 keys put back."


def test_a_rollback_card_shows_the_command_that_works_without_the_bot() -> None:
    command = "zstd -dc snapshots/r42/*.zst | redis-cli --pipe"
    proved = Verdict(
        outcome=PASSED.outcome, evidence="", actual="", numbers={"snapshot": {"command": command}}
    )
    story = rolled(ActionState.RUNNING)
    story = replace(story, steps=(*story.steps[:4], replace(story.steps[4], verdict=proved)))
    assert command in texts(checked(rollback_card(story, name_of)).blocks)


def test_the_end_is_said_with_its_counts_and_seconds() -> None:
    card = checked(end_card(rolled(ActionState.DONE, result=RESULT), name_of))
    assert card.text == "R-42 rolled back: 1,204 of 1,208 restored in 4.1 s."
    assert texts(card.blocks) == [
        "↩ *R-42 rolled back: 1,204 of 1,208 restored in 4.1 s.*",
        COUNTS,
        "🔒 shop production is locked by @nico: R-42 was rolled back",
    ]


def test_a_rollback_without_keys_says_so() -> None:
    empty = {**RESULT, "restored": 0, "expected": 0}
    card = checked(end_card(rolled(ActionState.DONE, result=empty), name_of))
    assert card.text == "R-42 rolled back in 4.1 s: there was no key to put back."


@pytest.mark.parametrize(
    ("state", "word"),
    [(ActionState.FAILED, "failed"), (ActionState.UNKNOWN, "has an unknown outcome")],
)
def test_a_broken_rollback_says_what_stands_and_whether_to_retry(
    state: ActionState, word: str
) -> None:
    story = rolled(state, result=FAILURE, progress={"so_far": RESULT})
    card = checked(end_card(story, name_of))
    assert card.text == f"R-42: the rollback {word}. Redis &lt;b&gt; does not answer."
    assert texts(card.blocks)[1:3] == [
        COUNTS,
        "Redis &lt;b&gt; does not answer.\n*Expected*: a server that <@U03ONCALL> knows.\n"
        "Retry is safe.",
    ]


def test_there_is_no_end_before_the_end() -> None:
    assert end_card(rolled(ActionState.RUNNING), name_of) is None
    assert rollback_card(a_story(), name_of) is None


def test_a_release_that_ended_well_says_that_it_can_be_undone() -> None:
    done = a_story(release=a_release(state=ReleaseState.DONE), snapshots=(a_snapshot(),))
    card = checked(end_card(done, name_of))
    assert card.text == "R-42 is done: 1,204 keys purged, it can still be rolled back."


def test_a_look_shows_its_verdict_and_what_was_measured() -> None:
    result = {"outcome": "pass", "evidence": "p95 170 ms.", "actual": "p50 40\np95 170"}
    card = checked(look_card(a_look(ActionState.DONE, result=result), name_of))
    assert card.text == "✅ Pass, Response time of products, shop production: p95 170 ms."
    assert texts(card.blocks)[:4] == [
        "*Response time of products, shop production*",
        "✅ Pass: ",
        "p95 170 ms.",
        "p50 40\np95 170",
    ]


def test_a_counted_purge_shows_the_plan() -> None:
    result = {"outcome": "unsure", "evidence": "x", "numbers": {"plan": asdict(PLAN)}}
    action = a_look(ActionState.DONE, ActionKind.PREVIEW, result=result)
    assert "1,204 keys, 3.1 MB, of 20,000 in the database" in texts(
        checked(look_card(action, name_of)).blocks
    )


@pytest.mark.parametrize("state", [ActionState.ACCEPTED, ActionState.RUNNING])
def test_a_look_that_runs_says_so(state: ActionState) -> None:
    card = checked(look_card(a_look(state, progress={"line": "looking"}), name_of))
    assert card.text == "Response time of products, shop production."


def test_a_look_that_failed_says_what_was_expected() -> None:
    card = checked(look_card(a_look(ActionState.FAILED, result=FAILURE), name_of))
    assert card.text == (
        "Response time of products, shop production failed: Redis &lt;b&gt; does not answer."
    )
    assert texts(card.blocks)[0].endswith("Retry is safe.")


class Shelf:
    """A ledger with one release and one look."""

    def story(self, release_id: int) -> Story | None:
        return rolled(ActionState.DONE, result=RESULT) if release_id == 42 else None

    def action(self, key: str) -> Action | None:
        return a_look(ActionState.RUNNING) if key == a_look(ActionState.RUNNING).key else None


@pytest.mark.parametrize(
    ("card", "start"),
    [
        ("root:42", "R-42 3 of 5"),
        ("step:42:2", "R-42 step 2 of 5"),
        ("rollback:42", "R-42 rolled back"),
        ("end:42", "R-42 rolled back"),
        (f"action:{a_look(ActionState.RUNNING).key}", "Response time"),
    ],
)
def test_every_message_is_found_by_its_name(card: str, start: str) -> None:
    assert checked(draw(card, Shelf(), CATALOG)).text.startswith(start)


@pytest.mark.parametrize(
    "card", ["root:7", "step:42:9", "step:42", "nothing:42", "root:x", "", "action:unknown", "end:"]
)
def test_a_name_that_means_nothing_draws_nothing(card: str) -> None:
    assert draw(card, Shelf(), CATALOG) is None


@pytest.mark.parametrize(
    ("failed", "safe", "text"),
    [
        (
            "R-42 is done.",
            True,
            "Not done. R-42 is done. Expected: a release that is open. Retry is safe.",
        ),
        (
            "Not approved: you started <@U01OWNER>'s <b>.",
            False,
            "Not approved: you started <@U01OWNER>'s &lt;b&gt;. Expected: a release that is open. "
            "Do not retry before looking.",
        ),
    ],
)
def test_a_refusal_says_what_failed_what_was_expected_and_if_a_retry_is_safe(
    failed: str, safe: bool, text: str
) -> None:
    refusal = Refusal(
        code=Code.NOT_NOW,
        failed=failed,
        expected="a release that is open.",
        retry_is_safe=safe,
    )
    card = refusal_card(refusal)
    assert (card.text, texts(card.blocks)) == (text, [text])


def test_a_long_answer_is_cut_with_a_count() -> None:
    card = said_card(Said(text="Many.", lines=tuple(f"`check` <app> {n}" for n in range(900))))
    check_card(card)
    lines = texts(card.blocks)[1].splitlines()
    assert lines[0] == "`check` &lt;app&gt; 0"
    assert lines[-1] == f"… {900 - (len(lines) - 1):,} more"


def test_the_home_tab_lists_what_is_live_what_can_be_undone_and_what_is_locked() -> None:
    live = a_story(a_step(2, StepState.READY))
    done = a_story(release=a_release(id=41, state=ReleaseState.DONE), snapshots=(a_snapshot(),))
    late = replace(done, snapshots=(replace(a_snapshot(), expires_at=AT),))
    view = home_view([live, done, late], [a_lock()], CATALOG, name_of, at=AT)
    check_view(view, "home")
    assert [text for text in texts(view) if text != "Roll back"][:2] == [
        "1 live release",
        "*R-42* · 2 of 5 · waiting for @olga to run it\n"
        "shop production in <#C01REL>: New price table",
    ]
    assert "1 release can be rolled back" in texts(view)
    drawn = Card(text="home", blocks=tuple(view["blocks"]))
    assert buttons(drawn) == [["!Roll back"], ["!Roll back"]]


def test_an_empty_home_tab_is_still_a_home_tab() -> None:
    view = home_view([], [], CATALOG, name_of, at=AT)
    check_view(view, "home")
    assert texts(view)[:2] == ["0 live releases", "0 releases can be rolled back"]
    check_view(told_home("Not allowed."), "home")
