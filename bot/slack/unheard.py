"""What no listener took, or what broke outside of a decision."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.error import BoltUnhandledRequestError

log = logging.getLogger(__name__)


def on_error(error: Exception, body: dict[str, Any]) -> BoltResponse:
    """Log what no listener took or what broke outside the decision; nobody is shown a stack trace."""
    if isinstance(error, BoltUnhandledRequestError):
        log.warning("nobody listens to a payload of type %s", body.get("type"))
        return BoltResponse(status=404, body="nobody listens to this")
    token = secrets.token_hex(4)
    log.error("a listener broke, token %s", token, exc_info=error)
    return BoltResponse(status=500, body=f"not recorded, token {token}")
