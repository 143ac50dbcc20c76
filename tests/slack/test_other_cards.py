from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from bot.commands import Said
from bot.release.notices import Notice
from bot.release.records import Action, ActionKind, ActionState, Story
from bot.release.refusal import Code, Refusal
from bot.release.states import ReleaseState, StepState
from bot.slack.views import draw
from bot.slack.views.answer import refusal_card, said_card
from bot.slack.views.blocks import Card
from bot.slack.views.look import look_card
from tests.slack.reading import check_card, texts
from tests.slack.stories import (
    CATALOG,
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


def test_a_look_shows_its_verdict_and_what_was_measured() -> None:
    result = {"outcome": "pass", "evidence": "p95 170 ms.", "actual": "p50 40\np95 170"}
    card = checked(look_card(a_look(ActionState.DONE, result=result), name_of))
    assert card.text == "✅ Pass: p95 170 ms. Response time of products of shop production."
    assert texts(card.blocks)[:4] == [
        "*Response time* · products of shop production",
        "✅ Pass",
        ": p95 170 ms.",
        "p50 40\np95 170",
    ]


def test_a_counted_purge_shows_the_plan() -> None:
    result = {"outcome": "unsure", "evidence": "x", "numbers": {"plan": asdict(PLAN)}}
    action = a_look(ActionState.DONE, ActionKind.PREVIEW, result=result)
    assert ": 1,204 of 20,000 keys (6.0 %), 3.1 MB" in texts(
        checked(look_card(action, name_of)).blocks
    )


@pytest.mark.parametrize("state", [ActionState.ACCEPTED, ActionState.RUNNING])
def test_a_look_that_runs_says_so(state: ActionState) -> None:
    card = checked(look_card(a_look(state, progress={"line": "looking"}), name_of))
    assert card.text == "Response time of products of shop production."


def test_a_look_that_failed_says_what_was_expected() -> None:
    card = checked(look_card(a_look(ActionState.FAILED, result=FAILURE), name_of))
    assert card.text == (
        "Response time of products of shop production failed: Redis &lt;b&gt; does not answer."
    )
    assert texts(card.blocks)[0].endswith("Retry is safe.")


class Shelf:
    """A ledger with one release and one look."""

    def story(self, release_id: int) -> Story | None:
        return rolled(ActionState.DONE, result=RESULT) if release_id == 42 else None

    def action(self, key: str) -> Action | None:
        return a_look(ActionState.RUNNING) if key == a_look(ActionState.RUNNING).key else None

    def notice(self, key: str) -> Notice | None:
        return None


@pytest.mark.parametrize(
    ("card", "start"),
    [
        ("root:42", "R-42 3 of 5"),
        ("step:42:2", "R-42 step 2"),
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
