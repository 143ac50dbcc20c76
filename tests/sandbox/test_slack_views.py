from __future__ import annotations

import time
from typing import Any

from slack_sdk import WebClient

from bot.sandbox.slack.server import SandboxSlack, Timing
from tests.sandbox.looking import DEV, refusal
from tests.sandbox.opening import opened, shown_modal, trigger
from tests.sandbox.raw_app import raw_app
from tests.sandbox.slack_blocks import (
    home,
    modal,
    plain,
    section,
)
from tests.sandbox.workspaces import StartSlack, client_of, sandbox_manifest_with, sandbox_workspace


def test_a_trigger_opens_one_modal_before_the_person_who_acted(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    with raw_app(sandbox_slack) as app:
        once = trigger(sandbox_slack, app)
        view = sandbox_client.views_open(trigger_id=once, view=modal(section()))["view"]
        again = refusal(lambda: sandbox_client.views_open(trigger_id=once, view=modal(section())))
    assert again["error"] == "exchanged_trigger_id"
    assert shown_modal(sandbox_slack)["view"]["id"] == view["id"]
    assert sandbox_slack.state("U01OWNER")["modal"] is None
    unknown = refusal(lambda: sandbox_client.views_open(trigger_id="1.2.3", view=modal(section())))
    assert unknown["error"] == "invalid_trigger_id"


def test_a_trigger_expires(sandbox_start: StartSlack) -> None:
    slack = sandbox_start(timing=Timing(trigger=0.05))
    with raw_app(slack) as app:
        late = trigger(slack, app)
        time.sleep(0.06)
        answer = refusal(lambda: client_of(slack).views_open(trigger_id=late, view=modal()))
    assert answer["error"] == "expired_trigger_id"


def test_a_view_that_is_refused_does_not_use_up_the_trigger(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    with raw_app(sandbox_slack) as app:
        once = trigger(sandbox_slack, app)
        wrong = modal(title=plain("x" * 25))
        answer = refusal(lambda: sandbox_client.views_open(trigger_id=once, view=wrong))
        assert answer["error"] == "invalid_arguments"
        assert answer["response_metadata"]["messages"] == [
            "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
        ]
        sandbox_client.views_open(trigger_id=once, view=modal(section()))


def test_modals_stack_three_deep_and_closing_shows_the_one_below(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    with raw_app(sandbox_slack) as app:
        first = opened(sandbox_slack, app, modal(section()))
        second, third = (
            sandbox_client.views_push(
                trigger_id=trigger(sandbox_slack, app), view=modal(section())
            )["view"]
            for _ in range(2)
        )
        fourth = trigger(sandbox_slack, app)
        answer = refusal(lambda: sandbox_client.views_push(trigger_id=fourth, view=modal()))
    assert answer["error"] == "push_limit_reached"
    assert (third["previous_view_id"], third["root_view_id"]) == (second["id"], first["id"])
    assert sandbox_slack.act(DEV, do="close", view_id=third["id"]) == {"ok": True}
    assert shown_modal(sandbox_slack)["view"]["id"] == second["id"]
    assert sandbox_slack.act(DEV, do="close", view_id=first["id"]) == {
        "ok": False,
        "error": "This form is not open any more.",
    }


def test_an_update_needs_the_last_hash_when_it_names_one(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    with raw_app(sandbox_slack) as app:
        view = opened(sandbox_slack, app, modal(section("loading")))
    update = sandbox_client.views_update
    loaded = update(view_id=view["id"], hash=view["hash"], view=modal(section("loaded")))
    assert loaded["view"]["hash"] != view["hash"]
    answer = refusal(lambda: update(view_id=view["id"], hash=view["hash"], view=modal()))
    assert answer["error"] == "hash_conflict"
    blocks = shown_modal(sandbox_slack)["view"]["blocks"]
    assert [block["text"]["text"] for block in blocks] == ["loaded"]
    gone = refusal(lambda: update(view_id="V1", view=modal()))
    assert gone["error"] == "not_found"


def test_a_view_can_be_found_by_the_id_that_the_app_gave_it(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    with raw_app(sandbox_slack) as app:
        opened(sandbox_slack, app, modal(section(), external_id="mine"))
        sandbox_client.views_update(
            external_id="mine", view=modal(section("new"), external_id="mine")
        )
        again = trigger(sandbox_slack, app)
        twice = refusal(
            lambda: sandbox_client.views_push(trigger_id=again, view=modal(external_id="mine"))
        )
    assert twice["error"] == "duplicate_external_id"
    assert shown_modal(sandbox_slack)["view"]["blocks"][0]["text"]["text"] == "new"


def test_app_home_belongs_to_one_person_and_is_guarded_by_its_hash(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    first = sandbox_client.views_publish(user_id=DEV, view=home(section()))["view"]
    sandbox_client.views_publish(user_id=DEV, hash=first["hash"], view=home(section("two")))
    publish = sandbox_client.views_publish
    stale = refusal(lambda: publish(user_id=DEV, hash=first["hash"], view=home()))
    assert stale["error"] == "hash_conflict"
    assert refusal(lambda: publish(user_id="U09", view=home()))["error"] == "user_not_found"
    assert refusal(lambda: publish(user_id=DEV, view=modal()))["error"] == "invalid_arguments"
    shown = sandbox_slack.state(DEV)["home"]
    assert shown["blocks"][0]["text"]["text"] == "two"


def test_app_home_has_to_be_switched_on_in_the_manifest(sandbox_start: StartSlack) -> None:
    def without_home(manifest: Any) -> None:
        manifest["features"]["app_home"]["home_tab_enabled"] = False

    client = client_of(sandbox_start(sandbox_manifest_with(sandbox_workspace(), without_home)))
    answer = refusal(lambda: client.views_publish(user_id=DEV, view=home()))
    assert answer["error"] == "not_enabled"
