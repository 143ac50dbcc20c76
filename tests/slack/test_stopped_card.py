"""The card of a step that stops its release."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.release.catalog import Catalog
from bot.release.records import Outcome, Verdict
from bot.release.states import ReleaseState, StepState
from bot.slack.views.checklist import step_card
from bot.slack.views.release import root_card
from tests.slack.reading import buttons, check_card, texts
from tests.slack.stories import CATALOG, a_release, a_step, a_story, name_of

LEAK = Verdict(
    outcome=Outcome.FAIL,
    evidence="1 leak. /products: an anonymous visitor got the page of account a (L1). Stop the release.",
    actual="/products  11 of 13 probes ok\n  L1 LEAK: an anonymous visitor got the page of account a",
    numbers={"stops": ["/products: an anonymous visitor got the page of account a (L1)"]},
)
SHOP = CATALOG.apps["shop"]
NO_HOOK = CATALOG.model_copy(update={"apps": {"shop": SHOP.model_copy(update={"rollback": None})}})
LINE = (
    "*Release stopped.* Roll back, run it again until it passes, "
    "or have an approver skip it with a reason."
)


@pytest.mark.parametrize("catalog", [CATALOG, NO_HOOK], ids=["deploy hook", "nothing to undo yet"])
@pytest.mark.parametrize("state", [StepState.JUDGED, StepState.STOPPED])
def test_it_says_why_and_offers_the_rollback_first(state: StepState, catalog: Catalog) -> None:
    step = a_step(2, state, verdict=LEAK)
    card = step_card(a_story(step), step, catalog, name_of)
    check_card(card)
    assert buttons(card) == [["!Roll back"], ["*Run again", "Skip", "Hand over"]]
    shown = texts(card.blocks)
    assert LINE in shown
    assert "❌ FAIL: " + LEAK.evidence in "".join(shown)
    assert card.text.startswith("R-42 step 2 ")
    assert "an anonymous visitor got the page of account a (L1). Stop the release." in card.text


@pytest.mark.parametrize("catalog", [CATALOG, NO_HOOK], ids=["deploy hook", "nothing to undo yet"])
def test_the_root_card_offers_the_rollback_too(catalog: Catalog) -> None:
    step = a_step(2, StepState.JUDGED, verdict=LEAK)
    card = root_card(a_story(step), catalog, name_of)
    check_card(card)
    assert ["!Roll back"] in buttons(card)


def test_a_fail_that_is_no_leak_offers_the_next_run_first() -> None:
    step = a_step(2, StepState.JUDGED, verdict=replace(LEAK, numbers={"stops": []}))
    card = step_card(a_story(step), step, CATALOG, name_of)
    assert buttons(card) == [["*Run again", "Skip", "Hand over"], ["!Roll back"]]
    assert LINE not in texts(card.blocks)


def test_after_the_rollback_nothing_is_asked_any_more() -> None:
    step = a_step(2, StepState.JUDGED, verdict=LEAK)
    over = a_story(step, release=a_release(state=ReleaseState.ROLLED_BACK))
    card = step_card(over, step, CATALOG, name_of)
    assert buttons(card) == []
    assert LINE not in texts(card.blocks)
