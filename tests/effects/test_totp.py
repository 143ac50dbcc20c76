"""Second factors: the codes of RFC 6238, their seal, and that one code is taken once by many processes."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.effects.ledger.sql_ledger import open_ledger
from bot.effects.totp import TotpCodes
from bot.release.records import Change, Kept, Lost
from bot.release.step_up import Enrolment, UnreadableError, tried

AT = datetime(2026, 3, 1, 14, 0, tzinfo=UTC)
CODES = TotpCodes(b"k" * 32)


def sealed(secret: str, person: str = "U1") -> str:
    """Return a known secret as the ledger would hold it."""
    nonce = b"n" * 12
    return base64.b64encode(
        nonce + CODES._gcm.encrypt(nonce, secret.encode(), person.encode())
    ).decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_are_those_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    at = datetime.fromtimestamp(seconds, UTC)
    assert CODES.counter("U1", sealed(secret), code, at) == seconds // 30


@pytest.mark.parametrize(
    ("late_s", "counts"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)]
)
def test_clocks_may_differ_by_one_step(late_s: int, counts: bool) -> None:
    new = CODES.new("U1")
    code = pyotp.TOTP(CODES.shown("U1", new)).at(AT + timedelta(seconds=late_s))
    assert (CODES.counter("U1", new, code, AT) is not None) is counts


def test_a_secret_opens_for_its_person_and_key_alone() -> None:
    new = CODES.new("U1")
    assert len(base64.b32decode(CODES.shown("U1", new))) == 20
    for codes, person in ((CODES, "U2"), (TotpCodes(b"x" * 32), "U1")):
        with pytest.raises(UnreadableError):
            codes.shown(person, new)
    assert CODES.new("U1") != new


def test_one_code_is_taken_once_by_two_processes(ledger_url: str) -> None:
    ledgers = [open_ledger(ledger_url) for _ in range(2)]
    new = Enrolment(person="U1", sealed=CODES.new("U1"), enrolled_at=AT)
    assert isinstance(ledgers[0].keep(Change(act="a", by="U1", at=AT, enrolment=new)), Kept)
    read = ledgers[0].enrolment("U1")
    assert read is not None
    assert read == Enrolment(person="U1", sealed=new.sealed, version=1, enrolled_at=AT)
    proved = Change(act="proved", by="U1", at=AT, enrolment=tried(read, 7, AT))
    with ThreadPoolExecutor(2) as two:
        answers = list(two.map(lambda ledger: ledger.keep(proved), ledgers))
    assert sorted(type(answer).__name__ for answer in answers) == ["Kept", "Lost"]
    (lost,) = [answer for answer in answers if isinstance(answer, Lost)]
    assert lost.what == "another code of yours was tried at the same moment"
    now = ledgers[1].enrolment("U1")
    assert now is not None
    assert (now.version, now.counter, now.proved_at) == (2, 7, AT)
    for ledger in ledgers:
        ledger.close()


def test_two_who_enrol_at_once_have_one_secret(ledger_url: str) -> None:
    ledger = open_ledger(ledger_url)
    rows = [Enrolment(person="U1", sealed=CODES.new("U1")) for _ in range(2)]
    kept = [ledger.keep(Change(act="a", by="U1", at=AT, enrolment=row)) for row in rows]
    assert isinstance(kept[1], Lost)
    found = ledger.enrolment("U1")
    assert found is not None
    assert found.sealed == rows[0].sealed
    ledger.close()


@given(st.lists(st.one_of(st.none(), st.integers(0, 50)), max_size=40))
def test_the_steps_that_are_taken_only_rise(counters: list[int | None]) -> None:
    row = Enrolment(person="U1", sealed="s", enrolled_at=AT, counter=3)
    taken = []
    for minute, counter in enumerate(counters):
        after = tried(row, counter, AT + timedelta(minutes=minute))
        if after.wrong == 0:
            taken.append(after.counter)
        assert after.wrong <= len(counters)
        row = after
    assert taken == sorted(set(taken))
    assert all(counter > 3 for counter in taken)
