"""The shop's versions, and the file that says which one is live; deploy.sh reads and writes the same."""

from __future__ import annotations

import os
import shutil
import tempfile
from enum import StrEnum
from pathlib import Path

from bot.release.refusal import Code, Refusal

SCRIPT = Path(__file__).with_name("deploy.sh")


class Version(StrEnum):
    """What can be live."""

    V1 = "v1"
    V2 = "v2"
    SLOW = "v2-slow"
    LEAKY = "v2-leaky"


NOTES = {
    Version.V1: "The shop as everybody knows it.",
    Version.V2: "The new price table.",
    Version.SLOW: "The new price table, asking its tax service for every page: 150 ms more.",
    Version.LEAKY: "The new price table, with signed-in pages cached for everybody.",
}


def versions_file(folder: Path, environment: str) -> Path:
    """Return where an environment's versions stand, beside the deploy script."""
    return folder / f"{environment}.version"


def find_version(text: str) -> Version:
    """Return the version of that name; refuse an unknown one."""
    try:
        return Version(text)
    except ValueError:
        raise Refusal(
            code=Code.BAD_REQUEST,
            failed=f"There is no version {text[:40]!r} of the shop.",
            expected=f"one of: {', '.join(Version)}.",
            retry_is_safe=True,
        ) from None


def live_version(file: Path) -> Version:
    """Return the live version; v1 where nothing was deployed yet."""
    return find_version(_lines(file)[-1])


def previous_version(file: Path) -> Version:
    """Return the version to go back to: the one live before, or the live one where none was."""
    return find_version(_lines(file)[-2:][0])


def deploy(file: Path, version: Version) -> None:
    """Make a version live at once: the file is replaced, never half written.

    One version stands on each line, the last is live. A version that was live before is gone back
    to, and what came after it is forgotten.
    """
    deployed = _lines(file)
    before = deployed[: deployed.index(version)] if version in deployed else deployed
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".version.")
    with os.fdopen(handle, "w", encoding="ascii") as new:
        new.write("".join(f"{line}\n" for line in [*before, version]))
    Path(name).replace(file)


def install_script(folder: Path) -> Path:
    """Copy deploy.sh into the folder of the versions files; return where it stands."""
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / SCRIPT.name
    shutil.copyfile(SCRIPT, script)
    script.chmod(0o755)
    return script


def _lines(file: Path) -> list[str]:
    deployed = file.read_text(encoding="ascii").split() if file.exists() else []
    return deployed or [Version.V1]
