"""Every message and dialog of the bot, drawn from one text that stands wherever people and Redis may write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from bot.commands import Choice, Form, FormField, Said
from bot.release.notices import Notice
from bot.release.offers import Offer
from bot.release.open_places import PlaceNow
from bot.release.people import Person
from bot.release.plan import PatternCount, Plan, TtlSpread
from bot.release.records import (
    Action,
    ActionKind,
    ActionState,
    Outcome,
    StepLine,
    Story,
    Verdict,
    Waiver,
)
from bot.release.refusal import Code, Refusal
from bot.release.states import ReleaseState, StepState
from bot.slack.forms import Place, form_view
from bot.slack.views import draw
from bot.slack.views.answer import notice_view, refusal_card, said_card
from bot.slack.views.blocks import Block, Card
from bot.slack.views.home import Around, home_view
from bot.slack.views.offers import notice_card
from bot.slack.views.wording import clamp, escape
from tests.slack.stories import (
    AT,
    CATALOG,
    NICO,
    OLGA,
    a_lock,
    a_release,
    a_snapshot,
    a_step,
    a_story,
    approved,
)

MOST_PATTERNS = 40
NOT_A_STEP = frozenset({ActionKind.PREVIEW, ActionKind.HEADERS, ActionKind.CHECK})


class OneStory:
    """A ledger that holds one release, or one action, or one notice."""

    def __init__(
        self, story: Story | None = None, action: Action | None = None, told: Notice | None = None
    ) -> None:
        self._story, self._action, self._told = story, action, told

    def story(self, release_id: int) -> Story | None:
        """Return it, whatever the number."""
        return self._story

    def action(self, key: str) -> Action | None:
        """Return it, whatever the key."""
        return self._action

    def notice(self, key: str) -> Notice | None:
        """Return it, whatever the key."""
        return self._told


def a_plan(text: str) -> Plan:
    """Return a plan of many patterns, keys and neighbours of that name."""
    pattern = PatternCount(
        pattern=text,
        keys=10**9,
        bytes=10**12,
        ttl=TtlSpread(no_expiry=4, under_hour=1200),
        sample=(text,) * 5,
        neighbours=(text,) * 5,
    )
    return Plan(
        app="shop",
        environment="production",
        routes=("products",),
        patterns=(pattern,) * MOST_PATTERNS,
        database_keys=2 * 10**9,
    )


def stories(text: str) -> Iterator[tuple[str, Story]]:
    """Yield a release in each state, with each step in each state."""
    for state in ReleaseState:
        for step_state in StepState:
            for number in (1, 3, 4):
                yield f"{state} {number} {step_state}", _story(text, state, number, step_state)


def _story(text: str, state: ReleaseState, number: int, step_state: StepState) -> Story:
    judged = step_state in {StepState.JUDGED, StepState.DONE, StepState.ACTING}
    verdict = Verdict(outcome=Outcome.FAIL, evidence=text, actual=text) if judged else None
    plan = a_plan(text) if number == 3 and judged else None
    step = _worded(a_step(number, step_state), text)
    step = replace(
        step,
        verdict=verdict,
        reason=text,
        plan=None if plan is None else asdict(plan),
        plan_hash=None if plan is None else plan.hash,
    )
    release = a_release(state=state, title=text, previous=text, owner=f"terminal:{text}")
    story = a_story(step, release=release)
    return replace(
        story,
        steps=tuple(line if line is step else _worded(line, text) for line in story.steps),
        approvals=() if plan is None else (approved(plan_hash=plan.hash),),
        actions=tuple(_actions(text, state, number)),
        snapshots=(a_snapshot(),),
        lock=a_lock(text),
        waiver=Waiver(release_id=42, by=OLGA, at=AT, reason=text),
    )


def _worded(step: StepLine, text: str) -> StepLine:
    return replace(step, title=text, expected=text, rollback_note=text, owner=f"terminal:{text}")


def _actions(text: str, state: ReleaseState, number: int) -> Iterator[Action]:
    told = {"failed": text, "error": text, "evidence": text, "outcome": "fail"}
    ends = {
        ReleaseState.ROLLED_BACK: ActionState.DONE,
        ReleaseState.ROLLBACK_FAILED: ActionState.FAILED,
    }
    yield an_action(ActionKind.PURGE, ActionState.FAILED, text, step=3, result=told)
    if state in {*ends, ReleaseState.ROLLING_BACK}:
        ended = ends.get(state, ActionState.RUNNING)
        counted = {"restored": 1204, "expected": 1204, "seconds": 4.1}
        result = counted if ended is ActionState.DONE else told
        yield an_action(ActionKind.ROLLBACK, ended, text, result=result)


def an_action(kind: ActionKind, state: ActionState, text: str, **parts: Any) -> Action:
    """Return work that somebody with such a name asked for."""
    args = {"app": "shop", "environment": "production", "routes": ["products"]}
    plain = Action(
        key=f"{kind}:42",
        kind=kind,
        partition="p",
        release_id=42,
        step=None,
        args={"cold": False, "deploy": True, **args},
        channel="C01REL",
        asked_by=f"terminal:{text}",
        asked_at=AT,
        state=state,
        started_at=AT,
        ended_at=AT,
    )
    return replace(plain, **parts)


def cards(text: str, part: slice = slice(None)) -> Iterator[tuple[str, Card]]:
    """Yield every message about a release, of all stories or a part, each with a name for where it fails."""
    for what, story in list(stories(text))[part]:
        names = ["root:42", "rollback:42", "end:42", *(f"step:42:{n}" for n in range(1, 6))]
        for name in names:
            drawn = draw(name, OneStory(story), CATALOG, lambda _: text)
            if drawn is not None:
                yield f"{name} {what}", drawn


def lone_cards(text: str) -> Iterator[tuple[str, Card]]:
    """Yield every message that is not about one release."""
    told = {"failed": text, "evidence": text, "actual": text, "outcome": "fail", "numbers": {}}
    for state in ActionState:
        for kind in sorted(NOT_A_STEP):
            action = an_action(kind, state, text, release_id=None, result=told)
            drawn = draw(f"action:{action.key}", OneStory(action=action), CATALOG, lambda _: text)
            if drawn is not None:
                yield f"{kind} {state}", drawn
    lines = (text,) * 30
    offers = (Offer(label="Where it stands", verb="status", release=42),) * 12
    notice = Notice(key="k", to=NICO, text=text, at=AT, about=42, lines=lines, offers=offers)
    yield "notice", notice_card(notice, "https://slack.example/archives/C1/p1")
    yield "said", said_card(Said(text=text, lines=lines))
    refusal = Refusal(code=Code.NOT_NOW, failed=text, expected=text, retry_is_safe=True)
    yield "refusal", refusal_card(refusal)


def views(text: str) -> Iterator[tuple[str, str, Block]]:
    """Yield every dialog and home tab with its surface."""
    kept = [
        replace(story, release=replace(story.release, id=number))
        for number, (_, story) in enumerate(stories(text), start=1)
    ]
    at = AT + timedelta(hours=1)
    stopped = PlaceNow(
        app="shop",
        environment="production",
        free=(),
        routes=2,
        busy=(),
        stopped="locked",
        until=at,
        why=text,
        by=NICO,
    )
    around = Around(places=(stopped,) * 20)
    for start in range(0, len(kept), 24):
        drawn = home_view(
            kept[start : start + 24], around, CATALOG, lambda _: text, who=Person(id=OLGA), at=at
        )
        yield f"home {start}", "home", drawn
    yield "told", "modal", notice_view(text, clamp(escape(text), 2800))
    yield "form", "modal", form_view(a_form(text), Place(channel="C01REL"))


def a_form(text: str) -> Form:
    """Return a form with every kind of field."""
    many = tuple(Choice(value=f"v{n}", label=text) for n in range(120))
    return Form(
        verb="start",
        title=text,
        submit=text,
        fields=(
            FormField(name="line", kind="text", label=text, hint=text, value=text),
            FormField(name="lines", kind="long_text", label=text, value=text, max_length=3000),
            FormField(name="one", kind="choice", label=text, choices=many),
            FormField(name="some", kind="choices", label=text, choices=many),
            FormField(name="who", kind="person", label=text, value=NICO),
        ),
    )


Look = Callable[[str], Iterator[tuple[str, Card]]]
LOOKS: Mapping[str, Look] = {"release": cards, "lone": lone_cards}
