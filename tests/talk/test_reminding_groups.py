"""Of an approval the required group is reminded once only its yes is missing, at last those on call by a schedule."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.membership import Membership
from bot.release.reminder_times import ReminderPlan
from bot.release.working_hours import ALWAYS
from tests.talk.reminding import reminded, sent, tick
from tests.talk.test_required_group import DEV, SRE, Guarded

PEOPLE = {"S01SRE": frozenset({SRE}), "pagerduty:PRIMARY": frozenset({"U09NIGHT"})}


def test_the_missing_group_is_reminded_and_then_those_on_call(
    empty_ledger: SqlLedger, tmp_path: Path
) -> None:
    talk = Guarded(empty_ledger, tmp_path, 2, "S01SRE", oncall=("pagerduty:PRIMARY",))

    def members(name: str) -> Membership:
        return Membership(name=name, people=PEOPLE[name], at=talk.clock.at)

    reminded(talk, ReminderPlan(hours=ALWAYS, members=members))
    talk.say("run R-1")
    talk.approves(DEV)
    since = talk.story().actions[-1].ended_at
    assert since is not None
    assert [who for who, _ in tick(talk, since + timedelta(minutes=81))] == [SRE]
    notice = talk.ledger.notice(sent(talk)[0].key)
    assert notice is not None
    assert "1 of 2 given. One by <!subteam^S01SRE> is still missing." in notice.lines[0]
    late = tick(talk, since + timedelta(minutes=201))
    assert "U09NIGHT" in [who for who, _ in late]
