"""A whole round through the door: a person acts in the sandbox, a tiny command answers."""

from __future__ import annotations

import re
import socketserver
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
from slack_bolt import App, BoltRequest, BoltResponse
from slack_sdk import WebClient

from bot.commands import Ask, Choice, Form, FormErrors, FormField, Reply, Said
from bot.release.rates import Rates
from bot.release.records import Change, Lock, Release, Story
from bot.release.refusal import Code, Refusal
from bot.release.states import StepState
from bot.sandbox.slack.server import SandboxSlack
from bot.slack.door import (
    Behind,
    build_bolt_app,
    listening_client,
    start_socket_mode,
    wsgi_app,
)
from bot.slack.people import People
from bot.slack.rates import RateLimits
from bot.slack.views.blocks import Card, Press, actions, button, section
from tests.fakes.memberships import FakeMemberships
from tests.slack.conftest import sandbox
from tests.slack.reading import texts
from tests.slack.stories import ARI, AT, CATALOG, DANA, OLGA, a_lock, a_release, a_step, a_story

CHANNEL = "C01REL"
DEADLINE_S = 8.0


class Ledger:
    """One live release, whose root stands wherever the test put it."""

    root: tuple[str, str] | None = None

    def release_in_thread(self, channel: str, thread_ts: str) -> int | None:
        return 42 if (channel, thread_ts) == self.root else None

    def message(self, card: str) -> tuple[str, str] | None:
        return self.root

    def card_at(self, channel: str, ts: str) -> str | None:
        return "step:42:2" if (channel, ts) == self.root else None

    def action(self, key: str) -> None:
        return None

    def notice(self, key: str) -> None:
        return None

    def releases(self, **_: Any) -> tuple[Release, ...]:
        return (a_release(),)

    def story(self, release_id: int) -> Story | None:
        return a_story(a_step(2, StepState.READY))

    def locks(self) -> tuple[Lock, ...]:
        return (a_lock(),)


@dataclass
class Commands:
    """Answers by verb, and remembers what was asked."""

    asks: list[Ask] = field(default_factory=list)

    def run(self, ask: Ask) -> Reply:
        """Carry out an ask."""
        self.asks.append(ask)
        match ask.verb:
            case "skip" if "reason" not in ask.fields:
                return FORM
            case "skip" if len(ask.fields["reason"]) < 5:
                return FormErrors(errors={"reason": "Say why, in a few words."})
            case "no":
                raise Refusal(
                    code=Code.LOCKED,
                    failed=f"The app is locked by <@{OLGA}>: <!channel>.",
                    expected="an unlocked app.",
                    retry_is_safe=True,
                )
            case "boom":
                raise ZeroDivisionError("secret detail")
            case "slow":
                time.sleep(2.3)
            case "owner":
                time.sleep(1.2)
                return FORM
            case "pause":
                raise Refusal(
                    code=Code.MOVED_ON,
                    failed=f"Step 2 moved on: already run by <@{ARI}>.",
                    expected="the card as it is now.",
                    retry_is_safe=True,
                )
        if ask.fields.get("reason") == "locked now":
            raise Refusal(code=Code.LOCKED, failed="Locked.", expected="none.", retry_is_safe=True)
        return Said(text=f"Did {ask.verb}.", lines=("one", "two"))


FORM = Form(
    verb="skip",
    title="Skip step 2",
    submit="Skip step",
    fields=(
        FormField(name="reason", label="Why?", kind="long_text", max_length=300),
        FormField(
            name="routes",
            label="Routes",
            kind="choices",
            choices=(Choice(value="a", label="A"), Choice(value="b", label="B")),
            optional=True,
        ),
    ),
    carry={"release": "42", "step": "2", "seen": "3"},
)


class QuietHandler(WSGIRequestHandler):
    """A handler that logs nothing."""

    def log_message(self, format: str, *args: object) -> None:
        return None


class ThreadingServer(socketserver.ThreadingMixIn, WSGIServer):
    """A web server for the HTTP door."""

    daemon_threads = True


