import pytest

from bot.release.refusal import Code, Refusal
from bot.release.states import (
    LIVE,
    RELEASE,
    SETTLED_STEP,
    STEP,
    Move,
    ReleaseState,
    StepState,
    after,
    from_states,
)


@pytest.mark.parametrize(
    ("state", "move", "expected"),
    [
        (ReleaseState.OPEN, Move.FINISH, ReleaseState.DONE),
        (ReleaseState.DONE, Move.ROLL_BACK, ReleaseState.ROLLING_BACK),
        (ReleaseState.ABANDONED, Move.ROLL_BACK, ReleaseState.ROLLING_BACK),
        (ReleaseState.ROLLING_BACK, Move.RESTORED, ReleaseState.ROLLED_BACK),
        (ReleaseState.ROLLBACK_FAILED, Move.ROLL_BACK, ReleaseState.ROLLING_BACK),
    ],
)
def test_a_release_lives_by_its_table(
    state: ReleaseState, move: Move, expected: ReleaseState
) -> None:
    assert after(RELEASE, state, move) is expected


def test_a_move_the_table_does_not_hold_is_refused_with_what_is_possible() -> None:
    with pytest.raises(Refusal) as caught:
        after(STEP, StepState.WAITING, Move.APPROVE)
    assert caught.value.code is Code.NOT_NOW
    assert caught.value.failed == "Cannot approve while waiting."
    assert caught.value.expected == "From here: open, hand over."


def test_nothing_leads_out_of_a_settled_step() -> None:
    assert {state for state in StepState if not STEP[state]} == SETTLED_STEP


def test_every_state_is_reached_and_in_its_table() -> None:
    assert set(RELEASE) == set(ReleaseState)
    assert set(STEP) == set(StepState)
    reached = {to for moves in STEP.values() for to in moves.values()}
    assert reached == set(StepState)


def test_a_finished_release_can_always_be_rolled_back_until_it_was() -> None:
    assert from_states(RELEASE, Move.ROLL_BACK) == {
        ReleaseState.OPEN,
        ReleaseState.WATCHING,
        ReleaseState.DONE,
        ReleaseState.ABANDONED,
        ReleaseState.ROLLBACK_FAILED,
    }


def test_a_release_whose_rollback_failed_still_holds_its_routes() -> None:
    assert ReleaseState.ROLLBACK_FAILED in LIVE
    assert ReleaseState.DONE not in LIVE
