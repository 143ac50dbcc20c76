"""A page that got slower, as its card shows it."""

from __future__ import annotations

from typing import Any

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.quantile_chart import Chart
from bot.release.records import ActionMove, ActionState, Change, Kept, Outcome
from bot.release.timing_verdict import judge_page
from bot.release.timings import Series
from bot.slack.views.blocks import Card
from bot.slack.views.look import look_card
from tests.slack.conftest import Clock
from tests.slack.stories import AT, DANA, a_look, name_of

BEFORE = Series(path="/products", page=tuple(20.0 + n / 10 for n in range(200)), marks="h" * 200)
AFTER = Series(path="/products", page=tuple(30.0 + n / 10 for n in range(100)), marks="h" * 100)
JUDGED = judge_page(BEFORE, AFTER, budget_ms=60)
assert JUDGED.chart is not None
CHART: Chart = JUDGED.chart
RESULT: dict[str, Any] = {
    "outcome": Outcome.FAIL,
    "evidence": JUDGED.evidence,
    "actual": "\n".join(JUDGED.lines),
    "numbers": {"charts": [CHART.as_json()]},
}


def look() -> Card:
    return look_card(a_look(ActionState.DONE, result=RESULT), name_of)


def done(ledger: SqlLedger, clock: Clock) -> str:
    asked = a_look(ActionState.ACCEPTED)
    card = f"action:{asked.key}"
    change = Change(act="check", by=DANA, at=AT, requests=(asked,), cards=(card,))
    assert isinstance(ledger.keep(change), Kept)
    started = ledger.start_action(asked.key, clock.now())
    assert started is not None
    move = ActionMove(key=asked.key, seen_fence=started.fence, to=ActionState.DONE, result=RESULT)
    ended = Change(act="checked", by=DANA, at=AT, actions=(move,), cards=(card,))
    assert isinstance(ledger.keep(ended), Kept)
    return card
