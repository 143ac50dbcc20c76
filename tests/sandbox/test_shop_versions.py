from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from bot.release.refusal import Refusal
from bot.sandbox.shop.versions import (
    Version,
    deploy,
    find_version,
    install_script,
    live_version,
    previous_version,
    versions_file,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    install_script(tmp_path)
    file = versions_file(tmp_path, "production")
    deploy(file, Version.V1)
    return file


def run(file: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["./deploy.sh", *words], cwd=file.parent, capture_output=True, text=True, check=False
    )


def printed(file: Path, *words: str) -> str:
    ran = run(file, "--environment", "production", *words)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.strip()


def test_a_fresh_environment_goes_back_to_what_is_live(file: Path) -> None:
    assert printed(file, "--current") == printed(file, "--previous") == "v1"
    assert previous_version(file) is Version.V1


@pytest.mark.parametrize("version", Version)
def test_the_script_and_the_code_know_the_same_versions(file: Path, version: Version) -> None:
    assert printed(file, "--to", version) == f"production now runs {version}"
    assert printed(file, "--current") == version
    assert live_version(file) is version


def test_going_back_forgets_what_came_after(file: Path) -> None:
    printed(file, "--to", "v2")
    assert printed(file, "--previous") == "v1"
    deploy(file, Version.LEAKY)
    assert printed(file, "--previous") == "v2"
    printed(file, "--to", "v1")
    assert file.read_text() == "v1\n"
    deploy(file, Version.V2)
    deploy(file, Version.V1)
    assert file.read_text() == "v1\n"


def test_deploying_what_is_live_changes_nothing(file: Path) -> None:
    printed(file, "--to", "v2")
    printed(file, "--to", "v2")
    deploy(file, Version.V2)
    assert file.read_text() == "v1\nv2\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--to", "v9"), "deploy.sh: there is no version 'v9'"),
        (("--to", "v1 v2"), "deploy.sh: there is no version 'v1 v2'"),
        (("--to", ""), "deploy.sh: there is no version ''"),
        (("--environment", "../etc", "--current"), "usage: deploy.sh"),
        (("--environment", "nowhere", "--current"), "deploy.sh: there is no environment 'nowhere'"),
        ((), "usage: deploy.sh"),
        (("--to",), "usage: deploy.sh"),
        (("--now",), "usage: deploy.sh"),
    ],
)
def test_what_the_script_does_not_know_it_refuses(
    file: Path, words: tuple[str, ...], said: str
) -> None:
    ran = run(file, *words)
    assert ran.returncode == 2
    assert ran.stderr.startswith(said)
    assert file.read_text() == "v1\n"
    assert sorted(path.name for path in file.parent.iterdir()) == [
        "deploy.sh",
        "production.version",
    ]


def test_the_script_also_works_one_folder_up(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(file.parent, folder / "shop", ignore=shutil.ignore_patterns("demo"))
    shutil.copy2(folder / "shop" / "deploy.sh", folder)
    ran = subprocess.run([folder / "deploy.sh", "--to", "v2"], check=True, capture_output=True)
    assert ran.stdout == b"production now runs v2\n"
    assert live_version(folder / "shop" / "production.version") is Version.V2


def test_an_unknown_version_is_refused_by_name() -> None:
    with pytest.raises(Refusal, match="There is no version 'v3'"):
        find_version("v3")