class World:
    """A sandbox Slack with the door open in one of its two ways."""

    def __init__(self, slack: SandboxSlack, ledger: Ledger, commands: Commands) -> None:
        self.slack, self.ledger, self.commands = slack, ledger, commands
        self.refused: list[Change] = []
        self.limits = RateLimits(Rates(), time.monotonic)
        self.copies = FakeMemberships()
        self.client = WebClient(token=slack.workspace.bot_token, base_url=slack.api_url)
        self.app = self.fresh_app()

    def fresh_app(self) -> App:
        """Return the door of a process that has just started."""
        client = listening_client(self.slack.workspace.bot_token, self.slack.api_url)
        behind = Behind(
            run=self.commands.run,
            people=People(client, CATALOG, lambda: datetime.now(UTC), self.copies),
            ledger=self.ledger,
            catalog=CATALOG,
            now=lambda: AT,
            on_refused=self.refused.append,
            admit=self._admit,
        )
        secret = self.slack.workspace.signing_secret
        return build_bolt_app(behind, client=client, signing_secret=secret)

    def _admit(self, user: str, verb: str, release: int | None) -> None:
        self.limits.admit(user, verb, release)

    def dispatch(self, body: dict[str, Any]) -> BoltResponse:
        """Hand a payload to the app as Socket Mode would."""
        return self.app.dispatch(BoltRequest(body=body, mode="socket_mode"))

    def act(self, who: str, **act: Any) -> dict[str, Any]:
        return self.slack.act(who, **act)

    def types(self, text: str, who: str = OLGA, channel: str = CHANNEL) -> dict[str, Any]:
        line = f"/cache-release {text}"
        return self.act(who, do="command", channel=channel, text=line, thread_ts=None)

    def says(self, text: str, thread: str | None, who: str = OLGA) -> dict[str, Any]:
        return self.act(who, do="message", channel=CHANNEL, text=text, thread_ts=thread)

    def has_group(self, members: tuple[str, ...]) -> bool:
        """Return whether these are in the approvers' group, as the door knows it."""
        kept = self.copies.membership("S01CACHE")
        return kept is not None and kept.people == frozenset(members)

    def told(self, who: str = OLGA, channel: str = CHANNEL) -> list[dict[str, Any]]:
        """Return what only this person was told."""
        seen = self.slack.state(who)["messages"][channel]
        return [message for message in seen if message["ephemeral"]]

    def hears(self, text: str, who: str = OLGA) -> dict[str, Any]:
        """Wait until this person was told a text that starts so."""
        found: dict[str, Any] = self.waits(
            lambda: next((m for m in self.told(who) if m["text"].startswith(text)), None), text
        )
        return found

    def waits(self, look: Any, what: str) -> Any:
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            found = look()
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError(f"{what!r} did not come; told: {[m['text'] for m in self.told()]}")

    def posts(self, *presses: Press, thread: str | None = None) -> str:
        """Post a card with buttons and return its timestamp."""
        row = [button(f"Do {n}", press, name=f"b{n}") for n, press in enumerate(presses)]
        card = Card(text="A card.", blocks=(section("A card."), actions("row", row) or {}))
        sent = self.client.chat_postMessage(
            channel=CHANNEL, text=card.text, blocks=list(card.blocks), thread_ts=thread
        )
        return str(sent["ts"])

    def presses(self, ts: str, number: int, press: Press, who: str = OLGA) -> dict[str, Any]:
        return self.act(
            who,
            do="press",
            channel=CHANNEL,
            ts=ts,
            block_id="row",
            action_id=f"b{number}",
            element={"type": "button", "value": press.value},
        )

    def modal(self, who: str = OLGA) -> dict[str, Any]:
        found: dict[str, Any] = self.waits(lambda: self.slack.state(who)["modal"], "a dialog")
        return found

    def submits(self, reason: str, who: str = OLGA) -> dict[str, Any]:
        view = self.modal(who)["view"]
        values = {"reason": {"value": {"type": "plain_text_input", "value": reason}}}
        return self.act(who, do="submit", view_id=view["id"], values=values)

    @property
    def last(self) -> Ask:
        return self.commands.asks[-1]


