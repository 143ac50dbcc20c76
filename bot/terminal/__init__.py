"""The terminal door: the same verbs as in Slack, for the night when Slack is down."""

from __future__ import annotations

from bot.terminal.door import Behind as Behind
from bot.terminal.door import Terminal as Terminal
from bot.terminal.printing import Printer as Printer
