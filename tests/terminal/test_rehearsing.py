"""A release is rehearsed, refused and waived at a terminal."""

from __future__ import annotations

from tests.terminal.night import Night

GATED = {"CACHE_RELEASE_REHEARSAL_H": "24"}


def test_a_release_waits_for_its_rehearsal_at_the_terminal_too(night: Night) -> None:
    night.fill(1000, "staging")
    before, outside = night.keys("staging")
    started = night.run("start", "shop", "products", "First", **GATED)
    assert "its first step opens after a rehearsal on staging" in started.stdout
    shut = night.run("run", "R-1", "1", **GATED)
    assert shut.returncode == 1
    assert "Not run: R-1 opens after a rehearsal on staging" in shut.stdout + shut.stderr
    done = night.run("rehearse", "R-1", **GATED)
    lines = done.stdout.splitlines()
    assert lines[0] == "Rehearsing products of shop production on staging."
    assert lines[1].startswith("Rehearsal: ")
    assert any(
        line.strip().startswith("PASS Roll back: The command ran deploy.sh --environment staging")
        for line in lines
    )
    after, beside = night.keys("staging")
    assert {key: after.get(key) for key in before} == before
    assert beside == outside
    waived = night.run("waive", "R-1", "seen enough", **GATED)
    assert waived.returncode == 0
    assert night.run("run", "R-1", "1", **GATED).returncode == 0
