"""What a value of the catalog must be, each rule with the words for what was expected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from bot.release.membership import SCHEDULE
from bot.release.refusal import Refusal
from bot.release.scope import check_pattern

PLACEHOLDERS = frozenset({"previous", "environment", "app", "release"})
BRACED = re.compile(r"\{([^{}]*)\}")


def unfit(found: str, expected: str, hint: str) -> PydanticCustomError:
    """Return the error that says what was found (never a secret), what was expected, and what to do."""
    context = {"found": found, "expected": expected, "hint": hint}
    return PydanticCustomError("unfit", "found {found}; expected {expected}", context)


def quoted(text: str) -> str:
    """Return a text as it is shown in a problem: quoted, at most 60 characters of it."""
    return repr(text if len(text) <= 60 else text[:60] + "…")


def matching(pattern: str, expected: str, *, secret: bool = False) -> AfterValidator:
    """Return a rule that the whole text matches; a text that may be a secret is never shown."""

    def check(text: str) -> str:
        if re.fullmatch(pattern, text):
            return text
        found = "a value written into the file" if secret else quoted(text)
        hint = "Put the value in that variable, not in the file." if secret else ""
        raise unfit(found, expected, hint)

    return AfterValidator(check)


def _base_url(text: str) -> str:
    expected = "http:// or https:// with a host, and a port where it needs one"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise unfit("a URL that cannot be read", expected, "Check its brackets and port.") from None
    if "@" in parts.netloc:
        raise unfit("a URL with credentials", expected, "Test accounts stand under accounts.")
    if parts.scheme not in {"http", "https"} or not host or re.search(r"[^!-~]", text):
        raise unfit(quoted(text), expected, "")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise unfit(quoted(text), expected, "Pages stand in the paths of a route.")
    return text.rstrip("/")


base_url = AfterValidator(_base_url)


def _word(text: str) -> str:
    expected = "one word of a command, with {previous}, {environment}, {app} or {release} in it"
    if "\0" in text:
        raise unfit("a NUL character", expected, "")
    strange = [name for name in BRACED.findall(text) if name not in PLACEHOLDERS]
    if strange:
        raise unfit(f"{{{strange[0]}}}", expected, "Nothing else is filled in.")
    if re.search(r"[{}]", BRACED.sub("", text)):
        raise unfit("a lone brace", expected, "Braces mark what is filled in.")
    return text


Word = Annotated[str, AfterValidator(_word)]


def _key_pattern(text: str) -> str:
    try:
        check_pattern(text)
    except Refusal as refusal:
        found = refusal.failed.removeprefix("The key pattern ").removesuffix(".")
        raise unfit(found, refusal.expected.removesuffix("."), "") from None
    return text


KeyPattern = Annotated[str, AfterValidator(_key_pattern)]


def _generation_key(text: str) -> str:
    if "*" in text or "?" in text:
        raise unfit(quoted(text), "the name of one key, without `*` and `?`", "")
    return _key_pattern(text)


GenerationKey = Annotated[str, AfterValidator(_generation_key)]


def exactly_one_scope(keys: Sequence[str], generation: str | None) -> None:
    """Refuse a route that says both how its keys are purged, or neither."""
    if bool(keys) is (generation is None):
        return
    raise unfit(
        "both keys and generation" if keys else "neither keys nor generation",
        "exactly one of the two",
        "keys are patterns of what is taken out; generation names the key that holds the route's number.",
    )


def one_treatment(generation: str | None, *, undo: bool, soft_ttl: int | None) -> None:
    """Refuse a route whose keys cannot be treated in all the ways that it names."""
    named = {"generation": generation, "soft_ttl": soft_ttl, "undo = false": None if undo else 1}
    found = [name for name, value in named.items() if value is not None]
    if len(found) > 1:
        raise unfit(
            " and ".join(found),
            "at most one of generation, soft_ttl and undo = false",
            "A generation moves no key; soft_ttl keeps a copy that can be put back; undo = false keeps none.",
        )


def _rising(shares: tuple[float, ...]) -> tuple[float, ...]:
    """Return the shares of a purge's waves; refuse what does not rise to 100."""
    steps = zip((0.0, *shares), shares, strict=False)
    if shares and shares[-1] == 100 and all(after - before >= 0.01 for before, after in steps):
        return shares
    raise unfit(
        ", ".join(f"{share:g}" for share in shares[:12]) or "no wave",
        "shares of the keys in percent that rise to 100, such as [1, 10, 100]",
        "[100] takes all of them at once.",
    )


rising = AfterValidator(_rising)


def untouched(control: str | None, paths: Sequence[str]) -> str | None:
    """Return the control page; refuse one that the route's own purge makes slower."""
    if control in paths:
        raise unfit(
            f"{control}, which is one of the route's paths",
            "a page of the app that the purge does not touch",
            "Leave it out to measure without a control.",
        )
    return control


def known_place(name: str, rehearsal: str | None, known: Sequence[str]) -> None:
    """Refuse an environment that is rehearsed on itself, or on one that the app does not have."""
    others = [place for place in known if place != name]
    if rehearsal is None or rehearsal in others:
        return
    raise unfit(
        f"{name} rehearsed on {rehearsal}",
        f"another environment of the app: {', '.join(others) or 'it has none'}",
        "Leave it out where there is no place to rehearse.",
    )


def _on_call(given: object) -> object:
    """Return `{ pagerduty = "PXXXX" }` as the list that names this schedule alone, and a list as it is."""
    if not isinstance(given, dict):
        return tuple(given) if isinstance(given, list) else given
    schedule = given.get("pagerduty")
    if len(given) == 1 and isinstance(schedule, str):
        return (f"{SCHEDULE}{schedule}",)
    raise unfit(
        "a table without pagerduty alone in it",
        'people and groups in a list, or { pagerduty = "PXXXX" }',
        "PXXXX is the id in the address of the schedule's page in PagerDuty.",
    )


on_call = BeforeValidator(_on_call)


def among(required: str | None, approvers: Sequence[str]) -> str | None:
    """Return who must be among those who approve; refuse a name that approves nothing."""
    if required is None or not approvers or required in approvers:
        return required
    raise unfit(
        f"{required}, which is not in approvers",
        f"one of {', '.join(approvers)}",
        "Name the same person or user group in approvers too.",
    )


def reachable(approvals: int, approvers: Sequence[str]) -> int:
    """Return the number of approvals; refuse more than there are approvers."""
    people = len(set(approvers))
    if any(name.startswith("S") for name in approvers) or approvals <= max(people, 1):
        return approvals
    raise unfit(
        f"{approvals} approvals, and {people} approvers",
        f"at most {people}",
        "Name more approvers, or a user group.",
    )
