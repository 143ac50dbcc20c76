"""In which time zone a person lives, as their Slack profile says."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.release.membership import Unreachable
from bot.slack.remembered import Peace, Remembered

log = logging.getLogger(__name__)

FRESH = timedelta(hours=6)


class Zones:
    """Time zones of people, asked of Slack a few times a day."""

    def __init__(self, client: WebClient, now: Callable[[], datetime]) -> None:
        """Take a client with a short timeout and no retries of its own."""
        self._client = client
        self._zones = Remembered(self._fetch, now, Peace(now))

    def zone_of(self, person: str) -> str | None:
        """Return the IANA name of a person's zone; None where Slack does not say.

        `tz` of https://docs.slack.dev/reference/methods/users.info
        """
        try:
            return self._zones.get(person, fresh=FRESH, oldest=timedelta.max) or None
        except Unreachable as silent:
            log.info("the zone of %s is not known: %s", person, silent)
            return None

    def _fetch(self, person: str) -> str:
        try:
            return str(self._client.users_info(user=person)["user"].get("tz") or "")
        except SlackApiError as error:
            raise Unreachable(str(error.response.get("error"))) from error
        except (OSError, HTTPException) as error:
            raise Unreachable(type(error).__name__) from error
