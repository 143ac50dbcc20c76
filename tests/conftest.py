from __future__ import annotations

import importlib.util
import os
import shutil

import pytest

from tests.effects.servers import system_redis
from tests.proxies.nginx import find_nginx

CI = os.environ.get("CI", "").lower() == "true"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

pytest_plugins = [
    "tests.proxies.fixture",
    *(name for name in ("tests.postgres",) if importlib.util.find_spec(name) is not None),
]


def find_chromium() -> str | None:
    """Return the program of a Chromium, or None where this machine has none."""
    named = os.environ.get("CHROMIUM")
    return next((path for path in map(shutil.which, [named or "", *BROWSERS]) if path), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    path = find_chromium()
    assert path is not None, "browser tests are deselected where there is no Chromium"
    return path


LEFT_OUT = pytest.StashKey[int]()
WITHOUT_NGINX = pytest.StashKey[int]()


def _leave_out_nginx(config: pytest.Config, items: list[pytest.Item]) -> None:
    behind = [item for item in items if "nginx" in getattr(item, "fixturenames", ())]
    if not behind or find_nginx() is not None:
        return
    if CI:
        raise pytest.UsageError("The tests of caches need an nginx, and none could be found.")
    config.stash[WITHOUT_NGINX] = len(behind)
    config.hook.pytest_deselected(items=behind)
    items[:] = [item for item in items if item not in behind]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    several = [item for item in items if "server" in getattr(item, "fixturenames", ())]
    if several and CI and system_redis() is None:
        raise pytest.UsageError("The tests need a redis-server, and none could be found.")
    _leave_out_nginx(config, items)
    driven = [item for item in items if item.get_closest_marker("browser")]
    if not driven or find_chromium() is not None:
        return
    if CI:
        raise pytest.UsageError("The browser tests need a Chromium, and none could be found.")
    config.stash[LEFT_OUT] = len(driven)
    config.hook.pytest_deselected(items=driven)
    items[:] = [item for item in items if item not in driven]


def _skipped(config: pytest.Config) -> list[str]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    stats = reporter.stats if isinstance(reporter, pytest.TerminalReporter) else {}
    return [report.nodeid for kind in ("skipped", "xfailed") for report in stats.get(kind, [])]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """With CI=true a test that did not run is a test that failed."""
    if CI and exitstatus == pytest.ExitCode.OK and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if system_redis() is None:
        terminalreporter.write_line(
            "Nothing was tried on the system's Redis: there is none on this machine. "
            "As root, `apt-get install redis-server` brings it."
        )
    without = config.stash.get(WITHOUT_NGINX, 0)
    if without:
        terminalreporter.write_line(
            f"{without} tests of caches were left out: there is no nginx on this machine. "
            "As root, `apt-get install nginx-light` brings it."
        )
    left_out = config.stash.get(LEFT_OUT, 0)
    if left_out:
        terminalreporter.write_line(
            f"{left_out} browser tests were left out: there is no Chromium on this machine. "
            "As root, `apt-get install chromium` brings it."
        )
    if CI and _skipped(config):
        terminalreporter.write_line("With CI=true nothing may be skipped, and these were:")
        for name in _skipped(config):
            terminalreporter.write_line(f"  {name}")