@pytest.fixture(scope="module", params=["socket mode", "http"])
def opened(request: pytest.FixtureRequest) -> Iterator[World]:
    ledger, commands = Ledger(), Commands()
    server = ThreadingServer(("127.0.0.1", 0), QuietHandler)
    http = request.param == "http"
    url = f"http://127.0.0.1:{server.server_port}/slack/events" if http else None
    slack = sandbox(url)
    slack.start()
    world = World(slack, ledger, commands)
    if http:
        secret = slack.workspace.signing_secret
        web = wsgi_app(world.app, signing_secret=secret, healthy=lambda: None, ready=lambda: None)
        server.set_app(web)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield world
        server.shutdown()
    else:
        handler = start_socket_mode(world.app, slack.workspace.app_token)
        yield world
        handler.close()  # type: ignore[no-untyped-call]
    server.server_close()
    slack.stop()


@pytest.fixture
def world(opened: World) -> World:
    opened.commands.asks.clear()
    opened.ledger.root = None
    return opened


def test_a_command_becomes_an_ask_and_its_answer_is_for_the_asker_alone(world: World) -> None:
    world.types('start shop products "New price table" --previous v1')
    told = world.hears("Did start.")
    assert texts(told["blocks"]) == ["Did start.", "one\ntwo"]
    ask = world.last
    assert (ask.verb, ask.who.id, ask.at, ask.door) == ("start", OLGA, AT, "slack command")
    assert ask.channel == CHANNEL
    assert ask.words == ("shop", "products", "New price table")
    assert ask.fields == {"previous": "v1"}
    assert world.told(DANA) == []


def test_a_command_works_where_the_bot_is_no_member(world: World) -> None:
    world.types("history", channel="C02RANDOM")
    world.waits(
        lambda: [m for m in world.told(channel="C02RANDOM") if m["text"] == "Did history."],
        "an answer",
    )


def test_the_asker_comes_with_the_groups_the_catalog_names(world: World) -> None:
    world.types("approve R-42", ARI)
    world.hears("Did approve.", ARI)
    assert (world.last.who.id, world.last.who.groups) == (ARI, frozenset({"S01CACHE"}))
    assert world.last.release == 42


def test_a_guest_is_refused_before_anything_runs(world: World) -> None:
    world.types("status", "U05GUEST")
    told = world.hears("Not allowed: this account is a guest.", "U05GUEST")
    assert told["text"] == (
        "Not allowed: this account is a guest. Nothing was changed. "
        "Expected: a full member of this workspace. Retry is safe."
    )
    assert world.commands.asks == []


def test_a_refused_person_is_kept_in_the_audit_with_what_they_asked_for(world: World) -> None:
    world.refused.clear()
    world.types("approve R-42", "U05GUEST")
    world.hears("Not allowed: this account is a guest.", "U05GUEST")
    (kept,) = world.refused
    assert (kept.act, kept.by, kept.release_id) == ("refused", "U05GUEST", 42)
    assert kept.body == {
        "verb": "approve",
        "release": 42,
        "step": None,
        "failed": "Not allowed: this account is a guest. Nothing was changed.",
        "expected": "a full member of this workspace.",
    }


def test_whoever_asks_too_often_is_told_so_and_may_still_roll_back(world: World) -> None:
    world.limits = RateLimits(Rates(asks=2, clicks=100, rollbacks=100), lambda: 0.0)
    try:
        for verb in ("status", "history", "status"):
            world.types(f"{verb} R-42", "U01ADMIN")
        told = world.waits(
            lambda: next((m for m in world.told("U01ADMIN") if "too often" in m["text"]), None),
            "a no",
        )
        world.types("rollback R-42", "U01ADMIN")
        world.hears("Did rollback.", "U01ADMIN")
    finally:
        world.limits = RateLimits(Rates(), time.monotonic)
    assert told["text"] == (
        "Not done: you ask too often. Nothing was changed. Expected: at most 2 a minute; try again in 30 s. "
        "A rollback has a limit of its own, which this does not touch. Retry is safe."
    )
    assert sorted(ask.verb for ask in world.commands.asks)[1] == "rollback"
    assert len(world.commands.asks) == 3


