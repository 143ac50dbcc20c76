"""The terminal dies in the middle of the work; whoever starts next goes on, and nothing is lost."""

from __future__ import annotations

import signal
import time

import pytest

from tests.slack_person import wait_for
from tests.terminal.night import LOOKED_AT, Keys, Night

pytestmark = pytest.mark.fault

PURGE = ("purge", "shop", "products", "--env", "production", "--yes")
MANY = 12_000
# So slow that whoever looks on, on a busy machine too, sees it in the middle.
SLOWLY = {"CACHE_RELEASE_PURGE_KEYS_PER_S": "3000"}


def _back(before: Keys, after: Keys) -> None:
    now = time.time() * 1000
    alive = {key: value for key, value in before.items() if value[1] < 0 or value[1] > now}
    assert after == alive


def _killed_purge(night: Night) -> tuple[Keys, Keys]:
    """Kill a terminal with SIGKILL while it takes keys out; return the keys as they were before."""
    night.fill(MANY)
    before = night.keys()
    terminal = night.begin(*PURGE, **SLOWLY)
    night.when_keys_move(terminal.kill)
    terminal.wait(10)
    assert 0 < len(night.keys()[0]) < len(before[0])
    return before


def test_the_same_command_again_goes_on_with_a_killed_purge(night: Night) -> None:
    before, outside = _killed_purge(night)
    code, answer = night.asks(*PURGE)
    assert (code, answer["state"], answer["release"]) == (0, "done", "R-1")
    assert (answer["numbers"]["taken"], answer["numbers"]["left"]) == (len(before), 0)
    left, others = night.keys()
    assert (set(left), others) == (LOOKED_AT, outside)
    assert night.asks("rollback", "R-1")[1]["numbers"]["restored"] == len(before)
    _back(before, night.keys()[0])


def test_a_killed_purge_can_be_rolled_back_at_once(night: Night) -> None:
    before, outside = _killed_purge(night)
    code, answer = night.asks("rollback", "R-1")
    assert (code, answer["state"], answer["verdict"]) == (0, "done", "pass")
    after, others = night.keys()
    assert others == outside
    _back(before, after)


def test_ctrl_c_leaves_the_purge_says_so_and_a_bot_that_starts_goes_on(night: Night) -> None:
    night.fill(MANY)
    before, outside = night.keys()
    terminal = night.begin(*PURGE, **SLOWLY)
    night.when_keys_move(lambda: terminal.send_signal(signal.SIGINT))
    said, errors = terminal.communicate(timeout=10)
    assert terminal.returncode == 1
    told = said.partition("Interrupted. ")[2].splitlines()
    assert told[0].startswith("The purge of R-1 has not ended: ")
    assert told[-1] == "To undo: cache-release rollback R-1"
    assert errors == ""
    taken = len(before) - len(night.keys()[0])
    assert 0 < taken < len(before)
    status = night.run("status", "R-1").stdout
    assert "Not ended: purge of R-1, " in status
    assert len(before) - len(night.keys()[0]) == taken  # to look is not to go on
    slack = {k: v for k, v in night.demo.environ.items() if k.startswith("SLACK")}
    night.begin("worker", **slack)
    wait_for("the purge's end", lambda: night.story().release.state == "done")
    left, others = night.keys()
    assert (set(left), others) == (LOOKED_AT, outside)
    assert night.story().snapshots[0].keys == len(before)


def test_a_killed_rollback_goes_on_when_it_is_asked_for_again(night: Night) -> None:
    night.fill(MANY)
    before, outside = night.keys()
    assert night.run(*PURGE).returncode == 0
    terminal = night.begin("rollback", "R-1", **SLOWLY)
    night.when_keys_move(terminal.kill)
    terminal.wait(10)
    assert 0 < len(night.keys()[0]) < len(before)
    again = night.run("rollback", "R-1")
    assert again.returncode == 0, again.stderr
    assert again.stderr.splitlines()[0].startswith("The rollback of R-1 was begun at ")
    assert again.stdout.startswith(f"R-1 rolled back: {len(before):,} of {len(before):,} keys")
    after, others = night.keys()
    assert others == outside
    _back(before, after)
