"""Reads the catalog file and the secrets it names."""

from __future__ import annotations

import json
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from bot.effects.catalog_secrets import references
from bot.effects.environment import read_variable
from bot.release.catalog import TABLES, Catalog
from bot.release.problems import Problem, Problems

EXPECTED: Mapping[str, str] = {
    "missing": "a value",
    "string_type": "a text in quotes",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list in brackets",
    "dict_type": "a table",
    "model_type": "a table",
    "too_short": "at least {min_length} of them",
    "string_too_short": "at least {min_length} characters",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
}
UNCHECKED = re.compile(
    r"[?&](ssl_cert_reqs=(?!required\b)|ssl_check_hostname=(?!(true|1|yes)\b))", re.IGNORECASE
)
FOUND: Mapping[type, str] = {
    str: "a text",
    bool: "true or false",
    list: "a list",
    dict: "a table",
    float: "a number with a point",
}


class CatalogProblems(Problems):
    """A catalog that cannot be used."""


@dataclass(frozen=True, kw_only=True)
class LoadedCatalog:
    """The catalog, and the secrets it names by their `env:NAME`."""

    catalog: Catalog
    secrets: Mapping[str, SecretStr]

    @property
    def values(self) -> dict[str, str]:
        """Return the secrets as they are, for those who send them."""
        return {name: secret.get_secret_value() for name, secret in self.secrets.items()}


def load_catalog(path: Path, environ: Mapping[str, str]) -> LoadedCatalog:
    """Return the catalog with its secrets; raise CatalogProblems with everything that is wrong.

    Each `env:NAME` is read from NAME, or from the file that NAME_FILE names.
    """
    catalog = _parsed(path, _document(path))
    secrets: dict[str, SecretStr] = {}
    problems: list[Problem] = []
    for key, reference in references(catalog):
        variable = read_variable(environ, reference.removeprefix("env:"), secret=True)
        if variable.text is not None:
            problems += _unusable(f"{path}: {key}", key, variable.text)
            secrets[reference] = SecretStr(variable.text)
        else:
            problems.append(variable.problem or _unset(f"{path}: {key}", reference))
    if problems:
        raise CatalogProblems(problems)
    return LoadedCatalog(catalog=catalog, secrets=secrets)


def _document(path: Path) -> dict[str, Any]:
    def refuse(found: str, expected: str, hint: str) -> CatalogProblems:
        return CatalogProblems([Problem(name=str(path), found=found, expected=expected, hint=hint)])

    try:
        text = path.read_text(encoding="utf-8")
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        reason = error.strerror or "unreadable"
        hint = "CACHE_RELEASE_CATALOG names the file."
        raise refuse(f"no readable file ({reason})", "the catalog", hint) from error
    except UnicodeDecodeError as error:
        raise refuse("bytes that are not UTF-8", "TOML in UTF-8", "Save it anew.") from error
    if mode & stat.S_IWOTH:
        hint = f"It names commands that the bot runs: chmod o-w {path}"
        raise refuse("a file that everybody may write", "one that only its owner may", hint)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise refuse(str(error), "TOML", "Look at that line and the one before.") from error


def _parsed(path: Path, document: dict[str, Any]) -> Catalog:
    try:
        return Catalog.model_validate_json(json.dumps(document, default=str))
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise CatalogProblems(_problem(path, row) for row in found) from None


def _problem(path: Path, row: ErrorDetails) -> Problem:
    context = row.get("ctx", {})
    where = [part for part in row["loc"] if part != "[key]"]
    name = f"{path}: {dotted(where)}"
    kind, value = row["type"], row["input"]
    if kind == "unfit":
        return Problem(name=name, **context)
    if kind == "extra_forbidden":
        known = ", ".join(_table(where[:-1]))
        return Problem(
            name=name,
            found="a key that nothing reads",
            expected=f"one of {known}",
            hint="Correct its name or take it away.",
        )
    expected = EXPECTED.get(kind, row["msg"]).format_map(context)
    return Problem(name=name, found=_found(kind, value), expected=expected, hint="")


def _found(kind: str, value: object) -> str:
    """Say what kind of value was found; a text may be a secret in the wrong place and is not shown."""
    if kind == "missing":
        return "nothing"
    if kind in {"too_short", "string_too_short"}:
        return f"{len(value)}" if isinstance(value, Sequence | Mapping) else "too few"
    return FOUND.get(type(value), str(value)[:60])


def _table(where: Sequence[str | int]) -> Iterator[str]:
    """Return the keys that the table at that place may have."""
    named = [part for part in where if not isinstance(part, int)]
    names = ["*" if number % 2 else str(part) for number, part in enumerate(named)]
    model = TABLES.get(".".join(names))
    return iter(model.model_fields if model else ())


def dotted(where: Sequence[str | int]) -> str:
    """Return a place in the file as TOML names it: `apps.shop.routes.products.keys[0]`."""
    text = ""
    for part in where:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _unset(name: str, reference: str) -> Problem:
    variable = reference.removeprefix("env:")
    return Problem(
        name=name,
        found=f"{reference}, and {variable} is not set",
        expected="a value in the environment",
        hint=f"Set {variable}, or {variable}_FILE to a file that holds it.",
    )


def _unusable(name: str, key: str, text: str) -> list[Problem]:
    """Return what is wrong with a secret's value, without showing it."""
    found = "a secret of another form"
    if key.endswith((".redis", ".replica")):
        fits = re.match(r"(rediss?(\+cluster|\+sentinel)?|unix)://.", text)
        expected = "redis://, rediss:// or unix://, the first two also with +cluster or +sentinel"
        if fits and UNCHECKED.search(text):
            fits = None
            found = "a URL that switches the check of the certificate off"
            expected = "rediss:// with ssl_ca_certs, which names the certificate to trust"
    elif key.endswith(".cookie"):
        fits = re.fullmatch(r"[ -~]+=[ -~]*", text)
        expected = "a Cookie header such as session=…"
    else:
        fits = re.fullmatch(r"[!-~]{16,}", text)
        expected = "at least 16 characters without spaces"
    if fits:
        return []
    return [Problem(name=name, found=found, expected=expected, hint="Its value is not shown.")]
