"""A release is watched after its last step: quiet while it is well, loud once when it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.effects.ledger.sql_ledger import open_ledger
from bot.release.catalog import Catalog
from bot.release.membership import no_answer
from bot.release.records import ActionState
from bot.release.refusal import Code, Refusal
from bot.release.timers import TimerState
from bot.release.watch_calls import looks_of
from bot.release.watch_plan import WatchPlan
from bot.release.watching import Call, Word
from bot.slack.calling import call_people
from bot.slack.views import draw
from bot.steps import Fetch, Fetched, Request, Response
from bot.work.expiring import expire_snapshots
from bot.work.watch_minutes import tend_watches
from tests.fakes.http_probe import FakeProbe
from tests.talk.conftest import CATALOG, Talk, text

PLAN = WatchPlan(looks=30, every_s=60, cold_min=5)
MARKER = "Signed in as account A"


class Pages(FakeProbe):
    """Pages whose pace, cache and words the test sets; a key that nobody asked for is a miss."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.010
        self.cache = "HIT"
        self.body = "a page"
        self.keyed = True
        self.released = False
        self.leaks = False
        self.cache_control = "public, max-age=60"
        self.on_look: Callable[[], object] = lambda: None
        self._known: set[str] = set()

    def fetch(self, wish: Fetch, **options: Any) -> Fetched:
        """Answer as set."""
        self.on_look()
        seen = super().fetch(wish, **options)
        return Fetched(responses=tuple(map(self._as_set, seen.responses)))

    def _as_set(self, answer: Response) -> Response:
        path, mine = answer.request.path, answer.request.account is not None
        if not answer.sent or not self._is_mine(answer.request):
            return answer
        shows = mine or (self.leaks and "-w" in path)
        seconds = 0.010 if path == "/about" else self.seconds
        return replace(answer, seconds=seconds, body=MARKER if shows else self.body)

    def _is_mine(self, request: Request) -> bool:
        """Until the release is out a page is what its purge makes of it."""
        return self.released or request.account is not None or "__crc" in request.path

    def _headers(self, request: Request, at: float) -> tuple[tuple[str, str], ...]:
        if not self._is_mine(request):
            return super()._headers(request, at)
        path, mine = request.path, request.account is not None
        new = "__crc" in path and self.keyed and path not in self._known
        self._known.add(path)
        return (
            ("Cache-Control", "private, no-store" if mine else self.cache_control),
            ("X-Cache", "MISS" if mine or new else self.cache),
            ("Vary", "Cookie"),
        )


class Watched(Talk):
    """A talk about a release that was walked to its end."""

    web: Pages

    def minutes(self, many: int = 1) -> None:
        """Let so many minutes pass; in each the clock comes by, and the workers work."""
        for _ in range(many):
            waiting = [row for row in self.story().timers if row.state is TimerState.ARMED]
            self.clock.at = waiting[0].due_at if waiting else self.clock.at
            self.tick()

    def tick(self, *, work: bool = True) -> None:
        """Let the clock come by."""
        tend_watches(self.tools, self.clock.now())
        if work:
            self.work()

    def words(self) -> list[str]:
        """Return what the looks were called, in order."""
        return [str(look.word) for look in looks_of(self.story())]

    def calls(self) -> list[Call]:
        """Return what was called for, in order."""
        return [look.call for look in looks_of(self.story()) if look.call is not None]

    def shows(self, card: str) -> str:
        """Return a message as it would be sent, as text."""
        drawn = draw(card, self.ledger, self.tools.catalog)
        assert drawn is not None
        return f"{drawn.text} {drawn.blocks}"

    def sent(self) -> list[str]:
        """Return the messages that are due, settling each as sent."""
        names: list[str] = []
        while due := self.ledger.due_cards(self.clock.now(), 50, "test", 60):
            for row in due:
                names.append(row.card)
                call_people(row.card, self.ledger, self.tools.catalog, no_answer, self.clock.at)
                self.ledger.card_sent(row.id, row.card, "C01REL", row.card, "d", self.clock.at)
        return names

    def finished(self) -> None:
        """Walk a release to the end of its checklist."""
        self.redis.put("anp:page:/products/1", "old")
        self.until_purged()
        self.say("run R-1 4")
        self.say("approve R-1 4", "U02APPROVER")
        self.say("skip R-1 5 not needed", "U02APPROVER")
        self.web.released = True


