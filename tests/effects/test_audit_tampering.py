"""Whatever is done to the audit behind the ledger's back is found at the row where it was done."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from bot.effects.audit_anchors import add_anchor, read_anchors
from bot.effects.ledger.connect import LostRaceError, open_engine
from bot.effects.ledger.signing import anchor_of, stone_of
from bot.effects.ledger.sql_ledger import SqlLedger, open_ledger
from bot.release.audit_standing import Fault, Standing, Stone
from bot.release.problems import Problems
from tests.effects.test_ledger_audit import does, intrude, written
from tests.ledger_values import NOON, kept, later, opened

KEY = b"k" * 32
COLUMNS = ("seq", "at", "actor", "act", "release_id", "body", "prev", "hash")
ENTRIES = 5


def found(standing: Standing) -> tuple[int, Fault] | None:
    return None if standing.finding is None else (standing.finding.seq, standing.finding.fault)


def swap(connection: Connection) -> None:
    connection.execute(text("UPDATE audit SET seq = 99 WHERE seq = 2"))
    connection.execute(text("UPDATE audit SET seq = 2 WHERE seq = 4"))
    connection.execute(text("UPDATE audit SET seq = 4 WHERE seq = 99"))


def insert(connection: Connection) -> None:
    """Make room behind the second entry, and put a copy of it there."""
    for seq in range(ENTRIES, 2, -1):
        connection.execute(
            text("UPDATE audit SET seq = :to WHERE seq = :seq"), {"seq": seq, "to": seq + 1}
        )
    copied = "INSERT INTO audit SELECT 3, at, actor, act, release_id, body, prev, hash FROM audit WHERE seq = 2"
    connection.execute(text(copied))


COPY = "INSERT INTO audit SELECT {}, at, actor, act, release_id, body, prev, hash FROM audit WHERE seq = 5"


@pytest.mark.parametrize(
    ("work", "seq", "fault"),
    [
        (does("DELETE FROM audit WHERE seq = 1"), 1, Fault.MISSING),
        (does("DELETE FROM audit WHERE seq = 3"), 3, Fault.MISSING),
        (does("DELETE FROM audit WHERE seq = 5"), 5, Fault.CUT_OFF),
        (swap, 2, Fault.REORDERED),
        (insert, 3, Fault.REORDERED),
        (does(COPY.format(6)), 6, Fault.REORDERED),
        (does(COPY.format(0)), 0, Fault.ADDED),
        (does(COPY.format(-4)), -4, Fault.ADDED),
        (does("DELETE FROM audit_head"), 5, Fault.MISSING),
        (does("UPDATE audit_head SET seq = 4"), 5, Fault.ADDED),
    ],
    ids=[
        "first gone",
        "middle gone",
        "last gone",
        "two swapped",
        "one put between",
        "one put behind",
        "one put before",
        "one put far before",
        "head gone",
        "head moved back",
    ],
)
def test_the_first_bad_entry_is_named_with_what_is_wrong(
    ledger: SqlLedger, ledger_url: str, work: Callable[[Connection], object], seq: int, fault: Fault
) -> None:
    written(ledger)
    assert found(ledger.audit_standing()) is None
    intrude(ledger_url, work)
    assert found(ledger.audit_standing()) == (seq, fault)


@pytest.fixture(scope="module")
def five(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with five entries, its guards taken off."""
    path = tmp_path_factory.mktemp("tamper") / "five.sqlite"
    shutil.copy(migrated_sqlite, path)
    ledger = open_ledger(f"sqlite:///{path}")
    written(ledger)
    ledger.close()
    intrude(f"sqlite:///{path}", does("PRAGMA user_version = 0"))
    return path


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seq=st.integers(1, ENTRIES),
    column=st.sampled_from(COLUMNS),
    value=st.one_of(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30),
        st.integers(-(2**31), 2**31),
        st.datetimes(timezones=st.just(UTC)).map(lambda at: at.strftime("%Y-%m-%d %H:%M:%S.%f")),
    ),
)
def test_whatever_is_changed_in_any_column_of_any_entry_is_found_there(
    five: Path, seq: int, column: str, value: Any
) -> None:
    engine = open_engine(f"sqlite:///{five}")
    ledger = SqlLedger(engine)
    with engine.connect() as connection, connection.begin() as change:
        before = connection.execute(text(f"SELECT {column} FROM audit WHERE seq = {seq}")).scalar()
        same = str(before) == str(value)
        if column == "seq" and (not isinstance(value, int) or 1 <= value <= ENTRIES):
            return
        connection.execute(
            text(f"UPDATE audit SET {column} = :value WHERE seq = {seq}"), {"value": value}
        )
        change.commit()
    standing = ledger.audit_standing()
    with engine.begin() as connection:
        where = value if column == "seq" else seq
        connection.execute(
            text(f"UPDATE audit SET {column} = :value WHERE seq = :seq"),
            {"value": before, "seq": where},
        )
    assert ledger.audit_standing().finding is None
    ledger.close()
    if same:
        assert standing.finding is None
    elif column == "seq" and isinstance(value, int) and value < 1:
        assert found(standing) == (value, Fault.ADDED)
    elif column == "seq":
        assert found(standing) in {(seq, Fault.MISSING), (seq, Fault.CUT_OFF)}
    else:
        assert found(standing) == (seq, Fault.CHANGED)


