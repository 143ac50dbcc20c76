from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("bot", "tests", "docs", "migrations", ".ci", ".github")
SKIPPED = {"__pycache__", "node_modules"}
NAMELESS = {"utils", "util", "helpers", "helper", "manager", "service", "base", "common", "misc"}
HOSTS = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "deb." + "debian.org"]
CONTRACTS = {
    "bot/release/records.py",
    "bot/steps/__init__.py",
    "bot/settings.py",
}  # lists of values, read as one
LATER = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
DOUBLES = re.compile(r"unittest\.mo" + r"ck|Magic" + r"Mock|monkeypatch\.set" + "attr")


def _files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and not SKIPPED & set(path.parts):
                yield path


def _texts() -> Iterator[tuple[str, str]]:
    tops = [path for path in sorted(ROOT.iterdir()) if path.is_file()]
    for path in (*tops, *_files(*OURS)):
        try:
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture


def _modules() -> Iterator[tuple[str, str]]:
    for path in _files("bot"):
        if path.suffix == ".py":
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def test_no_file_has_a_name_that_says_nothing() -> None:
    names = [
        str(path.relative_to(ROOT))
        for path in _files("bot", "tests", "migrations")
        for part in path.relative_to(ROOT).parts
        if NAMELESS & set(part.partition(".")[0].split("_"))
    ]
    assert names == []


def test_every_module_says_in_one_sentence_what_it_is() -> None:
    wrong = {}
    for name, text in _modules():
        said = (ast.get_docstring(ast.parse(text)) or "").partition("\n\n")[0]
        if not re.fullmatch(r"[^.!?]([^.!?]|[.!?](?=\S))*[.]", said):
            wrong[name] = said
    assert wrong == {}


def test_no_module_is_longer_than_200_lines() -> None:
    long = {name: len(text.splitlines()) for name, text in _modules()}
    too_long = {name: lines for name, lines in long.items() if lines > 200}
    assert {name: lines for name, lines in too_long.items() if name not in CONTRACTS} == {}
    assert {name for name in CONTRACTS if name not in too_long} == set()


def test_no_file_of_the_page_is_longer_than_300_lines() -> None:
    page = [path for path in _files("bot/sandbox/page") if path.suffix in {".html", ".css", ".js"}]
    assert page != []
    long = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in page}
    assert {name: lines for name, lines in long.items() if lines > 300} == {}


@pytest.mark.parametrize("host", HOSTS)
def test_no_file_names_the_host_of_a_package_registry(host: str) -> None:
    assert [name for name, text in _texts() if host in text.lower()] == []


def test_nothing_is_left_for_later() -> None:
    assert [name for name, text in _texts() if LATER.search(text)] == []


def test_no_test_replaces_a_part_of_ours_by_a_patch() -> None:
    tests = [(name, text) for name, text in _texts() if name.startswith("tests/")]
    assert [name for name, text in tests if DOUBLES.search(text)] == []


def test_constraints_hold_names_and_exact_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    strange = [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", pin)]
    assert (strange, pins != []) == ([], True)
