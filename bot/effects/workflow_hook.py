"""A rollback by a workflow of GitHub Actions: dispatched once, its run found and followed to its end."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from bot.effects.deploy_hook import Ran, fill
from bot.effects.http.call_out import Answer, call_out
from bot.effects.webhook_hook import JSON_TYPE, MAYBE, Wait, unknown
from bot.release.calls_out import WorkflowCall

API_VERSION = "2022-11-28"
ANSWERS_IN_S = 10.0
LOOK_EVERY_S = 3.0
SKEW = timedelta(seconds=5)


class WorkflowHook:
    """Dispatches workflows (GitHub REST API, "Create a workflow dispatch event") and follows their runs.

    `return_run_details` gives the run's id; a server that answers 204 without one is asked for its newest runs.
    """

    def __init__(self, secrets: Mapping[str, str], *, wait: Wait = time.sleep) -> None:
        """Take the values of `env:NAME`; `wait` waits between two looks, in seconds."""
        self._secrets = secrets
        self._wait = wait

    def words(self, call: WorkflowCall, values: Mapping[str, str | None]) -> tuple[str, ...]:
        """Return what a dispatch shows of itself; refuse an input that cannot be filled."""
        filled = (f"{name}={fill(word, values)}" for name, word in call.inputs.items())
        return ("workflow", f"{call.repository}/{call.file}@{call.ref}", *filled)

    def run(self, call: WorkflowCall, values: Mapping[str, str | None], *, timeout_s: float) -> Ran:
        """Dispatch once; raise Refusal(OUTCOME_UNKNOWN) where it may have run and its end was not seen."""
        argv = self.words(call, values)
        until = time.monotonic() + timeout_s
        inputs = {name: fill(word, values) for name, word in call.inputs.items()}
        asked = {"ref": call.ref, "inputs": inputs, "return_run_details": True}
        begun = datetime.now(UTC) - SKEW
        answer = self._send("POST", f"{_workflow(call)}/dispatches", call, asked, left_s=timeout_s)
        if not answer.sent:
            return Ran(argv=argv, code=1, output=str(answer.error), ended="was not dispatched")
        if answer.error is not None or answer.status in MAYBE:
            raise unknown(answer.error or f"GitHub answered {answer.status}")
        if answer.status not in {200, 204}:
            ended = f"was refused by GitHub with status {answer.status}"
            return Ran(argv=argv, code=answer.status, output=_message(answer), ended=ended)
        number = _number(_read(answer).get("workflow_run_id"))
        if number is None:
            number = self._find(call, begun, until)
        return self._follow(call, number, argv, until)

    def _send(
        self,
        method: str,
        path: str,
        call: WorkflowCall,
        body: Mapping[str, Any] | None = None,
        *,
        left_s: float,
    ) -> Answer:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self._secrets[call.token]}",
            "X-GitHub-Api-Version": API_VERSION,
        }
        if body is not None:
            headers["Content-Type"] = JSON_TYPE
        return call_out(
            method,
            call.api.rstrip("/") + path,
            headers=headers,
            body=b"" if body is None else json.dumps(body).encode(),
            allow_private=call.allow_private,
            timeout_s=max(min(ANSWERS_IN_S, left_s), 0.1),
        )

    def _find(self, call: WorkflowCall, begun: datetime, until: float) -> int:
        """Return the one run that began since; two of them cannot be told apart."""
        since = quote(f">={begun:%Y-%m-%dT%H:%M:%SZ}", safe="")
        narrowed = f"event=workflow_dispatch&branch={quote(call.ref, safe='')}&created={since}"
        path = f"{_workflow(call)}/runs?{narrowed}&per_page=10"
        while (left := until - time.monotonic()) > 0:
            runs = _read(self._send("GET", path, call, left_s=left)).get("workflow_runs")
            found = [_number(run.get("id")) for run in runs or () if isinstance(run, dict)]
            if len(found) > 1:
                raise unknown(
                    "several runs began at that moment, and none can be told from the others"
                )
            if found and found[0] is not None:
                return found[0]
            self._wait(min(LOOK_EVERY_S, max(until - time.monotonic(), 0)))
        raise unknown("its run was not found")

    def _follow(self, call: WorkflowCall, number: int, argv: tuple[str, ...], until: float) -> Ran:
        path = f"/repos/{call.repository}/actions/runs/{number}"
        while (left := until - time.monotonic()) > 0:
            seen = _read(self._send("GET", path, call, left_s=left))
            if seen.get("status") == "completed":
                ended = str(seen.get("conclusion"))
                output = str(seen.get("html_url") or f"run {number}")[:300]
                if ended == "success":
                    return Ran(argv=argv, code=0, output=output)
                return Ran(argv=argv, code=1, output=output, ended=f"ended with {ended[:40]}")
            self._wait(min(LOOK_EVERY_S, max(until - time.monotonic(), 0)))
        raise unknown(f"run {number} did not end in time")


def _workflow(call: WorkflowCall) -> str:
    return f"/repos/{call.repository}/actions/workflows/{call.file}"


def _read(answer: Answer) -> Mapping[str, Any]:
    """Return an answer's object; nothing where it is none, which is then looked at again."""
    if answer.error is not None or answer.status != 200:
        return {}
    try:
        told = json.loads(answer.body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _message(answer: Answer) -> str:
    try:
        told = json.loads(answer.body)
    except ValueError:
        return answer.body[-200:]
    return str(told.get("message", ""))[:200] if isinstance(told, dict) else ""
