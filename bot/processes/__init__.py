"""The bot's processes: what each role starts, in which order it ends, and what the clock asks for."""

from __future__ import annotations

from bot.processes.serving import serve as serve
from bot.processes.serving import web as web
from bot.processes.starting import Role as Role
from bot.processes.starting import door_of as door_of
from bot.processes.starting import folder_of as folder_of
from bot.processes.starting import start as start
from bot.processes.ticking import sweep as sweep
