from __future__ import annotations

import time
from typing import Any

import pytest
from slack_bolt import App

from bot.sandbox.slack.server import SandboxSlack, Timing
from tests.sandbox.looking import CHANNEL, notices, seen
from tests.sandbox.slack_app import (
    OLGA,
    WAYS,
    Connected,
    typed,
    wait_until,
)


@pytest.mark.parametrize("way", WAYS)
def test_a_release_goes_from_command_to_form_to_message_to_button_to_update(
    sandbox_bolt: Connected, way: str
) -> None:
    with sandbox_bolt(way) as slack:
        assert typed(slack, "/cache-release start") == {"ok": True}
        form = wait_until(lambda: slack.state("U01OWNER")["modal"])
        assert slack.state("U04DEV")["modal"] is None
        assert (form["view"]["title"]["text"], form["errors"], form["busy"]) == ("Title", {}, False)

        def submit(title: str) -> dict[str, Any]:
            value = {"title": {"title": {"type": "plain_text_input", "value": title}}}
            view_id = form["view"]["id"]
            answer: dict[str, Any] = slack.act(OLGA, do="submit", view_id=view_id, values=value)
            return answer

        assert submit("x") == {"ok": True}
        shown = slack.state("U01OWNER")["modal"]
        assert (shown["errors"], shown["busy"]) == ({"title": "Too short."}, False)
        assert submit("New price table") == {"ok": True}
        assert slack.state("U01OWNER")["modal"] is None

        (message,) = wait_until(lambda: seen(slack, OLGA))
        run = message["blocks"][1]["elements"][0]
        pressed = slack.act(
            "U02APPROVER",
            do="press",
            channel=CHANNEL,
            ts=message["ts"],
            block_id="step",
            action_id="run",
            element={"type": "button", "value": run["value"]},
        )
        assert pressed == {"ok": True}
        wait_until(lambda: seen(slack, OLGA)[0]["text"] == "R-1 run by ari")
        (updated,) = seen(slack, OLGA)
        assert (updated["ts"], updated["edited"]) == (message["ts"], False)
        assert notices(slack, OLGA) == []
        assert len(slack.ack_times) == 4
        assert max(slack.ack_times) < 3


@pytest.mark.parametrize("way", WAYS)
def test_what_comes_with_the_ack_of_a_command_is_seen_by_its_person_alone(
    sandbox_bolt: Connected, way: str
) -> None:
    with sandbox_bolt(way) as slack:
        typed(slack, "/cache-release help")
        assert [(m["text"], m["ephemeral"]) for m in seen(slack, OLGA)] == [("Say start.", True)]
        assert seen(slack, "U04DEV") == []


@pytest.mark.parametrize("way", WAYS)
def test_a_mention_arrives_as_an_event_with_its_thread(sandbox_bolt: Connected, way: str) -> None:
    events: list[dict[str, Any]] = []

    def listen(app: App) -> None:
        @app.event("app_mention")
        def remember(event: Any) -> None:
            events.append(event)

    with sandbox_bolt(way, listen) as slack:
        slack.act("U04DEV", do="message", channel=CHANNEL, text="a root")
        root = seen(slack, OLGA)[0]["ts"]
        text = "<@U0BOT> status of @olga & <b>"
        slack.act("U04DEV", do="message", channel=CHANNEL, text=text, thread_ts=root)
        (event,) = wait_until(lambda: events)
    assert (event["user"], event["channel"], event["thread_ts"]) == ("U04DEV", CHANNEL, root)
    assert event["text"] == "<@U0BOT> status of <@U01OWNER> &amp; &lt;b&gt;"


@pytest.mark.parametrize("way", WAYS)
def test_an_opened_app_home_can_be_published_and_pressed(sandbox_bolt: Connected, way: str) -> None:
    pressed: list[dict[str, Any]] = []

    def listen(app: App) -> None:
        view = {
            "type": "home",
            "blocks": [
                {
                    "type": "actions",
                    "block_id": "b",
                    "elements": [
                        {
                            "type": "button",
                            "action_id": "go",
                            "text": {"type": "plain_text", "text": "Go"},
                        }
                    ],
                }
            ],
        }

        @app.event("app_home_opened")
        def publish(event: Any, client: Any) -> None:
            client.views_publish(user_id=event["user"], view=view)

        @app.action("go")
        def go(ack: Any, body: Any) -> None:
            pressed.append(body)
            ack()

    with sandbox_bolt(way, listen) as slack:
        slack.act("U04DEV", do="open_home")
        home = wait_until(lambda: slack.state("U04DEV")["home"])
        assert slack.state("U01OWNER")["home"] is None
        slack.act("U04DEV", do="press", view_id=home["id"], block_id="b", action_id="go")
        (body,) = pressed
    assert body["container"] == {"type": "view", "view_id": home["id"]}
    assert (body["view"]["type"], "channel" in body) == ("home", False)


@pytest.mark.parametrize("way", WAYS)
def test_a_message_shortcut_carries_the_message(sandbox_bolt: Connected, way: str) -> None:
    bodies: list[dict[str, Any]] = []

    def listen(app: App) -> None:
        @app.shortcut("status")
        def status(ack: Any, body: Any) -> None:
            ack()
            bodies.append(body)

    with sandbox_bolt(way, listen) as slack:
        slack.act("U04DEV", do="message", channel=CHANNEL, text="a root")
        ts = seen(slack, OLGA)[0]["ts"]
        done = slack.act("U01OWNER", do="shortcut", callback_id="status", channel=CHANNEL, ts=ts)
        assert done == {"ok": True}
        wait_until(lambda: bodies)
    (body,) = bodies
    assert (body["type"], body["message_ts"]) == ("message_action", ts)
    assert (body["message"]["text"], body["user"]["id"]) == ("a root", "U01OWNER")


@pytest.mark.parametrize("way", WAYS)
def test_a_late_ack_is_told_to_the_person(sandbox_bolt: Connected, way: str) -> None:
    def listen(app: App) -> None:
        @app.middleware
        def slow(next: Any) -> None:
            time.sleep(0.5)
            next()

    with sandbox_bolt(way, listen, timing=Timing(ack=0.2)) as slack:
        assert typed(slack, "/cache-release help") == {"ok": True}
        assert notices(slack, OLGA) == ["cache-release did not respond within 0.2 seconds"]
        assert notices(slack, "U04DEV") == []
        time.sleep(0.5)
        assert seen(slack, OLGA) == []


def test_the_wait_for_an_ack_is_three_seconds_by_default() -> None:
    assert Timing() == Timing(ack=3, trigger=3, response_url=1800, event_retries=(0, 60, 300))


def test_an_app_that_is_not_connected_is_told_to_the_person_at_once(
    sandbox_slack: SandboxSlack,
) -> None:
    started = time.monotonic()
    typed(sandbox_slack, "/cache-release help")
    assert time.monotonic() - started < 1
    (notice,) = sandbox_slack.state("U01OWNER")["notices"]
    assert notice["text"] == "cache-release did not respond: it is not connected"
    sandbox_slack.act("U01OWNER", do="dismiss", notice_id=notice["id"])
    assert notices(sandbox_slack) == []
