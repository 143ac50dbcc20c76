from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.release.probe_gets import GETS, A, B
from bot.release.probe_table import PROBES, gets_for, judge_visit, outcome_of, stops
from bot.release.probe_words import outcome, stopping
from bot.release.records import Outcome
from bot.release.visit import Page, Result, Visit

MARKERS = (("a", "Signed in as account A"), ("b", "Signed in as account B"))
PUBLIC = (("Cache-Control", "public, max-age=60"), ("Vary", "Cookie"))
PRIVATE = (("Cache-Control", "private, no-store"), ("Vary", "Cookie"))
ANYBODY = tuple(get.label for get in GETS if get.who is None)
WARM = {"key again", "anybody again", "public", "public again"}


def healthy() -> dict[str, Page]:
    """Return what a healthy cache answers."""
    return {
        get.label: Page(
            status=200,
            headers=PUBLIC if get.who is None else PRIVATE,
            body="Products" if get.who is None else f"Products, {MARKERS[get.who][1]}",
            at=0.0,
            error=None,
            from_cache=get.label in WARM,
        )
        for get in GETS
    }


def visit(pages: dict[str, Page], accounts: int = 2) -> Visit:
    labels = {get.label for get in gets_for(accounts)}
    kept = {label: page for label, page in pages.items() if label in labels}
    return Visit(accounts=MARKERS[:accounts], pages=kept, canary="0123456789ab.invalid")


def changed(page: Page, **changes: object) -> Page:
    fields = {name: getattr(page, name) for name in Page.__dataclass_fields__}
    return Page(**(fields | changes))


def test_a_healthy_visit_passes_all_of_them() -> None:
    said = judge_visit(visit(healthy()))
    assert {name: result for name, (result, _) in said.items()} == {
        probe.name: Result.PASS for probe in PROBES
    }


pages = st.builds(
    Page,
    status=st.sampled_from([200, 200, 302, 404, 500]),
    headers=st.sampled_from([PUBLIC, PRIVATE, ()]),
    body=st.sampled_from(["Products", MARKERS[A][1], MARKERS[B][1], "", "x" * 500]),
    at=st.just(0.0),
    error=st.sampled_from([None, None, None, "no whole answer within 5 s"]),
    from_cache=st.sampled_from([True, False, None]),
    sent=st.booleans(),
)
visits = st.fixed_dictionaries({get.label: pages for get in GETS})


@given(pages=visits, accounts=st.sampled_from([1, 2]))
def test_whatever_comes_back_each_probe_says_one_word_and_a_pass_means_that_all_passed(
    pages: dict[str, Page], accounts: int
) -> None:
    said = judge_visit(visit(pages, accounts))
    assert set(said) == {probe.name for probe in PROBES} - ({"L2"} if accounts == 1 else set())
    whole = outcome({"/products": said}, personal=True)
    if whole is Outcome.PASS:
        assert {result for result, _ in said.values()} <= {Result.PASS, Result.WARN}
        assert said["K0"][0] is said["P0"][0] is said["L1"][0] is Result.PASS
    if any(stops(name, one) for name, one in said.items()):
        assert whole is Outcome.FAIL
        assert len(list(stopping({"/products": said}))) >= 1


@given(pages=visits, label=st.sampled_from(ANYBODY), who=st.sampled_from([A, B]))
def test_a_marker_in_any_anonymous_answer_stops_the_release_whatever_else_came_back(
    pages: dict[str, Page], label: str, who: int
) -> None:
    pages = {**pages, label: changed(pages[label], body=f"<p>{MARKERS[who][1]}</p>", sent=True)}
    said = judge_visit(visit(pages))
    assert any(stops(name, one) for name, one in said.items())
    assert outcome({"/products": said}, personal=True) is Outcome.FAIL


@given(label=st.sampled_from([get.label for get in GETS]))
def test_an_answer_that_did_not_come_is_never_a_pass_and_never_a_leak(label: str) -> None:
    page = changed(healthy()[label], status=0, headers=(), body="", error="cut", from_cache=None)
    said = judge_visit(visit({**healthy(), label: page}))
    failing = [name for name, one in said.items() if one[0] is Result.FAIL]
    assert failing == []
    if label not in {"canary", *(f"bait {n}" for n in range(1, 5))}:
        assert {outcome_of(name, one) for name, one in said.items()} == {
            Outcome.PASS,
            Outcome.UNSURE,
        }
