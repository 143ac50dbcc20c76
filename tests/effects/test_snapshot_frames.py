"""A snapshot's commands are found again byte for byte, whatever they hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.effects.snapshots.frames import Captured, SetAside, key_at, records_in, spans_in

BYTES = st.one_of(st.binary(max_size=60), st.just(b"\r\n$6\r\nABSTTL\r\n"), st.just(b"*5\r\n$7"))
CAPTURED = st.builds(
    Captured, key=BYTES, expires_at=st.integers(0, 2**45), dump=st.binary(min_size=1, max_size=80)
)
ASIDE = st.builds(SetAside, key=BYTES, staged=BYTES, expires_at=st.integers(0, 2**45))


@given(st.lists(st.one_of(CAPTURED, ASIDE), max_size=12))
def test_spans_are_where_the_captured_keys_stand(rows: list[Captured | SetAside]) -> None:
    frames = b"".join(row.frame() for row in rows)
    captured = [row for row in rows if isinstance(row, Captured)]
    spans = list(spans_in(frames))
    assert [frames[span.begin : span.end] for span in spans] == [row.frame() for row in captured]
    assert [span.expires_at for span in spans] == [row.expires_at for row in captured]
    assert [key_at(frames, span) for span in spans] == [row.key for row in captured]
    assert list(records_in(frames)) == rows


@pytest.mark.parametrize("cut", [1, 10, 25, 30, 45])
def test_what_is_cut_short_is_no_frame(cut: int) -> None:
    frame = Captured(key=b"anp:a", expires_at=7, dump=b"x" * 20).frame()
    with pytest.raises(ValueError, match=r"snapshot|expected"):
        list(spans_in(frame[: len(frame) - cut]))
