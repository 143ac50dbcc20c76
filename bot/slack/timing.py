"""Times how long Slack waits for each acknowledgement, by whichever door the payload came in."""

from __future__ import annotations

from slack_bolt import App, BoltRequest, BoltResponse

from bot.effects.metrics import RATE_LIMITED, REFUSALS, STALE, acknowledging
from bot.release.refusal import Code

TOO_LATE = frozenset({Code.MOVED_ON, Code.ALREADY_ASKED, Code.PLAN_CHANGED})

# A series that first appears with 1 has not increased, to Prometheus: all of them begin at 0.
for _code in Code:
    REFUSALS.labels(str(_code))
for _method in ("chat.postMessage", "chat.update"):
    RATE_LIMITED.labels(_method)


class TimedApp(App):
    """Bolt's app; both doors hand it each payload and answer Slack with what it returns."""

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        """Handle one payload."""
        with acknowledging("socket" if req.mode == "socket_mode" else "http"):
            return super().dispatch(req)


def count_refusal(code: Code, *, door: str | None) -> None:
    """Count what was refused; a press that came too late is a stale click."""
    REFUSALS.labels(str(code)).inc()
    if door == "slack button" and code in TOO_LATE:
        STALE.inc()


def count_rate_limit(way: str) -> None:
    """Count one 429; `way` is the method, and its channel where that has a limit of its own."""
    RATE_LIMITED.labels(way.partition(" ")[0]).inc()
