"""Log lines on standard error: one event a line, secrets replaced."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from types import TracebackType
from urllib.parse import unquote

from bot.effects.log_context import logged_about

log = logging.getLogger(__name__)

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
        parts = [part for secret in secrets for part in parts_of(secret)]
        known = {part for part in parts if len(part) >= SHORTEST_SECRET}
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


def parts_of(secret: str) -> Iterator[str]:
    """Yield a secret and what of it is secret on its own: a URL's password, a cookie's value."""
    if "://" in secret:
        # The address itself is no secret, and a file's URL holds none.
        password = secret.partition("://")[2].rpartition("@")[0].partition(":")[2]
        yield from {password, unquote(password)}
        return
    yield secret
    yield from (part.partition("=")[2] for part in secret.split("; ") if "=" in part)


def log_to_stderr(
    secrets: Iterable[str], *, level: int = logging.INFO, debug: bool = False
) -> None:
    """Send every logger's lines to standard error; libraries speak from WARNING on, with `debug` all of them.

    What nobody caught is a line as well, so that its traceback is redacted; and gunicorn's lines are like ours.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(SafeLines(secrets))
    least = logging.DEBUG if debug else logging.WARNING
    logging.basicConfig(handlers=[handler], level=least, force=True)
    logging.getLogger("bot").setLevel(logging.DEBUG if debug else level)
    for theirs in logging.getLogger("gunicorn.error").handlers:
        theirs.setFormatter(handler.formatter)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    log.critical("nobody caught this", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None and not isinstance(ended.exc_value, SystemExit):
        _log_uncaught(ended.exc_type, ended.exc_value, ended.exc_traceback)