@pytest.mark.parametrize("column", [name for name in COLUMNS if name != "seq"])
def test_a_change_of_each_column_is_found_in_each_entry(
    ledger: SqlLedger, ledger_url: str, column: str
) -> None:
    written(ledger)
    value = {"at": "'2026-05-04 12:00:00.000001+00:00'", "release_id": "7"}.get(column, "'x'")
    for seq in range(ENTRIES, 0, -1):
        if seq == ENTRIES:
            intrude(ledger_url, does(f"UPDATE audit SET {column} = {value} WHERE seq = {seq}"))
        else:
            engine = open_engine(ledger_url)
            with engine.begin() as connection:
                connection.execute(text(f"UPDATE audit SET {column} = {value} WHERE seq = {seq}"))
            engine.dispose()
        assert found(ledger.audit_standing()) == (seq, Fault.CHANGED)


def anchored(ledger: SqlLedger, path: Path, key: bytes = KEY) -> None:
    seq, hashed = ledger.audit_head()
    add_anchor(path, anchor_of(key, seq=seq, hashed=hashed, at=NOON))


def test_a_cut_end_is_found_by_anchors_alone(
    ledger: SqlLedger, ledger_url: str, tmp_path: Path
) -> None:
    written(ledger)
    path = tmp_path / "kept" / "anchors"
    anchored(ledger, path)
    third = ledger.audit()[2]
    assert path.stat().st_mode & 0o777 == 0o600
    met = ledger.audit_standing(key=KEY, anchors=read_anchors(path))
    assert (met.anchors, met.finding) == (1, None)

    def cut(connection: Connection) -> None:
        connection.execute(text("DELETE FROM audit WHERE seq > 3"))
        connection.execute(
            text("UPDATE audit_head SET seq = 3, hash = :hash"), {"hash": third.hash}
        )

    intrude(ledger_url, cut)
    assert found(ledger.audit_standing(key=KEY)) is None
    told = ledger.audit_standing(key=KEY, anchors=read_anchors(path))
    assert found(told) == (4, Fault.CUT_OFF)
    kept(ledger, act="later", at=later(5))
    kept(ledger, act="later", at=later(6))
    told = ledger.audit_standing(key=KEY, anchors=read_anchors(path))
    assert found(told) == (5, Fault.REWRITTEN)


def test_an_anchor_that_somebody_else_made_is_told_from_ours(
    ledger: SqlLedger, tmp_path: Path
) -> None:
    written(ledger)
    anchored(ledger, tmp_path / "anchors", b"other" * 8)
    told = ledger.audit_standing(key=KEY, anchors=read_anchors(tmp_path / "anchors"))
    assert found(told) == (5, Fault.UNSIGNED)