def test_a_refusal_that_is_not_about_the_person_is_no_audit_of_theirs(world: World) -> None:
    world.refused.clear()
    world.types("no")
    world.hears("Not done. The app is locked")
    assert world.refused == []


def test_a_refusal_is_told_in_full_and_calls_nobody(world: World) -> None:
    world.types("no")
    told = world.hears("Not done. The app is locked")
    assert told["text"] == (
        f"Not done. The app is locked by <@{OLGA}>: &lt;!channel&gt;. "
        "Expected: an unlocked app. Retry is safe."
    )


def test_a_broken_command_gives_a_token_that_is_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.types("boom")
    told = world.hears("Not recorded, as far as the bot knows")["text"]
    token = re.search(r"under ([0-9a-f]{8})\.", told)
    assert token is not None
    assert "secret detail" not in told
    assert any(token[1] in record.getMessage() for record in caplog.records)


def test_words_that_cannot_be_read_are_refused(world: World) -> None:
    world.types('start "shop')
    world.hears("Not done. A quotation mark has no partner.")
    assert world.commands.asks == []


def test_a_press_carries_what_the_card_showed(world: World) -> None:
    press = Press(verb="run", release=42, step=2, seen=3, fields={"a": "b"})
    root = world.posts(press)
    world.posts(press, thread=root)
    world.presses(root, 0, press)
    told = world.hears("Did run.")
    assert told["thread_ts"] is None
    ask = world.last
    assert (ask.verb, ask.release, ask.step, ask.seen_version) == ("run", 42, 2, 3)
    assert (dict(ask.fields), ask.door, ask.channel) == ({"a": "b"}, "slack button", CHANNEL)


def test_a_press_in_a_thread_is_answered_in_the_thread(world: World) -> None:
    press = Press(verb="headers", release=42)
    root = world.posts(press)
    reply = world.posts(press, thread=root)
    world.presses(reply, 0, press)
    assert world.hears("Did headers.")["thread_ts"] == root


def test_a_button_of_another_version_is_answered_kindly(world: World) -> None:
    press = Press(verb="run")
    old = {"type": "button", "action_id": "b0", "value": '{"v":0}'}
    old["text"] = {"type": "plain_text", "text": "Old"}  # type: ignore[assignment]
    sent = world.client.chat_postMessage(
        channel=CHANNEL,
        text="Old.",
        blocks=[{"type": "actions", "block_id": "row", "elements": [old]}],
    )
    world.presses(sent["ts"], 0, press)
    world.hears("Not done. This button was drawn by another version of the bot.")
    assert world.commands.asks == []


def test_a_form_is_opened_corrected_beside_its_field_and_closed(world: World) -> None:
    world.types("skip R-42 2")
    view = world.modal()["view"]
    assert view["title"]["text"] == "Skip step 2"
    world.submits("no")
    assert world.modal()["errors"] == {"reason": "Say why, in a few words."}
    world.submits("there is no cache here")
    world.hears("Did skip.")
    assert world.slack.state(OLGA)["modal"] is None
    ask = world.last
    assert (ask.verb, ask.release, ask.step, ask.seen_version) == ("skip", 42, 2, 3)
    assert dict(ask.fields) == {"reason": "there is no cache here", "routes": ""}
    assert ask.door == "slack form"


def test_a_refused_form_is_covered_by_the_refusal_and_keeps_its_input(world: World) -> None:
    world.types("skip", ARI)
    world.submits("locked now", ARI)
    covered = world.modal(ARI)["view"]
    assert covered["title"]["text"] == "Not done"
    assert texts(covered["blocks"]) == ["Not done. Locked. Expected: none. Retry is safe."]
    world.act(ARI, do="close", view_id=covered["id"])
    below = world.modal(ARI)["view"]
    assert below["title"]["text"] == "Skip step 2"
    world.act(ARI, do="close", view_id=below["id"])


def test_a_mention_in_a_releases_thread_means_that_release(world: World) -> None:
    root = world.posts(Press(verb="help"))
    world.ledger.root = (CHANNEL, root)
    world.says("<@U0BOT> rollback --cold", root)
    assert world.hears("Did rollback.")["thread_ts"] == root
    ask = world.last
    assert (ask.verb, ask.release, ask.door) == ("rollback", 42, "slack mention")
    assert ask.fields == {"cold": "1"}


