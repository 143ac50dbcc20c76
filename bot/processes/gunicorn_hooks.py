"""What gunicorn does beside serving: the counts of its workers are taken away with it."""

from __future__ import annotations

import os
import shutil

from bot.effects.metrics import SEVERAL


def on_exit(server: object) -> None:
    """Take away the folder in which the workers counted."""
    folder = os.environ.get(SEVERAL)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