def test_anchors_are_read_from_a_log_and_from_what_was_copied_out_of_slack(tmp_path: Path) -> None:
    anchor = anchor_of(KEY, seq=7, hashed="a" * 64, at=NOON)
    add_anchor(tmp_path / "own", anchor)
    line = (tmp_path / "own").read_text().strip()
    escaped = line.replace('"', '\\"')
    log = f'{{"at":"x","message":"clock is ready"}}\n{{"at":"x","message":"audit anchor {escaped}"}}\n'
    (tmp_path / "log").write_text(log)
    (tmp_path / "slack").write_text(f"`audit anchor {line}`\n\n")
    for name in ("own", "log", "slack"):
        assert read_anchors(tmp_path / name) == (anchor,)


@pytest.mark.parametrize("said", ["", "garbage\n", '{"seq":1,"hmac":"x"}\n', '{"message":"x"}\n'])
def test_a_file_without_whole_anchors_is_not_taken_for_one(tmp_path: Path, said: str) -> None:
    (tmp_path / "anchors").write_text(said)
    with pytest.raises(Problems, match="anchor"):
        read_anchors(tmp_path / "anchors")


def stone_at(ledger: SqlLedger, seq: int, key: bytes = KEY, entries: int | None = None) -> Stone:
    (hashed,) = [entry.hash for entry in ledger.audit(limit=1000) if entry.seq == seq]
    count = seq if entries is None else entries
    return stone_of(
        key, seq=seq, hashed=hashed, entries=count, at=later(60), by="terminal:ana", digest="d" * 64
    )


def test_a_pruned_beginning_is_gone_and_the_chain_goes_on_from_its_stone(
    ledger: SqlLedger, tmp_path: Path
) -> None:
    written(ledger)
    anchored(ledger, tmp_path / "anchors")
    ledger.set_stone(stone_at(ledger, 3))
    assert [entry.seq for entry in ledger.audit()] == [6, 5, 4]
    assert ledger.audit()[0].act == "prune audit"
    standing = ledger.audit_standing(key=KEY, anchors=read_anchors(tmp_path / "anchors"))
    assert (standing.entries, standing.pruned, standing.anchors) == (3, 3, 1)
    assert standing.finding is None
    ledger.set_stone(stone_at(ledger, 5, entries=2))
    standing = ledger.audit_standing(key=KEY, anchors=read_anchors(tmp_path / "anchors"))
    assert (standing.entries, standing.pruned, standing.anchors) == (2, 5, 1)
    assert standing.finding is None


def test_who_prunes_second_is_told_and_nothing_goes_twice(ledger: SqlLedger) -> None:
    written(ledger)
    second = stone_at(ledger, 4)
    ledger.set_stone(stone_at(ledger, 3))
    with pytest.raises(LostRaceError):
        ledger.set_stone(second)
    assert [entry.seq for entry in ledger.audit()] == [6, 5, 4]


def test_a_stone_without_the_key_is_found(ledger: SqlLedger) -> None:
    written(ledger)
    ledger.set_stone(stone_at(ledger, 3, key=b"forged" * 6))
    assert found(ledger.audit_standing(key=KEY)) == (3, Fault.UNSIGNED)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit WHERE seq = 4",
        "DELETE FROM audit",
        "UPDATE audit_stone SET seq = 5",
        "DELETE FROM audit_stone",
    ],
)
def test_a_stone_lets_nothing_go_but_what_it_stands_for(
    ledger: SqlLedger, ledger_url: str, statement: str
) -> None:
    written(ledger)
    ledger.set_stone(stone_at(ledger, 3))
    engine = open_engine(ledger_url)
    with pytest.raises(Exception, match="the audit is append-only"), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
    assert len(ledger.audit()) == 3


def test_what_belongs_to_a_live_release_is_not_pruned(ledger: SqlLedger) -> None:
    kept(ledger, act="lock")
    kept(ledger, act="unlock")
    release = opened(ledger)
    kept(ledger, act="note", release_id=release.id)
    assert ledger.prunable(before=later(3600), now=later(3600)) == (1, 2)
    assert ledger.prunable(before=NOON - timedelta(days=1), now=NOON) == (1, 0)
    rows = list(ledger.audit_rows(1, 3))
    assert [row["seq"] for row in rows] == [1, 2, 3]
    assert rows[1]["prev"] == rows[0]["hash"]
