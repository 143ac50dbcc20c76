"""Runs the demo: `python -m bot.sandbox FOLDER MANIFEST PORT`."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.sandbox.demo import run_demo

if __name__ == "__main__":
    folder, manifest, port = sys.argv[1:]
    run_demo(Path(folder), Path(manifest), port=int(port))
