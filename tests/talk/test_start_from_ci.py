from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from bot.ci.door import BehindHooks, with_hooks
from bot.effects.ledger.sql_ledger import SqlLedger
from bot.effects.system_clock import SystemClock
from bot.release.catalog import Catalog
from tests.talk.conftest import CATALOG, Talk

PAGE = Path(__file__).parents[2] / "docs/how-to/start-from-ci.md"
SECRET = "5f2b8c1d" * 8


class Quiet(WSGIRequestHandler):
    """A handler that logs nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def talk(empty_ledger: SqlLedger, tmp_path: Path) -> Talk:
    shop = {**CATALOG["apps"]["shop"], "ci": {"secret": "env:CI"}}  # type: ignore[index]
    return Talk(empty_ledger, tmp_path, Catalog.model_validate({"apps": {"shop": shop}}))


@pytest.fixture
def door(talk: Talk) -> Iterator[str]:
    behind = BehindHooks(
        run=lambda ask: talk.tools.commands[ask.verb].run(ask, talk.tools),
        ledger=talk.ledger,
        catalog=talk.tools.catalog,
        secret_values={"env:CI": SECRET},
        now=SystemClock().now,
    )
    server = make_server("127.0.0.1", 0, with_hooks(_nothing, behind), handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hooks/shop"
    server.shutdown()
    thread.join()
    server.server_close()


def _nothing(environ: Any, start: Any) -> list[bytes]:
    start("404 Not Found", [])
    return []


def _workflow_lines() -> list[str]:
    """Return the shell lines of the page's workflow that open the release and report on it."""
    text = PAGE.read_text(encoding="utf-8")
    (yaml,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    blocks = re.findall(r"run: \|\n((?: {10}.*\n)+)", yaml)
    return [re.sub(r"^ {10}", "", block, flags=re.MULTILINE) for block in blocks]


def test_the_pages_own_lines_open_a_release_and_report_on_it(
    door: str, talk: Talk, tmp_path: Path
) -> None:
    (script,) = re.findall(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "call.sh").write_text(script)
    environ = {
        "PATH": os.environ["PATH"],
        "CACHE_RELEASE_URL": door,
        "CACHE_RELEASE_SECRET": SECRET,
        "GITHUB_RUN_ID": "70012345",
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_REF_NAME": "v7",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_ENV": str(tmp_path / "env"),
    }

    def run(lines: str, **more: str) -> tuple[int, str]:
        ended = subprocess.run(
            ["bash", "-c", f"set -e\n{lines}"],
            cwd=tmp_path,
            env={**environ, **more},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return ended.returncode, ended.stdout

    opening, reporting = _workflow_lines()
    assert run(opening) == (0, "")
    assert (tmp_path / "env").read_text() == "RELEASE=R-1\n"
    release = talk.story().release
    assert (release.title, release.starter) == ("v7", "ci:shop")
    code, told = run(reporting, RELEASE="R-1")
    assert (code, json.loads(told)["ok"]) == (0, True)
    (report,) = talk.story().evidence
    assert report.link == "https://github.com/acme/shop/actions/runs/70012345"
    code, _ = run(opening)
    assert code == 22
    assert json.loads((tmp_path / "opened.json").read_text())["code"] == "replayed"
    code, told = run(reporting, RELEASE="R-1", CACHE_RELEASE_SECRET="wrong")
    assert (code, json.loads(told)["code"]) == (22, "not_signed")