def _talk(sqlite_url: str, tmp_path: Path, **app: Any) -> Iterator[Watched]:
    ledger = open_ledger(sqlite_url)
    shop: Mapping[str, Any] = CATALOG["apps"]["shop"]  # type: ignore[index]
    products = {**shop["routes"]["products"], "personalised": True, "control": "/about"}
    catalog = {
        **CATALOG,
        "apps": {
            "shop": {
                **shop,
                "routes": {**shop["routes"], "products": products},
                "accounts": {"a": {"cookie": "env:A", "marker": MARKER}},
                **app,
            }
        },
    }
    yield Watched(ledger, tmp_path, Catalog.model_validate(catalog), watch=PLAN, web=Pages())
    ledger.close()


@pytest.fixture
def talk(sqlite_url: str, tmp_path: Path) -> Iterator[Watched]:
    """Return a talk whose releases are watched, advice only."""
    yield from _talk(sqlite_url, tmp_path)


@pytest.fixture
def rolling(sqlite_url: str, tmp_path: Path) -> Iterator[Watched]:
    """Return a talk whose releases roll themselves back."""
    yield from _talk(sqlite_url, tmp_path, auto_rollback=True)


def test_thirty_looks_that_are_ok_end_the_release_with_one_sentence(talk: Watched) -> None:
    talk.finished()
    assert talk.story().release.state == "watching"
    talk.minutes(29)
    assert talk.story().release.state == "watching"
    talk.minutes()
    talk.tick()
    story = talk.story()
    assert (story.release.state, talk.words(), talk.calls()) == ("done", ["OK"] * 30, [])
    assert story.release.ended_at is not None
    assert "R-1 is done: watched, 30 of 30 looks OK; 1 key purged, it can still" in talk.shows(
        "end:1"
    )
    assert "Watch over · 30 of 30 looks OK" in talk.shows("watch:1")
    assert "Stop watching" not in talk.shows("watch:1")


def test_the_card_says_the_last_look_what_is_left_and_offers_both_buttons(talk: Watched) -> None:
    talk.finished()
    assert "The first look is still to come." in talk.shows("watch:1")
    talk.minutes(2)
    shown = talk.shows("watch:1")
    assert "R-1: Watched after the release · look 2 of 30. Last look: OK. /products: 5" in shown
    assert "hits ██ 100%" in shown
    assert "28 looks left" in shown
    assert "Stop watching" in shown
    assert '"verb":"rollback"' in shown


def test_not_sure_twice_in_a_row_asks_the_owner_once(talk: Watched) -> None:
    talk.finished()
    talk.minutes(6)
    talk.sent()
    talk.web.cache = "MISS"
    talk.minutes()
    assert [card for card in talk.sent() if card.startswith(("page", "dm"))] == []
    talk.minutes(3)
    assert talk.words()[6:] == ["NOT SURE"] * 4
    assert talk.calls() == [Call.ASK]
    assert [card for card in talk.sent() if card.startswith(("page", "dm"))] == ["page:1:8"]
    shown = talk.shows("page:1:8")
    assert (
        "<@U01OWNER> R-1 on shop PRODUCTION: NOT SURE, twice in a row. /products: 1 page" in shown
    )
    assert "Please look at the pages" in shown


def test_one_bad_look_between_good_ones_calls_nobody(talk: Watched) -> None:
    talk.finished()
    talk.minutes(6)
    for seconds in (0.400, 0.010, 0.400, 0.010):
        talk.web.seconds = seconds
        talk.minutes()
    assert talk.words()[6:] == ["SLOWER", "OK", "SLOWER", "OK"]
    assert talk.calls() == []


