"""Has the rollback of each app's newest finished release rehearsed, once in a calendar month."""

from __future__ import annotations

from datetime import datetime

from bot.commands import Tools
from bot.release.drilling import BOT, drill_change, drill_request, monthly_key
from bot.release.records import Kept
from bot.release.states import ReleaseState

LOOKED_AT = 50


def ask_monthly_drills(tools: Tools, at: datetime) -> None:
    """Ask for what this month lacks; the ledger's row of the request says that it was asked for."""
    for name, app in tools.catalog.apps.items():
        key = monthly_key(name, at)
        if tools.ledger.action(key) is not None:
            continue
        rows = tools.ledger.releases(app=name, limit=LOOKED_AT)
        newest = next((row for row in rows if row.state is ReleaseState.DONE), None)
        if newest is None:
            continue
        request = drill_request(newest, key=key, by=BOT, at=at, channel=app.channel)
        if isinstance(tools.ledger.keep(drill_change(request)), Kept):
            tools.hand_on(request)
