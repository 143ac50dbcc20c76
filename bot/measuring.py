"""What a process shows of itself: whether it can work, and its metrics."""

from __future__ import annotations

from collections.abc import Callable
from wsgiref.types import WSGIApplication, WSGIEnvironment

from sqlalchemy.exc import SQLAlchemyError

from bot.app import Bot
from bot.effects.ledger_metrics import LedgerMetrics
from bot.effects.metrics import rendered
from bot.effects.metrics_door import metrics_app
from bot.release.open_address import Address
from bot.release.refusal import Refusal


def readable(bot: Bot) -> Callable[[], str | None]:
    """Return what says why the ledger cannot be read, None where it can."""

    def check() -> str | None:
        try:
            bot.ledger.locks()
        except (SQLAlchemyError, Refusal) as error:
            return f"The ledger cannot be read: {type(error).__name__}."
        return None

    return check


def came_in_at(where: Address | None) -> Callable[[WSGIEnvironment], bool]:
    """Return what says whether a request came in at that port; nobody outside can forge that."""
    return lambda environ: where is not None and environ.get("SERVER_PORT") == str(where.port)


def metrics_of(bot: Bot, *, own: Callable[[WSGIEnvironment], bool]) -> WSGIApplication:
    """Return `/metrics` of this process; what came in at its `own` port needs no token where none is set."""
    ledger = LedgerMetrics(lambda: bot.ledger.gauges(bot.clock.now()), bot.liveness.alive)
    shown = bot.settings.metrics_token
    return metrics_app(
        lambda: rendered([ledger]),
        token=None if shown is None else shown.get_secret_value(),
        own=own,
    )
