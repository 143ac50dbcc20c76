"""Log lines on standard error: one event a line, secrets replaced."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime

from bot.effects.log_context import logged_about

STARS = "***"
SHORTEST_SECRET = 6

_TOKEN = re.compile(r"\b(xox[a-z]-|xapp-)[\w-]+")
_CREDENTIALS = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/]+@")
_HEADER = re.compile(
    r"(?i)((?:authorization|set-cookie|cookie|x-slack-signature)['\"]?\s*[:=]\s*)[^\r\n]+"
)


def redact(text: str, known: Iterable[str] = ()) -> str:
    """Return the text with Slack tokens, credentials in URLs, secret headers and known secrets as stars."""
    for secret in known:
        text = text.replace(secret, STARS)
    text = _TOKEN.sub(rf"\1{STARS}", text)
    text = _CREDENTIALS.sub(rf"\1{STARS}@", text)
    return _HEADER.sub(rf"\1{STARS}", text)


class SafeLines(logging.Formatter):
    """Writes JSON with time (UTC), level, logger, action, release and message; a traceback stays inside its line."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Take the values that no line may hold; one too short to be told from a word is left out."""
        super().__init__()
        known = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET}
        self._known = sorted(known, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; breaks inside are escaped, so nobody can forge one."""
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        at = datetime.fromtimestamp(record.created, UTC)
        line = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            **logged_about(),
            "message": redact(text, self._known),
        }
        return json.dumps(line)


def log_to_stderr(secrets: Iterable[str], *, level: int = logging.INFO) -> None:
    """Send every logger's lines to standard error; libraries speak from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(SafeLines(secrets))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("bot").setLevel(level)
