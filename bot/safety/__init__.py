"""The look at an installation's safety: permissions, secrets, limits, answers, logging, Redis rights, TLS."""

from __future__ import annotations

from bot.safety.report import report as report
