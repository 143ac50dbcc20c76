"""What the probes of all pages come to, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.release.probe_table import outcome_of, stops
from bot.release.records import Outcome
from bot.release.visit import Judged, Result
from bot.release.weighing import worst

Seen = Mapping[str, Mapping[str, Judged]]
"""What each probe said, by page."""

_WORDS = {Result.FAIL: "FAIL", Result.UNSURE: "unsure", Result.WARN: "warning"}


def outcome(seen: Seen, *, personal: bool) -> Outcome:
    """Return the outcome of the step; a pass where no route shows anything personal."""
    if not personal:
        return Outcome.PASS
    return worst(outcome_of(*one) for probes in seen.values() for one in probes.items())


def stopping(seen: Seen) -> Iterator[str]:
    """Yield why the release is stopped, a sentence's text for each probe that stops it."""
    for path, probes in seen.items():
        for name, judged in probes.items():
            if stops(name, judged):
                yield f"{path}: {judged[1]} ({name})"


def _reasons(seen: Seen) -> list[str]:
    """Return what speaks against a pass, the gravest first."""
    found: list[tuple[int, str]] = []
    for path, probes in seen.items():
        for name, judged in probes.items():
            if outcome_of(name, judged) is Outcome.PASS or judged[0] is Result.UNTESTED:
                continue
            weight = 0 if stops(name, judged) else 1 if _fails(name, judged) else 2
            found.append((weight, f"{path}: {judged[1]} ({name})"))
    return [text for _, text in sorted(found, key=lambda reason: reason[0])]


def _fails(name: str, judged: Judged) -> bool:
    return outcome_of(name, judged) is Outcome.FAIL


def evidence(seen: Seen, untested: Sequence[str], *, accounts: int) -> str:
    """Return the one sentence of evidence, with what else is below."""
    leaks, reasons = len(list(stopping(seen))), _reasons(seen)
    if leaks:
        return f"{leaks} {'leak' if leaks == 1 else 'leaks'}. {reasons[0]}. Stop the release."
    if reasons:
        more = f" {len(reasons) - 1} more below." if len(reasons) > 1 else ""
        return f"{reasons[0]}.{more}"
    if not seen:
        return f"Nothing was tested: {'; '.join(untested)}."
    said = (
        f"{len(seen)} of {len(seen)} pages tested: each account saw its own page, nobody else did."
    )
    warnings = sum(
        result is Result.WARN for probes in seen.values() for result, _ in probes.values()
    )
    if warnings:
        said += f" {warnings} {'warning' if warnings == 1 else 'warnings'} below."
    return said if accounts > 1 else f"{said} L2 was not tested: it needs a second account."


def lines(seen: Seen) -> Iterator[str]:
    """Yield for each page how many probes it passed, then each that it did not, the gravest first."""
    for path, probes in seen.items():
        passed = sum(result is Result.PASS for result, _ in probes.values())
        yield f"{path}  {passed} of {len(probes)} probes ok"
        yield from _leaks(probes)
        for wanted, word in _WORDS.items():
            for name, (result, text) in probes.items():
                if result is wanted and not stops(name, (result, text)):
                    yield f"  {name} {word}: {text}"
        yield from (
            f"  {name}: {text}" for name, (one, text) in probes.items() if _noted(one, text)
        )
        left = [name for name, (result, _) in probes.items() if result is Result.UNTESTED]
        if left:
            yield f"  not tested: {', '.join(left)}"


def _leaks(probes: Mapping[str, Judged]) -> Iterator[str]:
    for name, judged in probes.items():
        if stops(name, judged):
            yield f"  {name} LEAK: {judged[1]}"


def _noted(result: Result, text: str) -> bool:
    return result is Result.PASS and bool(text)
