"""The app's own rollback command: an argv without a shell, filled from checked values only."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.release.finding import VERSION
from bot.release.hook import PLACEHOLDER, Hook
from bot.release.refusal import Code, Refusal

LONGEST_OUTPUT = 64 * 1024
KEPT_ENVIRONMENT = ("PATH", "HOME", "LANG", "TZ")


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What ended: code 0 went well, `output` is the end of what it said, `ended` how it ended otherwise."""

    argv: tuple[str, ...]
    code: int
    output: str
    ended: str = ""


class DeployHook:
    """Runs commands in the catalog's folder with a minimal environment (OWASP ASVS 5, V1.2 injection)."""

    def __init__(self, folder: Path) -> None:
        """Take the folder that relative programs are found in."""
        self._folder = folder

    def resolve(self, argv: tuple[str, ...], values: Mapping[str, str | None]) -> tuple[str, ...]:
        """Return the command with placeholders filled and its program found; nothing is run.

        Refuses a placeholder without a value, a value that is no version or name, and a program
        that cannot be executed.
        """
        filled = tuple(fill(word, values) for word in argv)
        program = self._program(filled[0])
        return (program, *filled[1:])

    def _program(self, name: str) -> str:
        path = str((self._folder / name).resolve()) if "/" in name else shutil.which(name)
        if path is None or not os.access(path, os.X_OK):
            raise Refusal(
                code=Code.HOOK_UNKNOWN,
                failed=f"The rollback command's program {name} cannot be executed.",
                expected="a program beside the catalog or on the PATH, with its execute bit set.",
                retry_is_safe=True,
            )
        return path

    def run(self, hook: Hook, argv: tuple[str, ...]) -> Ran:
        """Run a resolved command to its end; its whole process group is killed at the timeout."""
        environment = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
        process = subprocess.Popen(  # noqa: S603 - an argv from the catalog, never a shell
            argv,
            cwd=self._folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=hook.timeout_s)
        except subprocess.TimeoutExpired as late:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise Refusal(
                code=Code.OUTCOME_UNKNOWN,
                failed=f"The rollback command did not end in {hook.timeout_s} s and was killed.",
                expected="a command that ends; look which version runs before trying again.",
                retry_is_safe=False,
            ) from late
        text = output[-LONGEST_OUTPUT:].decode(errors="replace").strip()
        ended = f"ended with code {process.returncode}"
        return Ran(argv=argv, code=process.returncode, output=text, ended=ended)

    def previous(self, hook: Hook, values: Mapping[str, str | None]) -> str | None:
        """Return the version that the app says to go back to, None where the catalog names no command."""
        if not hook.previous:
            return None
        ran = self.run(hook, self.resolve(hook.previous, values))
        lines = ran.output.splitlines()
        version = lines[-1].strip() if lines else ""
        if ran.code == 0 and VERSION.fullmatch(version):
            return version
        raise Refusal(
            code=Code.HOOK_FAILED,
            failed=f"Asking for the previous version ended with code {ran.code}: {ran.output[-200:]}",
            expected="exit code 0 and a version on the last line.",
            retry_is_safe=True,
        )


def fill(word: str, values: Mapping[str, str | None]) -> str:
    """Return the word with its placeholders filled; refuse one without a value, or with a strange one."""
    filled = word
    for name in PLACEHOLDER.findall(word):
        value = values.get(name)
        if value is None or not VERSION.fullmatch(value):
            raise Refusal(
                code=Code.HOOK_UNKNOWN,
                failed=f"The rollback command needs {{{name}}}, which is not known.",
                expected="a previous version, given at the start or printed by the app's `previous` command.",
                retry_is_safe=True,
            )
        filled = filled.replace(f"{{{name}}}", value)
    return filled
