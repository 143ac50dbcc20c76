from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.release.signing import WINDOW_S, Signed, check, signature

SECRET = "0123456789abcdef"
NOW = 1_767_225_600


def test_the_signature_is_hmac_sha256_over_time_dot_body() -> None:
    expected = hmac.new(SECRET.encode(), b'1767225600.{"a":1}', hashlib.sha256).hexdigest()
    assert signature(SECRET, "1767225600", b'{"a":1}') == f"v1={expected}"


@pytest.mark.parametrize(
    ("off_s", "worth"),
    [
        (0, Signed.WELL),
        (WINDOW_S, Signed.WELL),
        (-WINDOW_S, Signed.WELL),
        (WINDOW_S + 1, Signed.TOO_OLD),
        (-WINDOW_S - 1, Signed.TOO_OLD),
    ],
)
def test_a_call_is_worth_something_for_five_minutes(off_s: int, worth: Signed) -> None:
    stamp = str(NOW + off_s)
    given_one = signature(SECRET, stamp, b"x")
    assert check(SECRET, timestamp=stamp, given=given_one, body=b"x", now=NOW) is worth


@given(st.text(max_size=20), st.text(max_size=80), st.binary(max_size=50))
def test_nothing_that_a_stranger_sends_is_worth_anything(
    timestamp: str, signed: str, body: bytes
) -> None:
    worth = check(SECRET, timestamp=timestamp, given=signed, body=body, now=NOW)
    assert worth in {Signed.MISSING, Signed.WRONG}
