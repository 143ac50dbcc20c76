from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from bot import commands
from bot.commands import Command
from bot.effects.catalog_file import load_catalog
from bot.release.catalog import TABLES
from bot.release.refusal import Code
from bot.settings import SETTINGS, Door, Setting

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]+)(#[^)\s]*)?\)")


def _rows(name: str) -> list[str]:
    text = (REFERENCE / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.startswith("| `")]


def _commands() -> list[Command]:
    names = [f"bot.commands.{module.name}" for module in pkgutil.iter_modules(commands.__path__)]
    found = [importlib.import_module(name).COMMAND for name in names]
    return sorted(found, key=lambda command: command.verb)


def test_every_command_is_explained_with_its_usage() -> None:
    text = (REFERENCE / "commands.md").read_text(encoding="utf-8")
    table = text.partition("\n## ")[0].splitlines()
    documented = [line.split(" | ")[:3] for line in table if re.match(r"\| [a-z-]+ \| `", line)]
    assert documented == [
        [f"| {command.verb}", f"`{command.usage}`", command.summary] for command in _commands()
    ]


def _setting_row(setting: Setting) -> str:
    default = f"`{setting.default}`" if setting.default is not None else ""
    needed = ", ".join(str(door) for door in Door if door in setting.needed)
    secret = "yes" if setting.secret else ""
    return f"| `{setting.name}` | {default} | {needed} | {secret} | {setting.meaning} |"


def test_every_setting_is_explained_with_its_default() -> None:
    assert _rows("settings.md") == [_setting_row(setting) for setting in SETTINGS.values()]


def _default(value: Any) -> str:
    match value:
        case bool():
            return f"`{str(value).lower()}`"
        case int() | float():
            return f"`{value}`"
        case str():
            return f'`"{value}"`'
        case _:
            return "none"


def _key_row(model: type[BaseModel], name: str) -> str:
    field = model.model_fields[name]
    if field.default is PydanticUndefined and field.default_factory is None:
        return f"| `{name}` | needed |"
    return f"| `{name}` | {_default(field.default)} |"


def _tables() -> Iterator[tuple[str, list[str]]]:
    """Give the title of each table's section, and how the row of each plain key starts."""
    for name, model in TABLES.items():
        title = re.sub(r"(\w+?)(s?)\.\*", r"\1\2.<\1>", name)
        nested = {
            table.removeprefix(f"{name}.").partition(".")[0]
            for table in TABLES
            if table.startswith(f"{name}." if name else "") and table != name
        }
        plain = [_key_row(model, key) for key in model.model_fields if key not in nested]
        if plain:
            yield title, plain


def test_every_key_of_the_catalog_is_explained_with_its_default() -> None:
    text = (REFERENCE / "catalog.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## `\[(.+?)\]`$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    documented = [
        (
            title,
            [
                " | ".join(line.split(" | ")[:2]) + " |"
                for line in body.splitlines()
                if line.startswith("| `")
            ],
        )
        for title, body in sections
    ]
    assert documented == list(_tables())


def test_the_catalog_in_the_docs_can_be_loaded(tmp_path: Path) -> None:
    text = (REFERENCE / "catalog.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    path = tmp_path / "catalog.toml"
    path.write_text(example)
    environ = {
        name: "session=x" if "COOKIE" in name else "redis://127.0.0.1:6379/0"
        for name in re.findall(r"env:([A-Z_]+)", example)
    }
    assert list(load_catalog(path, environ).catalog.apps) == ["shop"]


def test_every_refusal_is_explained() -> None:
    text = (REFERENCE / "refusals.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## `(\w+)`$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert [title for title, _ in sections] == [str(code) for code in Code]
    unsaid = [
        (title, part)
        for title, body in sections
        for part in ("**What happened.** ", "**What to do.** ", "**Retry.** ")
        if body.count(part) != 1
    ]
    assert unsaid == []


@pytest.mark.parametrize(
    "page", sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]), ids=lambda path: path.name
)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert [
        link for link, _ in LINK.findall(text) if not (page.parent / link).resolve().exists()
    ] == []
