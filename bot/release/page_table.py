"""A page's answers side by side, narrow enough for a phone: before the purge, and the first two after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.release.purge_rules import PageSeen
from bot.release.sight import Sight

WIDTH = 36
NAME, CELL = 9, 9
MARK = "*"
LEGEND = f"{MARK} differs from before"


def page_table(seen: PageSeen) -> tuple[str, ...]:
    """Return the lines `before | after #1 | after #2` of a purged page, at most 36 columns wide."""
    sights = (seen.before, *seen.after[:2], *[None] * (2 - len(seen.after)))
    return columns(seen.path, ("before", "after #1", "after #2"), sights)


def columns(
    path: str,
    titles: Sequence[str],
    sights: Sequence[Sight | None],
    *,
    marked: bool = True,
) -> tuple[str, ...]:
    """Return a page's lines; where `marked`, a cell that differs from the first column's is marked."""
    title = "".join(f"{text:<{CELL}}" for text in titles)
    return (_cut(path), f"{'':<{NAME}}{title}".rstrip(), *_rows(sights, marked))


def _rows(sights: Sequence[Sight | None], marked: bool) -> Iterator[str]:
    yield _row("cache", [None if one is None else _word(one) for one in sights], marked)
    for name, cells in (
        ("Age", [_number(one, "age") for one in sights]),
        ("kept s", [_number(one, "ttl") for one in sights]),
    ):
        yield _row(name, cells, marked)
    for name, field in (("Vary", "vary"), ("ETag", "etag"), ("coding", "encoding")):
        texts = [None if one is None else str(getattr(one, field) or "-") for one in sights]
        if len({text for text in texts if text is not None}) > 1:
            yield _row(name, texts, marked)


def _word(sight: Sight) -> str:
    return "failed" if sight.broken else sight.word


def _number(sight: Sight | None, field: str) -> str | None:
    if sight is None:
        return None
    value = getattr(sight, field)
    return "-" if value is None else str(value)


def _row(name: str, cells: Sequence[str | None], marked: bool) -> str:
    first = cells[0]
    shown = [_cell(cell, differs=marked and first is not None and cell != first) for cell in cells]
    return f"{name:<{NAME}}{''.join(f'{text:<{CELL}}' for text in shown)}".rstrip()


def _cell(text: str | None, *, differs: bool) -> str:
    if text is None:
        return ""
    room = CELL - 1 - len(MARK if differs else "")
    return f"{text[:room]}{MARK if differs else ''}"


def neighbour_line(seen: PageSeen) -> str:
    """Return a neighbour's state before and after in one line or two, at most 36 columns wide each."""
    was, now = (_short(one) for one in (seen.before, seen.after[0]))
    return f"{_cut(seen.path)}\n  not purged: {was} -> {now}"


def _short(sight: Sight | None) -> str:
    if sight is None:
        return "not seen"
    if sight.broken:
        return "failed"
    return sight.word if sight.age is None else f"{sight.word} {sight.age}"


def _cut(path: str) -> str:
    return path if len(path) <= WIDTH else f"{path[: WIDTH - 1]}…"
