"""Many people press Roll back at the same moment."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.sandbox.demo import Demo
from tests.slack_person import SlackPerson, shown, wait_for

pytestmark = pytest.mark.fault

PEOPLE = ("U01OWNER", "U02APPROVER", "U03ONCALL", "U01ADMIN")


def test_thirty_presses_at_once_are_one_rollback(demo: Demo) -> None:
    assert demo.slack is not None
    slack = demo.slack
    people = [SlackPerson(slack, user) for user in PEOPLE]
    people[0].types("/cache-release purge shop products")
    people[0].presses("Run", on="Purge only the affected route")
    people[1].presses("Approve purge", on="keys match")
    people[1].sees("are in snapshot")
    with ThreadPoolExecutor(30) as pool:
        presses = [
            pool.submit(people[number % 4].types, "/cache-release rollback R-1")
            for number in range(30)
        ]
    assert [press.exception() for press in presses] == [None] * 30
    people[2].sees("R-1 rolled back", seconds=60)
    with sqlite3.connect(demo.environ["DATABASE_URL"].removeprefix("sqlite:///")) as ledger:
        kinds = ledger.execute("SELECT count(*) FROM action WHERE kind = 'rollback'").fetchall()
        hooks = ledger.execute("SELECT name, state FROM op_step WHERE name LIKE 'deploy%'")
        assert kinds == [(1,)]
        assert hooks.fetchall() == [("deploy hook", "done")]
    wait_for("the end in the channel", lambda: bool(_ends(people[3])))
    assert len(_ends(people[3])) == 1
    told = [
        shown(message)
        for person in people
        for message in person.messages()
        if message["ephemeral"] and "R-1" in shown(message)
    ]
    assert sum("Rolling back R-1." in text for text in told) == 1
    assert sum("Nothing was done twice." in text for text in told) == 29


def _ends(person: SlackPerson) -> list[dict]:
    return [message for message in person.messages() if message["broadcast"]]
