"""A plan is read back as it was written, and its hash covers what an approval binds."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace

from hypothesis import given
from hypothesis import strategies as st

from bot.release.forecast import Forecast
from bot.release.plan import BigKey, Group, PatternCount, Plan, TtlSpread, plan_from_json

OLD = {
    "app": "shop",
    "environment": "production",
    "routes": ["products"],
    "patterns": [
        {
            "pattern": "anp:page:/products*",
            "keys": 1204,
            "bytes": 3_100_000,
            "ttl": {
                "no_expiry": 4,
                "under_minute": 0,
                "under_hour": 1200,
                "under_day": 0,
                "longer": 0,
            },
            "sample": ["anp:page:/products"],
            "neighbours": ["anp:page:/products-old"],
        }
    ],
    "database_keys": 20_000,
    "run": "00000000002a",
}
"""A plan as the version before this one kept it."""

COUNTS = st.integers(min_value=0, max_value=10**12)
NAMES = st.text(max_size=20)
GROUPS = st.lists(st.builds(Group, name=NAMES, keys=COUNTS), max_size=3).map(tuple)
PATTERNS = st.builds(
    PatternCount,
    pattern=NAMES,
    keys=COUNTS,
    bytes=COUNTS,
    ttl=st.builds(TtlSpread, no_expiry=COUNTS, longer=COUNTS),
    sample=st.lists(NAMES, max_size=3).map(tuple),
    measured=COUNTS,
    bytes_error=COUNTS,
    types=GROUPS,
    biggest=st.lists(st.builds(BigKey, name=NAMES, bytes=COUNTS, type=NAMES), max_size=3).map(
        tuple
    ),
    parts=GROUPS,
    rare=GROUPS,
    overlaps=GROUPS,
    alike=GROUPS,
)
PLANS = st.builds(
    Plan,
    app=NAMES,
    environment=NAMES,
    routes=st.lists(NAMES, max_size=2).map(tuple),
    patterns=st.lists(PATTERNS, max_size=3).map(tuple),
    database_keys=COUNTS,
    run=NAMES,
    forecast=st.none() | st.builds(Forecast, keys=COUNTS, bytes=COUNTS, cold_per_s=st.none()),
    source=NAMES,
)


@given(plan=PLANS)
def test_a_plan_is_read_back_as_it_was_written(plan: Plan) -> None:
    back = plan_from_json(json.loads(json.dumps(asdict(plan))))
    assert back == plan
    assert back.hash == plan.hash


def test_a_plan_of_an_older_version_is_read_and_keeps_the_hash_that_was_approved() -> None:
    text = json.dumps(OLD, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    plan = plan_from_json(OLD)
    assert plan.hash == hashlib.sha256(text.encode()).hexdigest()
    assert (plan.keys, plan.bytes_error, plan.forecast, plan.source) == (1204, 0, None, "")
    assert plan.patterns[0].types == plan.patterns[0].alike == ()


def test_an_approval_binds_the_scope_its_counts_and_its_doubts_and_not_the_forecast() -> None:
    plan = plan_from_json(OLD)
    (row,) = plan.patterns
    changed = [
        replace(plan, run="another"),
        replace(plan, environment="staging"),
        replace(plan, database_keys=20_001),
        replace(plan, patterns=(replace(row, keys=1205),)),
        replace(plan, patterns=(replace(row, pattern="anp:page:/product*"),)),
        replace(plan, patterns=(replace(row, overlaps=(Group(name="cart", keys=1),)),)),
        replace(plan, patterns=(replace(row, alike=(Group(name="anp:session", keys=1),)),)),
    ]
    assert len({plan.hash, *(other.hash for other in changed)}) == 8
    told = replace(plan, forecast=Forecast(keys=1, bytes=1, cold_per_s=3.0), source="elsewhere")
    assert told.hash == plan.hash


def test_groups_of_several_patterns_are_added_up_largest_first() -> None:
    (row,) = plan_from_json(OLD).patterns
    one = replace(row, types=(Group(name="hash", keys=2), Group(name="string", keys=1)))
    two = replace(row, types=(Group(name="string", keys=5),), bytes_error=4)
    plan = replace(plan_from_json(OLD), patterns=(replace(one, bytes_error=3), two))
    assert plan.groups("types") == (Group(name="string", keys=6), Group(name="hash", keys=2))
    assert plan.ttl == TtlSpread(no_expiry=8, under_hour=2400)
    assert (plan.bytes_error, plan.share) == (5, 2408 / 20_000)
