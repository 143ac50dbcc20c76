"""The Web API: who calls, may it, not too often, and then the method itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.slack.arguments import Arguments, read_body
from bot.sandbox.slack.method import Method, need_scope
from bot.sandbox.slack.rates import Rates
from bot.sandbox.slack.refused import SlackError
from bot.sandbox.slack.state import Store
from bot.sandbox.slack.troubles import Troubles, failure


@dataclass(frozen=True, kw_only=True)
class ApiCall:
    """One call as it came, without its token; `error` is Slack's code, None when it was ok."""

    method: str
    args: dict[str, Any]
    at: datetime
    error: str | None


class WebApi:
    """Answers `/api/<method>`; `calls` lists every call in the order of its answer."""

    def __init__(
        self, store: Store, rates: Rates, troubles: Troubles, methods: Iterable[Method]
    ) -> None:
        self._store = store
        self._rates = rates
        self._troubles = troubles
        self._methods = {method.name: method for method in methods}
        self.calls: list[ApiCall] = []

    async def handle(self, request: Request) -> Response:
        """Answer one HTTP request to a method."""
        name = request.path_params["method"]
        body = await request.body()
        content_type = request.headers.get("content-type", "")
        try:
            given = read_body(content_type, body, request.url.query)
        except SlackError as refused:
            return self._answer(name, {}, refused.answer())
        in_body = str(given.pop("token", "") or "")
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip() or in_body
        trouble = self._troubles.take(name)
        if trouble is not None and not trouble.after:
            await asyncio.sleep(trouble.delay)
            if (failed := failure(trouble)) is not None:
                self._record(name, given, trouble.error or f"http_{trouble.status}")
                return failed
        answer, wait = self._run(name, token, given)
        if wait is not None:
            headers = {"Retry-After": str(wait)}
            return self._answer(name, given, answer, status=429, headers=headers)
        response = self._answer(name, given, answer)
        if trouble is not None and trouble.after:
            await asyncio.sleep(trouble.delay)
        return (trouble and failure(trouble)) or response

    def _run(
        self, name: str, token: str, given: dict[str, Any]
    ) -> tuple[dict[str, Any], int | None]:
        """Return the answer, and the seconds to wait when the rate is exceeded."""
        try:
            method = self._allowed(name, token)
            arguments = Arguments(given)
            wait = self._rates.wait(name, method.rate, arguments.word("channel"))
            if wait is not None:
                return {"ok": False, "error": "ratelimited"}, wait
            return {"ok": True, **method.run(self._store, arguments)}, None
        except SlackError as refused:
            return refused.answer(), None

    def _allowed(self, name: str, token: str) -> Method:
        workspace = self._store.workspace
        if not token:
            raise SlackError("not_authed")
        if token not in {workspace.bot_token, workspace.app_token}:
            raise SlackError("invalid_auth")
        method = self._methods.get(name)
        if method is None:
            raise SlackError("unknown_method", extra={"req_method": name})
        if method.app_token != (token == workspace.app_token):
            raise SlackError("not_allowed_token_type")
        need_scope(self._store, *method.scopes)
        return method

    def _record(self, name: str, given: dict[str, Any], error: str | None) -> None:
        at = datetime.now(UTC)
        self.calls.append(ApiCall(method=name, args=given, at=at, error=error))

    def _answer(
        self,
        name: str,
        given: dict[str, Any],
        answer: dict[str, Any],
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> Response:
        self._record(name, given, answer.get("error"))
        scopes = {"x-oauth-scopes": ",".join(self._store.workspace.scopes)}
        return JSONResponse(answer, status_code=status, headers=scopes | (headers or {}))
