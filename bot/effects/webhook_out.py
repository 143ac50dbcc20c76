"""One event sent to one webhook of the catalog, signed, through the guard."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from bot.effects.http.call_out import Answer, call_out
from bot.release.calls_out import WebhookOut
from bot.release.refusal import Refusal
from bot.release.signing import signed_headers

ANSWERS_IN_S = 10.0


def post_event(
    secrets: Mapping[str, str], *, timeout_s: float = ANSWERS_IN_S
) -> Callable[[WebhookOut, str, str], tuple[str | None, float | None]]:
    """Return what sends an event, by webhook, event id and body; `secrets` are the values of `env:NAME`.

    It returns why the event was not taken, None where it was, and how many seconds the other side asks to wait.
    """

    def post(hook: WebhookOut, event_id: str, body: str) -> tuple[str | None, float | None]:
        sent = body.encode()
        headers = signed_headers(
            secrets[hook.secret],
            key_id=hook.key_id,
            event_id=event_id,
            timestamp=int(time.time()),
            body=sent,
        )
        try:
            answer = call_out(
                "POST",
                hook.url,
                headers={**headers, "Content-Type": "application/json"},
                body=sent,
                allow_private=hook.allow_private,
                timeout_s=timeout_s,
            )
        except Refusal as refusal:
            return refusal.failed, None
        return _outcome(answer)

    return post


def _outcome(answer: Answer) -> tuple[str | None, float | None]:
    # The status alone says that it was taken, also where the rest of the answer does not come.
    if 200 <= answer.status < 300:
        return None, None
    wait = answer.headers.get("retry-after", "")
    after = float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 6 else None
    return answer.error or f"it answered {answer.status}", after