def test_a_mention_elsewhere_means_no_release(world: World) -> None:
    world.says("<@U0BOT> history", None)
    world.waits(lambda: world.commands.asks, "an ask")
    assert world.last.release is None


def test_a_mention_that_needs_a_dialog_is_told_what_to_do(world: World) -> None:
    root = world.posts(Press(verb="help"))
    world.says("<@U0BOT> skip", root)
    world.hears("Not done. This needs a dialog, and Slack opens none from a mention.")


def test_a_user_group_that_changes_is_asked_for_anew_through_either_door(world: World) -> None:
    for members in ((DANA,), (DANA, ARI), ()):
        world.slack.set_members("S01CACHE", members)
        world.waits(partial(world.has_group, members), f"the members {members}")
    world.slack.set_members("S02OTHER", (DANA,))
    assert world.copies.membership("S02OTHER") is None


def test_the_shortcut_on_a_message_asks_for_the_status_of_its_thread(world: World) -> None:
    root = world.posts(Press(verb="help"))
    reply = world.posts(Press(verb="help"), thread=root)
    world.ledger.root = (CHANNEL, root)
    world.act(DANA, do="shortcut", callback_id="status", channel=CHANNEL, ts=reply)
    assert world.hears("Did status.", DANA)["thread_ts"] == root
    assert (world.last.release, world.last.door) == (42, "slack shortcut")


def test_the_home_tab_is_drawn_for_members_and_not_for_guests(world: World) -> None:
    world.act(DANA, do="open_home")
    home = world.waits(lambda: world.slack.state(DANA)["home"], "the home tab")
    assert texts(home["blocks"])[:2] == [
        "1 live release",
        "*R-42* · 2 of 5 · waiting for @olga to run it\n"
        "shop production in <#C01REL>: New price table",
    ]
    world.act("U05GUEST", do="open_home")
    home = world.waits(lambda: world.slack.state("U05GUEST")["home"], "the home tab")
    assert texts(home["blocks"])[0].startswith("Not allowed: this account is a guest.")


def test_a_slow_ledger_is_said_to_be_slow_and_the_answer_follows(world: World) -> None:
    before = time.monotonic()
    world.types("slow")
    assert time.monotonic() - before < 2.6
    world.hears("Not recorded yet: the ledger is slow.")
    world.hears("Did slow.")
    assert [ask.verb for ask in world.commands.asks] == ["slow"]


def test_a_form_that_takes_long_is_announced_at_once_and_comes_into_the_same_dialog(
    world: World,
) -> None:
    world.types("owner")
    title = world.modal()["view"]["title"]["text"]
    assert title in {"One moment", "Skip step 2"}
    world.waits(
        lambda: world.slack.state(OLGA)["modal"]["view"]["title"]["text"] == "Skip step 2", "a form"
    )
    opened = [call.method for call in world.slack.calls if call.method.startswith("views.o")]
    assert opened[-1:] == ["views.open"]
    assert world.slack.calls[-1].method == "views.update"
    world.submits("It was tried on staging.")
    world.hears("Did skip.")


def test_who_lost_a_race_hears_who_won_and_sees_the_card_as_it_is(world: World) -> None:
    press = Press(verb="pause", release=42, step=2, seen=1)
    ts = world.posts(press)
    world.ledger.root = (CHANNEL, ts)
    world.presses(ts, 0, press)
    world.hears(f"Not done. Step 2 moved on: already run by <@{ARI}>.")
    fresh = world.waits(
        lambda: [
            row
            for row in world.slack.state(DANA)["messages"][CHANNEL]
            if row["ts"] == ts and "2. Test logged-in traffic" in "".join(texts(row["blocks"]))
        ],
        "the fresh card",
    )
    assert fresh[0]["text"].startswith("R-42 step 2 waiting for @olga to run it")


