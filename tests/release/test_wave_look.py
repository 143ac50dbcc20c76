"""What a short look between two waves lets the purge do."""

from __future__ import annotations

import pytest

from bot.release.records import Outcome
from bot.release.wave_look import Glance, Sample, glance, glance_from_json, glance_json, judge


def seen(**changes: object) -> Glance:
    plain: dict = {"requests": 6, "failed": 0, "cold": 0, "still_cold": 0, "ms": 20.0}
    return Glance(**{**plain, "control_ms": None, **changes})


@pytest.mark.parametrize(
    ("before", "after", "outcome", "evidence"),
    [
        (
            seen(),
            seen(cold=2),
            Outcome.PASS,
            "6 requests, none failed, 20 ms (20 ms before), 2 cold.",
        ),
        (
            seen(),
            seen(failed=1, worst="/p answered 500"),
            Outcome.FAIL,
            "1 of 6 requests failed, 0 before the purge: /p answered 500.",
        ),
        (
            seen(failed=2, worst="/p answered 404"),
            seen(failed=2, worst="/p answered 404"),
            Outcome.UNSURE,
            "2 of 6 requests failed, as before the purge: /p answered 404.",
        ),
        (
            seen(),
            seen(still_cold=2),
            Outcome.UNSURE,
            "2 pages are still no cache hit when asked for again: the cache does not fill.",
        ),
        (
            seen(),
            seen(ms=300.0),
            Outcome.UNSURE,
            "The pages take 300 ms now, 20 ms before the purge.",
        ),
        (seen(), seen(ms=110.0), Outcome.PASS, "6 requests, none failed, 110 ms (20 ms before)."),
        (
            seen(control_ms=10.0),
            seen(ms=300.0, control_ms=150.0),
            Outcome.PASS,
            "6 requests, none failed, 300 ms (20 ms before).",
        ),
        (None, seen(requests=0), Outcome.UNSURE, "No page of the route could be looked at."),
        (
            None,
            seen(failed=6, ms=None, worst="/p: timeout"),
            Outcome.FAIL,
            "6 of 6 requests failed, 0 before the purge: /p: timeout.",
        ),
    ],
)
def test_a_look_is_judged(
    before: Glance | None, after: Glance, outcome: Outcome, evidence: str
) -> None:
    judged = judge(before, after)
    assert (judged.outcome, judged.evidence) == (outcome, evidence)


def test_samples_become_a_glance_without_the_time_of_the_first_round() -> None:
    def sample(path: str, number: int, ms: float, *, hit: bool | None = None) -> Sample:
        control = path == "/about"
        return Sample(path=path, control=control, round=number, status=200, ms=ms, hit=hit)

    found = glance(
        [
            sample("/p", 1, 900, hit=False),
            sample("/about", 1, 50),
            sample("/p", 2, 10, hit=True),
            sample("/about", 2, 7, hit=False),
            sample("/p", 3, 20, hit=False),
            sample("/about", 3, 9),
        ]
    )
    assert found == Glance(requests=3, failed=0, cold=2, still_cold=1, ms=15.0, control_ms=8.0)
    assert glance_from_json(glance_json(found)) == found
    assert glance_from_json(None) is None
