from __future__ import annotations

from pathlib import Path

from bot.release.cache_indicator import READERS
from bot.release.rule_table import TABLE

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "headers.md"


def rows(title: str) -> list[str]:
    section = PAGE.read_text(encoding="utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| ")][2:]


def test_every_rule_is_on_the_page_with_its_gravity_and_its_source() -> None:
    assert rows("The rules") == [
        f"| {row.name} | {row.says} | {row.gravity} | {row.source} |" for row in TABLE
    ]


def test_there_are_thirteen_rules_and_each_names_its_source_in_its_own_words() -> None:
    assert [row.name for row in TABLE] == [f"H{number}" for number in range(1, 14)]
    assert [row.name for row in TABLE if row.source not in str(row.finds.__doc__)] == []


def test_every_indicator_is_on_the_page_in_its_order() -> None:
    assert [row.split(" | ")[0] for row in rows("Hit or miss")] == [
        f"| `{name}`" for name, _ in READERS
    ]
