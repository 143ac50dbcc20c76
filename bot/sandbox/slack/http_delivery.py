"""Signed delivery over HTTP, for an app that has a request URL instead of Socket Mode."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import requests

from bot.sandbox.slack.delivery import Answer, Envelope, Kind, Outcome
from bot.sandbox.slack.state import Store

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
AT_ONCE = 32


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the v0 signature of a request: HMAC-SHA256 over version, seconds and body."""
    signed = b":".join((b"v0", timestamp.encode(), body))
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class HttpDelivery:
    """Posts every payload to one request URL and reads the answer as the ack."""

    def __init__(self, store: Store, request_url: str) -> None:
        self._store = store
        self.request_url = request_url
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sandbox-http")

    async def deliver(self, envelope: Envelope) -> Answer:
        """Send one payload; any answer in time with a status of 200 to 299 is an ack."""
        content_type, body = _encoded(envelope)
        headers: dict[str, str] = {}
        if envelope.retry:
            headers["X-Slack-Retry-Num"] = str(envelope.retry)
            headers["X-Slack-Retry-Reason"] = envelope.retry_reason
        loop = asyncio.get_running_loop()
        sent = loop.run_in_executor(self._threads, self._post, content_type, body, headers)
        try:
            response = await asyncio.wait_for(sent, self._store.timing.ack)
        except (TimeoutError, requests.Timeout):
            return Answer(outcome=Outcome.LATE)
        except requests.RequestException:
            return Answer(outcome=Outcome.ABSENT)
        may_retry = response.headers.get("X-Slack-No-Retry") != "1"
        if not response.ok:
            return Answer(outcome=Outcome.FAILED, may_retry=may_retry)
        return Answer(outcome=Outcome.ACKED, body=_body(response), may_retry=may_retry)

    def _post(self, content_type: str, body: bytes, headers: dict[str, str]) -> requests.Response:
        timestamp = str(int(time.time()))
        signature = sign(self._store.workspace.signing_secret, timestamp, body)
        session = requests.Session()
        session.trust_env = False  # the request URL is on this machine; no proxy stands between
        with session:
            return session.post(
                self.request_url,
                data=body,
                headers=headers
                | {
                    "Content-Type": content_type,
                    "User-Agent": "Slackbot 1.0 (sandbox)",
                    "X-Slack-Request-Timestamp": timestamp,
                    "X-Slack-Signature": signature,
                },
                timeout=self._store.timing.ack,
                allow_redirects=False,
            )

    async def verify(self) -> bool:
        """Ask the request URL to repeat a challenge, as Slack does when the URL is entered."""
        challenge = secrets.token_hex(16)
        body = {"type": "url_verification", "challenge": challenge, "token": "sandbox"}
        answer = await self.deliver(Envelope(kind=Kind.EVENT, payload=body))
        said = answer.body.get("challenge") if isinstance(answer.body, dict) else answer.body
        return answer.outcome is Outcome.ACKED and said == challenge

    def close(self) -> None:
        """Let go of the threads without waiting for answers."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _encoded(envelope: Envelope) -> tuple[str, bytes]:
    if envelope.kind is Kind.EVENT:
        return JSON, json.dumps(envelope.payload).encode()
    if envelope.kind is Kind.COMMAND:
        return FORM, urlencode(envelope.payload).encode()
    return FORM, urlencode({"payload": json.dumps(envelope.payload)}).encode()


def _body(response: requests.Response) -> Any:
    if response.headers.get("Content-Type", "").startswith(JSON):
        try:
            return response.json()
        except ValueError:
            return response.text
    return response.text or None
