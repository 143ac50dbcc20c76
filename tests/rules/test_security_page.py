"""The page on security names tests, and they are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "security.md"
NAMED = re.compile(r"`(tests/[a-z_/]+\.py)::(test_[a-z0-9_]+)`")
LINE = re.compile(r"\| (\d+) \|")


def _lines() -> list[str]:
    return [line for line in PAGE.read_text(encoding="utf-8").splitlines() if LINE.match(line)]


def test_there_are_eighteen_lines_and_each_names_a_test() -> None:
    numbers = [int(found[1]) for line in _lines() if (found := LINE.match(line))]
    assert numbers == list(range(1, 19))
    assert [line for line in _lines() if not NAMED.search(line)] == []


def test_every_test_that_the_page_names_exists() -> None:
    named = [found for line in _lines() for found in NAMED.findall(line)]
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (ROOT / file).is_file()
        or f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8")
    ]
    assert missing == []