def test_slower_twice_in_a_row_pages_those_on_call_once_in_the_thread_and_directly(
    talk: Watched,
) -> None:
    talk.finished()
    talk.minutes(6)
    talk.sent()
    talk.web.seconds = 0.400
    talk.minutes(4)
    assert talk.words()[6:] == ["SLOWER"] * 4
    assert talk.calls() == [Call.PAGE]
    called = [card for card in talk.sent() if card.startswith(("page", "notice:call:1:look"))]
    assert called == ["page:1:8", "notice:call:1:look:0:8:U03ONCALL"]
    for card, start in ((called[0], "<@U03ONCALL> R-1 on shop"), (called[1], "R-1 on shop")):
        shown = talk.shows(card)
        assert shown.startswith(
            f"{start} PRODUCTION: SLOWER, twice in a row. "
            "/products: The pages take 400 ms now, 10 ms before the purge. "
            "The bot changed nothing"
        )
        assert '"verb":"rollback"' in shown
    assert talk.story().release.state == "watching"


def test_those_on_call_are_paged_again_only_after_it_was_well_in_between(talk: Watched) -> None:
    talk.finished()
    talk.minutes(6)
    talk.web.seconds = 0.400
    talk.minutes(5)
    talk.web.seconds = 0.010
    talk.minutes()
    talk.web.seconds = 0.400
    talk.minutes(3)
    numbers = [look.number for look in looks_of(talk.story()) if look.call is Call.PAGE]
    assert numbers == [8, 14]


def test_a_page_that_is_asked_about_and_then_slower_is_paged_too(talk: Watched) -> None:
    talk.finished()
    talk.minutes(6)
    talk.web.cache = "MISS"
    talk.minutes(2)
    talk.web.seconds = 0.400
    talk.minutes(2)
    assert talk.calls() == [Call.ASK, Call.PAGE]


def test_a_leak_twice_in_a_row_pages_even_in_the_first_minutes(talk: Watched) -> None:
    talk.finished()
    talk.web.leaks = True
    talk.minutes(2)
    assert talk.words() == ["LEAK", "LEAK"]
    assert talk.calls() == [Call.PAGE]
    said = "/products: an anonymous visitor got the page of account a."
    assert "notice:call:1:look:0:2:U03ONCALL" in talk.sent()
    assert said in talk.shows("notice:call:1:look:0:2:U03ONCALL")


def test_the_account_is_never_sent_where_the_query_is_no_part_of_the_key(talk: Watched) -> None:
    talk.finished()
    talk.web.leaks, talk.web.keyed = True, False
    talk.minutes(2)
    assert talk.words() == ["OK", "OK"]


def test_an_anonymous_visitor_who_gets_an_accounts_page_is_a_leak(talk: Watched) -> None:
    talk.finished()
    talk.web.body = MARKER
    talk.minutes()
    assert talk.words() == ["LEAK"]


def test_minutes_in_which_the_cache_still_refills_do_not_count(talk: Watched) -> None:
    talk.finished()
    talk.web.cache, talk.web.seconds = "MISS", 0.400
    talk.minutes(4)
    assert talk.words() == ["still cold"] * 4
    assert talk.calls() == []
    talk.minutes(3)
    assert talk.words()[4:] == ["SLOWER"] * 3
    assert talk.calls() == [Call.PAGE]


def test_pages_that_fail_are_paged_and_one_failure_is_only_asked_about(talk: Watched) -> None:
    talk.finished()
    talk.minutes()
    talk.web.status = 503
    talk.minutes(2)
    assert talk.words() == ["OK", "FAILING", "FAILING"]
    assert talk.calls() == [Call.PAGE]
    assert "5 of 5 requests failed: /products answered 503." in talk.shows("page:1:3")


