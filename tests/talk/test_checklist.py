"""A release from its first line to its last step, as people talk it through."""

from __future__ import annotations

import pytest

from bot.commands import Form, FormErrors
from bot.release.refusal import Code, Refusal
from bot.release.states import ReleaseState
from tests.talk.conftest import Talk, text


def test_start_opens_a_release_with_its_first_step_ready(talk: Talk) -> None:
    assert (
        text(talk.say('start shop products "New price table"'))
        == "R-1 is open in <#C01REL>: New price table."
    )
    assert talk.states() == ["ready", "waiting", "waiting", "waiting", "waiting"]
    assert [step.title for step in talk.story().steps] == [
        "Inspect cache headers",
        "Test logged-in traffic",
        "Purge only the affected route",
        "Measure response time",
        "Keep a rollback command ready",
    ]
    assert all(step.expected and step.rollback_note for step in talk.story().steps)


def test_start_without_words_asks_for_everything(talk: Talk) -> None:
    form = talk.say("start")
    assert isinstance(form, Form)
    names = [row.name for row in form.fields]
    assert names[:6] == ["app", "environment", "routes", "owner", "title", "previous"]
    assert len(names) == 6 + 2 * 5
    assert all(row.value for row in form.fields if row.kind == "long_text")


def test_the_forms_answer_is_checked_beside_each_field(talk: Talk) -> None:
    answer = talk.say(
        "start", app="shop", environment="nowhere", routes="", title=" ", previous="-x"
    )
    assert answer == FormErrors(
        errors={
            "environment": "shop runs in: production, staging.",
            "routes": "Choose at least one route.",
            "title": "Say in a few words what changes.",
            "previous": "Letters, digits and . _ + -, starting with a letter or digit, at most 64.",
        }
    )


def test_the_forms_texts_are_kept(talk: Talk) -> None:
    talk.say(
        "start",
        app="shop",
        environment="staging",
        routes="shop/products,shop/cart",
        owner="U03ONCALL",
        title="New prices",
        expected_purge="Both routes, nothing else.",
        note_purge="Call Nico.",
    )
    story = talk.story()
    assert story.release.routes == ("products", "cart")
    assert story.release.environment == "staging"
    assert story.steps[2].expected == "Both routes, nothing else."
    assert story.steps[2].rollback_note == "Call Nico."
    assert {step.owner for step in story.steps} == {"U03ONCALL"}


def test_a_route_that_a_live_release_holds_is_refused(talk: Talk) -> None:
    talk.say("start shop products First")
    with pytest.raises(Refusal) as caught:
        talk.say("start shop products cart Second")
    assert caught.value.code is Code.SCOPE_BUSY
    assert "R-1" in caught.value.failed


@pytest.mark.parametrize(
    ("line", "code", "expected"),
    [
        ("start shoe products", Code.UNKNOWN_NAME, "one of: shop."),
        ("start shop nothing else", Code.UNKNOWN_NAME, "one of: products, cart."),
        ("purge shop", Code.BAD_REQUEST, "at least one of: products, cart."),
        (
            "start shop products x --environment test",
            Code.UNKNOWN_NAME,
            "one of: production, staging.",
        ),
    ],
)
def test_names_nobody_knows_are_answered_with_those_that_exist(
    talk: Talk, line: str, code: Code, expected: str
) -> None:
    with pytest.raises(Refusal) as caught:
        talk.say(line)
    assert (caught.value.code, caught.value.expected) == (code, expected)


def test_a_release_walks_to_its_end(talk: Talk) -> None:
    talk.until_purged()
    assert talk.states() == ["done", "done", "done", "ready", "waiting"]
    for number in (4, 5):
        talk.say(f"run R-1 {number}")
        assert talk.states()[number - 1] == "judged"
        talk.say(f"approve R-1 {number}", "U02APPROVER")
    assert talk.story().release.state is ReleaseState.DONE
    assert talk.story().release.ended_at is not None


def test_a_step_cannot_be_run_before_its_turn(talk: Talk) -> None:
    talk.say("start shop products x")
    with pytest.raises(Refusal) as caught:
        talk.say("run R-1 3")
    assert caught.value.code is Code.NOT_NOW


def test_the_starter_cannot_approve(talk: Talk) -> None:
    talk.say("start shop products x", "U02APPROVER")
    talk.say("run R-1", "U02APPROVER")
    with pytest.raises(Refusal) as caught:
        talk.say("approve R-1", "U02APPROVER")
    assert caught.value.code is Code.NOT_ALLOWED
    assert talk.states()[0] == "judged"


def test_a_press_on_an_old_card_learns_who_moved_it(talk: Talk) -> None:
    talk.say("start shop products x")
    talk.say("run R-1")
    seen = talk.story().steps[0].version
    talk.say("approve R-1 1", "U02APPROVER", seen=seen)
    with pytest.raises(Refusal) as caught:
        talk.say("approve R-1 1", "U06SECOND", seen=seen)
    assert caught.value.code is Code.MOVED_ON
    assert "already approved by <@U02APPROVER> at 14:00 UTC" in caught.value.failed


def test_skip_asks_why_and_keeps_the_answer(talk: Talk) -> None:
    talk.say("start shop products x")
    assert isinstance(talk.say("skip R-1"), Form)
    assert isinstance(talk.say("skip R-1 no"), FormErrors)
    talk.say("skip R-1 staging has no cache headers")
    assert talk.story().steps[0].reason == "staging has no cache headers"
    assert talk.states()[:2] == ["skipped", "ready"]


def test_only_owners_approvers_and_admins_skip(talk: Talk) -> None:
    talk.say("start shop products x")
    with pytest.raises(Refusal) as caught:
        talk.say("skip R-1 because I can", "U04DEV")
    assert caught.value.code is Code.NOT_ALLOWED
    assert talk.states()[0] == "ready"


def test_a_step_is_handed_over(talk: Talk) -> None:
    talk.say("start shop products x")
    talk.say("owner R-1 2 <@U04DEV|dana>")
    assert talk.story().steps[1].owner == "U04DEV"
    assert talk.states()[1] == "waiting"


def test_an_abandoned_release_frees_its_routes(talk: Talk) -> None:
    talk.say("start shop products x")
    talk.say("abandon R-1")
    assert text(talk.say("start shop products y")) == "R-2 is open in <#C01REL>: y."
