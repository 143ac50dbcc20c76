from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.effects.deploy_hook import DeployHook
from bot.release.hook import Hook
from bot.release.refusal import Code, Refusal


def _script(folder: Path, body: str) -> Path:
    path = folder / "deploy.sh"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def _hook(*, timeout_s: int = 5, previous: tuple[str, ...] = ()) -> Hook:
    return Hook(argv=("./deploy.sh", "--to", "{previous}"), timeout_s=timeout_s, previous=previous)


def test_placeholders_are_filled_and_the_program_is_found_without_running_it(
    tmp_path: Path,
) -> None:
    script = _script(tmp_path, "touch ran")
    argv = DeployHook(tmp_path).resolve(_hook().argv, {"previous": "v1.2-rc_3"})
    assert argv == (str(script), "--to", "v1.2-rc_3")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("version", [None, "", "--force", "v1; rm -rf x", "$(id)", "a b", "v" * 65])
def test_a_value_that_could_be_an_option_or_a_shell_word_is_refused(
    tmp_path: Path, version: str | None
) -> None:
    _script(tmp_path, "true")
    with pytest.raises(Refusal) as caught:
        DeployHook(tmp_path).resolve(_hook().argv, {"previous": version})
    assert caught.value.code is Code.HOOK_UNKNOWN


def test_a_program_that_cannot_be_executed_is_refused(tmp_path: Path) -> None:
    _script(tmp_path, "true").chmod(0o644)
    with pytest.raises(Refusal) as caught:
        DeployHook(tmp_path).resolve(_hook().argv, {"previous": "v1"})
    assert caught.value.code is Code.HOOK_UNKNOWN


def test_output_and_exit_code_come_back_and_no_secret_goes_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-canary")
    _script(tmp_path, 'echo "$@ in $(pwd)"; env; exit 3')
    hooks = DeployHook(tmp_path)
    ran = hooks.run(_hook(), hooks.resolve(_hook().argv, {"previous": "v1"}))
    assert ran.code == 3
    assert ran.output.splitlines()[0] == f"--to v1 in {tmp_path}"
    assert "xoxb-canary" not in ran.output


def test_a_command_that_does_not_end_is_killed_with_its_children(tmp_path: Path) -> None:
    _script(tmp_path, "sleep 60 & wait")
    hook = _hook(timeout_s=1)
    started = time.monotonic()
    hooks = DeployHook(tmp_path)
    with pytest.raises(Refusal) as caught:
        hooks.run(hook, hooks.resolve(hook.argv, {"previous": "v1"}))
    assert caught.value.code is Code.OUTCOME_UNKNOWN
    assert caught.value.retry_is_safe is False
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("body", "expected"),
    [("echo v7", "v7"), ("echo looking; echo v7", "v7")],
)
def test_the_app_says_which_version_to_go_back_to(tmp_path: Path, body: str, expected: str) -> None:
    _script(tmp_path, body)
    hook = _hook(previous=("./deploy.sh", "--previous"))
    assert DeployHook(tmp_path).previous(hook, {}) == expected


@pytest.mark.parametrize("body", ["exit 1", "echo 'no version here'", "true"])
def test_an_app_that_cannot_say_is_refused(tmp_path: Path, body: str) -> None:
    _script(tmp_path, body)
    hook = _hook(previous=("./deploy.sh", "--previous"))
    with pytest.raises(Refusal) as caught:
        DeployHook(tmp_path).previous(hook, {})
    assert caught.value.code is Code.HOOK_FAILED


def test_an_app_without_such_a_command_knows_no_previous_version(tmp_path: Path) -> None:
    assert DeployHook(tmp_path).previous(_hook(), {}) is None
