from __future__ import annotations

from pathlib import Path

from bot.release.probe_gets import GETS, MOST_REQUESTS, Get, in_words
from bot.release.probe_table import PROBES, Gravity, Probe

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "logged-in.md"


def get_row(get: Get) -> str:
    """Return the row that the page must have for a request."""
    after = [
        f"`{label}` was a {word}"
        for label, word in ((get.after_miss, "miss"), (get.after_hit, "hit"))
        if label is not None
    ]
    return f"| `{get.label}` | {in_words(get)} | {', '.join(after)} |"


def probe_row(probe: Probe) -> str:
    """Return the row that the page must have for a probe."""
    asked = ", ".join(f"`{label}`" for label in probe.gets)
    if probe.name == "D1":
        asked = f"`{probe.gets[0]}` to `{probe.gets[-1]}`"
    needs = ", ".join(probe.needs)
    return f"| {probe.name} | {asked} | {probe.passes} | {probe.gravity} | {needs} |"


def rows(title: str) -> list[str]:
    section = PAGE.read_text(encoding="utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| ")][2:]


def test_every_request_is_on_the_page_in_its_order() -> None:
    assert rows("The requests") == [get_row(get) for get in GETS]


def test_every_probe_is_on_the_page_with_its_requests_and_what_a_failure_means() -> None:
    assert rows("The probes") == [probe_row(probe) for probe in PROBES]


def test_two_probes_between_people_and_deception_stop_the_release() -> None:
    assert [p.name for p in PROBES if p.gravity is Gravity.STOP] == ["L1", "L2", "D1"]


def test_the_page_names_those_that_stop_the_release() -> None:
    stopping = [probe.name for probe in PROBES if probe.gravity is Gravity.STOP]
    said = f"A failure of {', '.join(stopping[:-1])} or {stopping[-1]} stops the release."
    assert said in PAGE.read_text(encoding="utf-8")


def test_every_request_belongs_to_a_probe_and_every_probe_to_requests() -> None:
    labels = [get.label for get in GETS]
    assert len(labels) == len(set(labels)) == MOST_REQUESTS
    assert {label for probe in PROBES for label in probe.gets} == set(labels)


def test_what_a_request_or_a_probe_waits_for_comes_before_it() -> None:
    labels = [get.label for get in GETS]
    for place, get in enumerate(GETS):
        waits = {get.after_miss, get.after_hit} - {None}
        assert waits <= set(labels[:place])
    names = [probe.name for probe in PROBES]
    for place, probe in enumerate(PROBES):
        assert set(probe.needs) <= set(names[:place])


def test_no_account_is_sent_anywhere_before_a_key_was_proven_or_the_page_was_warmed() -> None:
    for place, get in enumerate(GETS):
        if get.who is None:
            continue
        assert get.after_miss in {"other key", "then anybody"}
        if get.key is None and get.bait is None:
            before = GETS[place - 1]
            assert (before.who, before.key, before.bait) == (None, None, None)
