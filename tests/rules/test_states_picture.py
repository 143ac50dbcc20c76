"""The pictures of the two lives in the reference are drawn from the tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.release.states import RELEASE, STEP, Move, ReleaseState, StepState

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "states.md"


def drawn(table: Mapping[ReleaseState | StepState, Mapping[Move, ReleaseState | StepState]]) -> str:
    """Return a table as a Mermaid state diagram."""
    arrows = [
        f"    {state} --> {to}: {move.replace('_', ' ')}"
        for state, moves in table.items()
        for move, to in moves.items()
    ]
    return "\n".join(["```mermaid", "stateDiagram-v2", *arrows, "```"])


@pytest.mark.parametrize("table", [RELEASE, STEP], ids=["release", "step"])
def test_the_reference_shows_the_table_as_it_is(
    table: Mapping[ReleaseState | StepState, Mapping[Move, ReleaseState | StepState]],
) -> None:
    assert drawn(table) in PAGE.read_text(encoding="utf-8")