def test_a_header_that_changes_during_the_watch_is_not_sure(talk: Watched) -> None:
    talk.finished()
    talk.minutes()
    talk.web.cache_control = "public, max-age=5"
    talk.minutes()
    look = looks_of(talk.story())[-1]
    assert look.word is Word.UNSURE
    assert look.evidence == (
        "/products: Cache-Control is public, max-age=5 now, it was public, max-age=60."
    )


def test_a_rollback_that_is_pressed_during_a_look_starts_at_once_and_ends_the_watch(
    talk: Watched,
) -> None:
    talk.finished()
    talk.minutes(3)
    talk.web.on_look = lambda: talk.say("rollback R-1", "U03ONCALL", work=False)
    talk.minutes()
    story = talk.story()
    assert story.release.state == "rolled_back"
    assert talk.words() == ["OK"] * 3
    assert {row.state for row in story.timers[3:]} == {TimerState.CANCELLED}
    assert "Watch ended by the rollback · 3 of 3 looks OK" in talk.shows("watch:1")
    asked = len(talk.web.asked)
    talk.clock.at += timedelta(minutes=5)
    talk.tick()
    assert len(talk.web.asked) == asked


def test_the_look_runs_beside_the_releases_own_work(talk: Watched) -> None:
    talk.finished()
    talk.clock.at = talk.story().timers[0].due_at
    talk.tick(work=False)
    look = talk.ledger.action("watch:1:1")
    assert look is not None
    talk.say("rollback R-1", "U03ONCALL", work=False)
    rollback = talk.story().actions[-1]
    assert rollback.kind == "rollback"
    assert look.partition != rollback.partition
    talk.queue.keys.reverse()
    talk.work()
    assert talk.story().release.state == "rolled_back"
    assert talk.words() == []


def test_two_clocks_make_one_look(talk: Watched) -> None:
    talk.finished()
    talk.clock.at = talk.story().timers[0].due_at
    at = talk.clock.now()
    tend_watches(talk.tools, at)
    tend_watches(talk.tools, at)
    assert talk.queue.keys == ["watch:1:1"]
    talk.work()
    tend_watches(talk.tools, at)
    assert talk.queue.keys == []
    assert talk.words() == ["OK"]


def test_minutes_without_a_clock_are_missed_and_not_made_up_for(talk: Watched) -> None:
    talk.finished()
    talk.minutes(2)
    asked = len(talk.web.asked)
    talk.clock.at = talk.story().timers[11].due_at
    talk.tick()
    states = [row.state for row in talk.story().timers]
    assert states[2:11] == [TimerState.MISSED] * 9
    assert states[11] is TimerState.DONE
    assert len(talk.web.asked) - asked == 14
    assert "  9  missed" in talk.shows("watch:1")


def test_a_look_whose_worker_comes_after_the_next_minute_is_missed(talk: Watched) -> None:
    talk.finished()
    for number in (0, 1, 2):
        talk.clock.at = talk.story().timers[number].due_at
        talk.tick(work=False)
    talk.work()
    states = [row.state for row in talk.story().timers[:3]]
    assert states == [TimerState.MISSED, TimerState.MISSED, TimerState.DONE]
    assert talk.words() == ["OK"]


def test_a_watch_that_ended_while_no_clock_ran_ends_the_release(talk: Watched) -> None:
    talk.finished()
    talk.minutes(2)
    talk.clock.at += timedelta(hours=2)
    talk.tick()
    talk.tick()
    assert talk.story().release.state == "done"
    assert "2 of 2 looks OK, 28 missed" in talk.shows("end:1")


def test_stop_watching_ends_the_release(talk: Watched) -> None:
    talk.finished()
    talk.minutes(2)
    with pytest.raises(Refusal) as refused:
        talk.say("unwatch R-1", "U09GUEST")
    assert refused.value.code is Code.NOT_ALLOWED
    assert text(talk.say("unwatch R-1", "U03ONCALL")) == "R-1 is done; it is watched no more."
    assert talk.story().release.state == "done"
    assert "Watch stopped after 2 looks · 2 of 2 looks OK" in talk.shows("watch:1")
    with pytest.raises(Refusal) as again:
        talk.say("unwatch R-1", "U03ONCALL")
    assert again.value.code is Code.NOT_NOW


