from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.effects.workflow_hook import WorkflowHook
from bot.release.calls_out import WorkflowCall
from bot.release.refusal import Code, Refusal
from tests.effects.hook_server import Got, Said, receiver

VALUES: dict[str, str | None] = {"environment": "production", "previous": "v1"}
RUN = "/repos/acme/shop/actions/runs/77"


def _run(say: Callable[[Got], Said], timeout_s: float = 5.0) -> tuple[list[Got], Any]:
    hook = WorkflowHook(
        {"env:T": "ghp_0123456789abcdef"}, wait=lambda seconds: time.sleep(min(seconds, 0.01))
    )
    with receiver(say) as book:
        call = WorkflowCall(
            repository="acme/shop",
            file="rollback.yml",
            token="env:T",
            inputs={"version": "{previous}"},
            api=f"{book.url}/api/v3",
            allow_private=True,
        )
        try:
            ran = hook.run(call, VALUES, timeout_s=timeout_s)
        except Refusal as refusal:
            return book.got, (refusal.code, refusal.failed)
    return book.got, (ran.code, ran.ended, ran.output)


def _github(dispatched: Said, runs: list[object], ends: list[object]) -> Callable[[Got], Said]:
    def say(got: Got) -> Said:
        if got.method == "POST":
            return dispatched
        told = runs if got.path.partition("?")[0].endswith("/runs") else ends
        one = told.pop(0) if len(told) > 1 else told[0]
        return one if isinstance(one, Said) else Said(body=json.dumps(one))

    return say


WITH_ID = Said(body='{"workflow_run_id": 77, "run_url": "u", "html_url": "h"}')
WELL = {"status": "completed", "conclusion": "success", "html_url": "https://x/runs/77"}


def test_a_dispatch_is_followed_to_the_end_of_its_run() -> None:
    ends: list[object] = [{"status": "queued"}, Said(status=502), Said(body="<p>"), WELL]
    got, ran = _run(_github(WITH_ID, [], ends))
    assert ran == (0, "", "https://x/runs/77")
    path = "/api/v3/repos/acme/shop/actions/workflows/rollback.yml/dispatches"
    assert (got[0].method, got[0].path) == ("POST", path)
    assert json.loads(got[0].body) == {
        "ref": "main",
        "inputs": {"version": "v1"},
        "return_run_details": True,
    }
    assert got[0].headers["authorization"] == "Bearer ghp_0123456789abcdef"
    assert {one.path for one in got[1:]} == {f"/api/v3{RUN}"}


def test_a_server_that_names_no_run_is_asked_for_the_one_that_began() -> None:
    runs: list[object] = [{"workflow_runs": []}, {"workflow_runs": [{"id": 77}]}]
    got, ran = _run(_github(Said(status=204, body=""), runs, [WELL]))
    assert ran == (0, "", "https://x/runs/77")
    asked = parse_qs(urlsplit(got[1].path).query)
    assert (asked["event"], asked["branch"]) == (["workflow_dispatch"], ["main"])
    assert asked["created"][0].startswith(">=2")
    assert got[-1].path == f"/api/v3{RUN}"


def test_two_runs_that_cannot_be_told_apart_ask_a_person() -> None:
    runs: list[object] = [{"workflow_runs": [{"id": 77}, {"id": 78}]}]
    _, said = _run(_github(Said(status=204, body=""), runs, [WELL]))
    assert "several runs began at that moment" in said[1]
    assert said[0] is Code.OUTCOME_UNKNOWN


@pytest.mark.parametrize("conclusion", ["failure", "cancelled", "timed_out", "skipped"])
def test_any_end_but_success_has_failed(conclusion: str) -> None:
    _, ran = _run(_github(WITH_ID, [], [{"status": "completed", "conclusion": conclusion}]))
    assert ran == (1, f"ended with {conclusion}", "run 77")


@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_a_dispatch_that_github_refuses_has_failed(status: int) -> None:
    refused = Said(status=status, body='{"message": "Unexpected inputs provided"}')
    got, ran = _run(_github(refused, [], [WELL]))
    assert ran == (
        status,
        f"was refused by GitHub with status {status}",
        "Unexpected inputs provided",
    )
    assert len(got) == 1


@pytest.mark.parametrize("said", [Said(status=502), Said(cut=True)])
def test_a_dispatch_that_may_have_arrived_is_not_sent_again(said: Said) -> None:
    got, asked = _run(_github(said, [], [WELL]))
    assert "its end was not seen" in asked[1]
    assert [one.method for one in got] == ["POST"]


def test_a_run_that_does_not_end_in_time_asks_a_person() -> None:
    _, said = _run(_github(WITH_ID, [], [{"status": "in_progress"}]), 0.5)
    assert "run 77 did not end in time" in said[1]
    assert said[0] is Code.OUTCOME_UNKNOWN
