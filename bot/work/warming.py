"""Fetches a route's pages after a wave, so that the first visitor need not wait."""

from __future__ import annotations

import logging
from typing import Any

from bot.release.cache_headers import BROWSER_HEADERS
from bot.release.refusal import Refusal
from bot.release.warm_pages import pages_to_warm
from bot.steps import Fetch, Job, Request
from bot.work.jobs import release_name
from bot.work.parts import Parts
from bot.work.report import Report

log = logging.getLogger(__name__)

EVERY_S = 0.2
LINE = "pages fetched to warm the cache"


def warm(parts: Parts, job: Job, report: Report, wave: dict[str, Any]) -> None:
    """Fetch the pages of the routes that want it, once a wave, signed in as nobody; a page that fails is left."""
    pages = pages_to_warm(job.routes, job.plan)
    if not pages or "warmed" in wave:
        return

    def on_progress(done: int, total: int) -> None:
        report.tell("warm", LINE, done, total)
        report.heed()

    report.phase("warm", LINE, total=len(pages))
    try:
        seen = parts.probe.fetch(
            Fetch(
                requests=tuple(Request(path=page, headers=BROWSER_HEADERS) for page in pages),
                every=EVERY_S,
            ),
            base_url=job.environment.url,
            allow_private=job.environment.allow_private,
            cookies={},
            on_progress=on_progress,
            release=release_name(job),
        )
    except Refusal as refusal:
        # Warming is a courtesy: the purge is right without it.
        log.warning("%s is not warmed: %s", job.app_name, refusal)
        return
    wave["warmed"] = sum(row.error is None and row.status < 400 for row in seen.responses)
    report.so_far["warmed"] = report.so_far.get("warmed", 0) + wave["warmed"]
    report.keep()