def test_a_release_holds_its_routes_while_it_is_watched(talk: Watched) -> None:
    talk.finished()
    with pytest.raises(Refusal) as refused:
        talk.say("start shop products Second")
    assert refused.value.code is Code.SCOPE_BUSY
    talk.say("unwatch R-1")
    talk.say("start shop products Second")
    assert talk.story(2).release.state == "open"


def test_a_release_of_which_nothing_was_done_is_not_watched(talk: Watched) -> None:
    talk.say("start shop products First")
    for number in range(1, 6):
        talk.say(f"skip R-1 {number} not needed", "U02APPROVER")
    assert talk.story().release.state == "done"
    assert talk.story().timers == ()


def test_the_snapshot_and_its_large_keys_are_kept_while_the_release_is_watched(
    talk: Watched,
) -> None:
    talk.finished()
    (row,) = talk.story().snapshots
    late = row.expires_at + timedelta(minutes=1)

    def expire() -> tuple[str, ...]:
        expire_snapshots(talk.ledger, talk.snapshots, lambda *_: talk.redis, late)
        return talk.snapshots.ids()

    assert expire() == (row.id,)
    talk.say("unwatch R-1")
    assert expire() == ()


def test_a_release_that_may_roll_itself_back_does_so_once(rolling: Watched) -> None:
    talk = rolling
    talk.finished()
    talk.minutes(6)
    talk.web.seconds = 0.400
    talk.minutes(2)
    assert talk.calls() == [Call.PAGE]
    assert "The bot rolls back by itself" in talk.shows("page:1:8")
    talk.tick()
    story = talk.story()
    assert story.release.state == "rolled_back"
    (rollback,) = [row for row in story.actions if row.kind == "rollback"]
    assert (rollback.asked_by, rollback.state) == ("cache-release", ActionState.DONE)
    asked = [row for row in talk.ledger.audit(1) if row.act == "rollback"]
    assert [(row.by, row.body["door"]) for row in asked] == [("cache-release", "watch")]
    assert talk.redis.keys.keys() == {b"anp:page:/products/1"}
    for _ in range(3):
        talk.clock.at += timedelta(minutes=1)
        talk.tick()
    assert len([row for row in talk.story().actions if row.kind == "rollback"]) == 1
    assert "already rolled back: started by the bot itself" in text(
        talk.say("rollback R-1", "U03ONCALL")
    )


def test_a_trigger_older_than_twenty_minutes_rolls_nothing_back(rolling: Watched) -> None:
    talk = rolling
    talk.finished()
    talk.minutes(6)
    talk.web.seconds = 0.400
    talk.minutes(1)
    talk.clock.at = talk.story().timers[7].due_at
    talk.tick(work=False)
    talk.work()
    assert talk.calls() == [Call.PAGE]
    talk.clock.at += timedelta(minutes=20)
    talk.tick(work=False)
    assert talk.story().release.state == "watching"


def test_what_is_not_sure_never_rolls_back_by_itself(rolling: Watched) -> None:
    talk = rolling
    talk.finished()
    talk.minutes(6)
    talk.web.cache = "MISS"
    talk.minutes(4)
    assert talk.calls() == [Call.ASK]
    assert talk.story().release.state == "watching"


def test_a_rollback_that_failed_is_not_tried_again_by_the_bot(rolling: Watched) -> None:
    talk = rolling
    talk.finished()
    talk.minutes(6)
    talk.web.seconds = 0.400
    talk.hook_log.parent.joinpath("deploy.sh").write_text("#!/bin/sh\nexit 3\n")
    talk.minutes(2)
    talk.tick()
    assert talk.story().release.state == "rollback_failed"
    for _ in range(3):
        talk.clock.at += timedelta(minutes=1)
        talk.tick()
    assert len([row for row in talk.story().actions if row.kind == "rollback"]) == 1
