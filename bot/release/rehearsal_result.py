"""What a rehearsal comes to: its verdict, its figures, and the sentences that every card says of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.release.drilling import timed_keys
from bot.release.generation import undone_words
from bot.release.key_compare import Difference
from bot.release.records import Action, Json, Outcome
from bot.release.weighing import worst

NO_HOOK = "the app has no rollback command, so none was rehearsed"
ROLLBACK = "rollback"
ROLLBACK_TITLE = "Roll back"


def not_run_there(on: str) -> str:
    """Return why a rollback command that does not name its environment is not run in a rehearsal."""
    return (
        f"the app's rollback command was not run: it names no {{environment}}, so on {on} it would "
        "have put production back"
    )


def rehearsal_result(action: Action, so_far: Json, catalog_hash: str) -> dict[str, Any]:
    """Return the action's result; `so_far` is what the rehearsal recorded while it ran."""
    kept = so_far["rehearsal"]
    back = kept["back"]
    outcome, evidence = _judged(kept)
    row = {
        "kind": ROLLBACK,
        "title": ROLLBACK_TITLE,
        "outcome": str(outcome),
        "evidence": evidence,
    }
    steps = [*kept["steps"], row]
    numbers = {
        "catalog_hash": catalog_hash,
        "on": action.args["on"],
        "keys": back["expected"],
        "restored": back["restored"],
        "kept_fresher": back["kept_fresher"],
        "expired": back["expired"],
        "failed": back["failed"],
        "byte_equal": byte_equal(back),
        "seconds": kept["seconds"],
        "waves": kept.get("waves", 1),
        "steps": steps,
        "differences": so_far.get("differences", []),
        "restarted": action.fence > 1,
        "hook": kept["hook"],
    }
    whole = worst(Outcome(step["outcome"]) for step in steps)
    said = f"{timed_keys(numbers)} put back on {action.args['on']}, {equal_words(numbers)}."
    if not numbers["keys"]:
        what = "generation set back" if back["generations"] else "no key was taken out"
        said = f"{what} on {action.args['on']} in {numbers['seconds']:.1f} s."
    return {
        "outcome": str(whole),
        "evidence": f"{_first_of(steps, whole)}{said}",
        "actual": "\n".join(_lines(action, numbers)),
        "numbers": numbers,
    }


def byte_equal(back: Json) -> bool:
    """Return whether every key that has not expired meanwhile is back with its content and its expiry."""
    return bool(back["restored"] + back["expired"] == back["expected"])


def equal_words(numbers: Json) -> str:
    """Return `byte-equal`, or how many keys are not."""
    if not numbers["byte_equal"]:
        return f"{numbers['restored']:,} of {numbers['keys']:,} byte-equal, the rest NOT"
    gone = int(numbers["expired"])
    return f"byte-equal{f' ({gone:,} expired meanwhile)' if gone else ''}"


def _first_of(steps: list[Json], whole: Outcome) -> str:
    """Return the evidence that decided, the failure before the doubt; nothing where all passed."""
    if whole is Outcome.PASS:
        return ""
    step = next(row for row in steps if row["outcome"] == whole)
    return f"{step['title']}: {step['evidence']} "


def _judged(kept: Json) -> tuple[Outcome, str]:
    """Judge the rollback itself."""
    said = list(_rollback_words(kept))
    back, hook = kept["back"], kept["hook"]
    generations_back = all(row["back"] for row in back["generations"])
    if "failed" in hook or back["failed"] or not generations_back:
        outcome = Outcome.FAIL
    elif not byte_equal(back) or not (back["expected"] or back["generations"]):
        outcome = Outcome.UNSURE
    else:
        doubt = hook.get("not_run", NO_HOOK) != NO_HOOK
        outcome = Outcome.UNSURE if doubt else Outcome.PASS
    return outcome, " ".join(said)


def _rollback_words(kept: Json) -> Iterator[str]:
    back, hook = kept["back"], kept["hook"]
    if "failed" in hook:
        yield hook["failed"]
    elif "not_run" in hook:
        yield f"{hook['not_run'][:1].upper()}{hook['not_run'][1:]}."
    else:
        yield f"The command {hook['ran']}."
    if back["expected"]:
        yield f"{back['restored']:,} of {back['expected']:,} keys byte-equal after {kept['seconds']:.1f} s."
    elif not back["generations"]:
        yield "Nothing was taken out, so no key was put back."
    if back["kept_fresher"]:
        yield f"{back['kept_fresher']:,} were written again meanwhile and left."
    if back["expired"]:
        yield f"{back['expired']:,} expired meanwhile."
    if back["failed"]:
        yield f"{back['failed']:,} are MISSING."
    yield from (f"{undone_words(row)}." for row in back["generations"])


def _lines(action: Action, numbers: Json) -> Iterator[str]:
    yield from (
        f"{str(row['outcome']).upper()} {row['title']}: {row['evidence']}"
        for row in numbers["steps"]
    )
    if numbers["restarted"]:
        yield "The bot was started again meanwhile; the times have that in them."
    yield from difference_lines(
        numbers["differences"], action.args["on"], action.args["environment"]
    )


def difference_lines(rows: Any, on: str, environment: str) -> tuple[str, ...]:
    """Return the differences as lines, those that change what the rehearsal proves first."""
    found = [Difference(**row) for row in rows]
    weighty = [row.words(on, environment) for row in found if row.why]
    others = [row.words(on, environment) for row in found if not row.why]
    if not found:
        return (f"{on} and {environment} are alike in all that was compared.",)
    head = "Differs, and changes what this proves:" if weighty else ""
    tail = "Differs as well:" if others else ""
    return tuple(filter(None, (head, *weighty, tail, *others)))
