from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PLANTED = [
    ("bot/release/plan.py", "from bot import steps", "Imports go one way"),
    ("bot/effects/deploy_hook.py", "from bot import commands", "Imports go one way"),
    ("bot/work/parts.py", "from bot import settings", "Imports go one way"),
    ("bot/release/people.py", "import time", "Rules and steps are pure"),
    ("bot/steps/rollback_ready.py", "import redis", "Rules and steps are pure"),
    ("bot/steps/purge.py", "import bot.steps.rollback_ready", "Steps do not know each other"),
    ("bot/commands/status.py", "import bot.commands.help", "Commands do not know each other"),
    ("bot/commands/lock.py", "import slack_sdk", "Slack's libraries stay behind the Slack door"),
    ("bot/sandbox/demo.py", "import bot.commands", "The sandbox knows the bot from outside"),
]


def _lint(folder: Path) -> tuple[int, str]:
    ran = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "bot", tmp_path / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_arrow_holds() -> None:
    code, said = _lint(ROOT)
    assert (code, "6 kept, 0 broken" in said) == (0, True), said


def test_every_kind_of_wrong_arrow_is_found(copy: Path) -> None:
    for file, line, _ in PLANTED:
        with (copy / file).open("a") as source:
            source.write(f"\n{line}\n")
    code, said = _lint(copy)
    broken = {name for _, _, name in PLANTED if f"{name} BROKEN" in said}
    assert (code, broken) == (1, {name for _, _, name in PLANTED}), said
    unnamed = [
        file for file, _, _ in PLANTED if file.removesuffix(".py").replace("/", ".") not in said
    ]
    assert unnamed == []


def test_a_room_that_no_contract_knows_is_found(copy: Path) -> None:
    (copy / "bot" / "attic.py").write_text('"""Nobody said what this is."""\n')
    code, said = _lint(copy)
    assert (code, "bot.attic" in said) == (1, True), said