def test_a_message_is_added_to_a_release_with_its_author_time_and_address(world: World) -> None:
    world.says("The cart is <slow> & empty", None, ARI)
    said = world.slack.state(OLGA)["messages"][CHANNEL][-1]
    world.act(OLGA, do="shortcut", callback_id="add", channel=CHANNEL, ts=said["ts"])
    world.waits(lambda: world.commands.asks, "an ask")
    ask = world.last
    assert (ask.verb, ask.door, ask.release) == ("add", "slack shortcut", None)
    link = ask.fields["said_link"]
    assert link.endswith(f"/archives/{CHANNEL}/p{said['ts'].replace('.', '')}")
    assert dict(ask.fields) == {
        "text": "The cart is <slow> & empty",
        "said_channel": CHANNEL,
        "said_ts": said["ts"],
        "said_by": ARI,
        "said_link": link,
    }


def test_a_payload_nobody_listens_to_ends_quietly(world: World) -> None:
    root = world.posts(Press(verb="help"))
    world.act(DANA, do="shortcut", callback_id="unknown", channel=CHANNEL, ts=root)
    world.types("help")
    world.hears("Did help.")


def test_a_payload_that_is_delivered_twice_is_heard_once(world: World) -> None:
    body = {
        "command": "/cache-release",
        "text": "history",
        "user_id": OLGA,
        "channel_id": CHANNEL,
        "trigger_id": "twice",
        "team_id": "T01SANDBOX",
    }
    statuses = [world.dispatch(body).status for _ in range(2)]
    assert statuses == [200, 200]
    assert [ask.verb for ask in world.commands.asks] == ["history"]


def test_a_payload_that_broke_may_be_delivered_again(world: World) -> None:
    event = {"type": "app_mention", "user": OLGA, "channel": CHANNEL, "text": "<@U0BOT> boom"}
    body = {"type": "event_callback", "team_id": "T01SANDBOX", "event_id": "Ev1", "event": event}
    for times in (1, 2):
        world.dispatch(body)
        world.waits(lambda: len(world.commands.asks) == times, "an ask")  # noqa: B023
        world.waits(lambda: len(world.told()) > 0, "an answer")
        time.sleep(0.1)


def test_a_rollback_is_heard_while_slacks_api_is_down(world: World) -> None:
    for method in ("auth.test", "users.info", "usergroups.users.list"):
        world.slack.fail_next(method, status=503, times=3)
    fresh = world.fresh_app()
    press = Press(verb="rollback", release=42)
    body = {
        "type": "block_actions",
        "user": {"id": "U03ONCALL"},
        "trigger_id": "down",
        "team": {"id": "T01SANDBOX"},
        "channel": {"id": CHANNEL},
        "actions": [
            {"type": "button", "action_id": "rollback", "block_id": "x", "value": press.value}
        ],
    }
    answer = fresh.dispatch(BoltRequest(body=body, mode="socket_mode"))
    assert answer.status == 200
    assert [(ask.verb, ask.who.id, ask.release) for ask in world.commands.asks] == [
        ("rollback", "U03ONCALL", 42)
    ]


@pytest.mark.parametrize("error", ["is_archived", "not_in_channel", "channel_not_found"])
def test_a_press_in_a_channel_that_is_closed_to_the_bot_is_answered(
    world: World, error: str
) -> None:
    press = Press(verb="status", release=42)
    ts = world.posts(press, thread=world.posts(press))
    heard = len(world.told())
    world.slack.fail_next("chat.postEphemeral", error=error)
    world.presses(ts, 0, press)
    world.waits(lambda: len(world.told()) > heard, "an answer")
    assert world.told()[-1]["text"] == "Did status."


def test_a_late_press_on_a_card_that_is_gone_is_still_answered(world: World) -> None:
    press = Press(verb="pause", release=42, step=2, seen=1)
    ts = world.posts(press, thread=world.posts(press))
    world.ledger.root = (CHANNEL, ts)
    world.slack.fail_next("chat.update", error="message_not_found")
    heard = len(world.told())
    world.presses(ts, 0, press)
    world.waits(lambda: len(world.told()) > heard, "an answer")
    assert world.told()[-1]["text"].startswith("Not done. Step 2 moved on")
