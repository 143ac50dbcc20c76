"""What was released before, page by page; what it says together; a release written down; a release repeated."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bot.commands import Form, Reply, Said
from bot.release.offers import Offer
from bot.release.refusal import Code
from tests.talk.conftest import Talk, text
from tests.talk.telling import notices, press, refused

OWNER, ARI, ON_CALL, DANA = "U01OWNER", "U02APPROVER", "U03ONCALL", "U12DANA"


def lines(reply: Reply) -> tuple[str, ...]:
    assert isinstance(reply, Said), reply
    return reply.lines


def names(reply: Reply) -> list[str]:
    return [line.split(" · ")[0] for line in lines(reply)]


def form(reply: Reply) -> Form:
    assert isinstance(reply, Form), reply
    return reply


def filled(reply: Reply) -> dict[str, str]:
    """Return what a form is filled with, by field."""
    return {row.name: ",".join(row.values) or row.value for row in form(reply).fields}


def many(talk: Talk, number: int) -> None:
    """Open and abandon so many releases."""
    for count in range(1, number + 1):
        talk.say(f'start shop products "Price table {count}"', DANA)
        talk.say(f"abandon R-{count}", DANA)


def test_history_says_who_when_verdicts_the_rollback_and_minutes(talk: Talk) -> None:
    talk.until_purged()
    talk.clock.at += timedelta(minutes=9)
    talk.say("rollback R-1", ON_CALL)
    line, *_ = lines(talk.say("history shop products", DANA))
    began, *rest = line.split(" · ")
    assert began == "R-1"
    assert rest[0].startswith("rolled back after 9 min, rollback took ")
    assert rest[1:] == [
        "3 pass, 2 not judged",
        "shop production",
        "products",
        "New price table",
        "<@U01OWNER>",
        "2026-03-01 14:00 UTC",
    ]


def test_history_has_pages_with_buttons_and_each_release_once(talk: Talk) -> None:
    many(talk, 23)
    first = talk.say("history shop", DANA)
    assert isinstance(first, Said)
    assert names(first) == [f"R-{number}" for number in range(23, 13, -1)]
    assert [offer.label for offer in first.offers] == ["Older", "Statistics"]
    second = press(talk, first.offers[0], DANA)
    assert isinstance(second, Said)
    assert second.text == "Releases from R-13 back to R-4."
    assert [offer.label for offer in second.offers] == ["Newer", "Older", "Statistics"]
    last = press(talk, second.offers[1], DANA)
    assert isinstance(last, Said)
    assert names(last) == ["R-3", "R-2", "R-1"]
    assert [offer.label for offer in last.offers] == ["Newer", "Statistics"]
    assert names(press(talk, last.offers[0], DANA)) == names(second)
    assert names(press(talk, second.offers[0], DANA)) == names(first)


def test_history_is_searched_by_words_of_the_title_routes_and_people(talk: Talk) -> None:
    many(talk, 12)
    talk.say('start shop cart "100% new basket"', OWNER)
    assert names(talk.say('history --text "TABLE 1"', DANA)) == ["R-12", "R-11", "R-10", "R-1"]
    assert names(talk.say('history --text "100%"', DANA)) == ["R-13"]
    assert names(talk.say("history --text cart", DANA)) == ["R-13"]
    assert names(talk.say(f"history --text <@{OWNER}>", DANA)) == ["R-13"]
    assert text(talk.say("history --text zebra", DANA)) == "No other release fits."
    assert text(talk.say('history --text "0%n"', DANA)) == "No other release fits."
    assert refused(talk, "history --before yesterday", DANA).code is Code.BAD_REQUEST


def test_statistics_say_how_many_were_rolled_back_how_fast_and_how_long_approvals_waited(
    talk: Talk,
) -> None:
    assert text(talk.say("stats", DANA)) == "Nothing was released yet."
    talk.say("start shop cart", DANA)
    talk.say("abandon R-1", DANA)
    assert lines(talk.say("stats shop cart", DANA)) == (
        "Rolled back: 0 of 1, 0 %.",
        "Time to roll back: no rollback was timed.",
        "Approvals: none was given.",
    )
    talk.say('start shop products "New price table" --previous v1')
    talk.say("run R-2 1")
    talk.clock.at += timedelta(minutes=7)
    talk.say("approve R-2 1", ARI)
    talk.say("rollback R-2", ON_CALL)
    said = talk.say("stats", DANA)
    assert text(said) == "2 releases of all apps, since 2026-03-01."
    undone, rollback, approvals = lines(said)
    assert undone == "Rolled back: 1 of 2, 50 %."
    assert rollback.endswith("within the budget of 20 min (1 timed).")
    assert approvals == "Approvals waited: p50 7 min, p95 7 min (1 given)."


def test_an_export_holds_expected_actual_commands_approvals_and_the_audit_hash(talk: Talk) -> None:
    talk.until_purged()
    assert text(talk.say("export R-1", DANA)) == (
        "The record of R-1 comes into its thread, as two files."
    )
    (notice,) = notices(talk)
    assert (notice.to, notice.about) == (None, 1)
    page, record = notice.files
    assert (page.name, record.name) == ("R-1-shop-production.md", "R-1-shop-production.json")
    told = json.loads(record.content)
    assert told["format"] == "cache-release/record/1"
    purge = told["steps"][2]
    assert [row["by"] for row in purge["approved"]] == [ARI]
    assert purge["approved"][0]["binds_to"] == purge["plan_hash"]
    assert purge["by_hand"] == [
        "redis-cli -u \"$R\" --scan --pattern 'anp:page:/products*' | wc -l",
        "redis-cli -u \"$R\" --scan --pattern 'anp:page:/products*' "
        "| xargs -d '\\n' -n 500 redis-cli -u \"$R\" UNLINK",
        "redis-cli -u \"$R\" --scan --pattern 'anp:fragment:products:*' | wc -l",
        "redis-cli -u \"$R\" --scan --pattern 'anp:fragment:products:*' "
        "| xargs -d '\\n' -n 500 redis-cli -u \"$R\" UNLINK",
    ]
    assert told["steps"][0]["by_hand"] == ["curl -sS -o /dev/null -D - http://127.0.0.1:1/products"]
    snapshot = told["snapshots"][0]["snapshot"]
    assert told["steps"][4]["by_hand"] == [
        f'zstd -dc {snapshot}/segment-*.resp.zst | redis-cli -u "$R" --pipe'
    ]
    before_export = talk.ledger.audit(1)[1]
    assert told["audit"]["hash"] == before_export.hash
    assert told["audit"]["entries"] == before_export.seq
    assert "## 3. Purge only the affected route" in page.content
    assert f"hash {before_export.hash}" in page.content
    assert talk.story().steps[2].expected.split(".")[0] in page.content


def test_an_export_follows_no_markup_that_people_wrote(talk: Talk) -> None:
    talk.say('start shop products "# <img src=x> [click](http://x) ```"')
    talk.say("export R-1", DANA)
    page = notices(talk)[0].files[0].content
    assert page.splitlines()[0] == r"# R-1: \# \<img src=x\> \[click\](http://x) \`\`\`"


def test_a_release_is_repeated_with_its_scope_owners_and_texts(talk: Talk) -> None:
    talk.say(
        "start",
        DANA,
        app="shop",
        environment="staging",
        routes="shop/products",
        owner=ARI,
        title="New price table",
        expected_purge="Exactly the price pages.",
        note_latency="Warm /products.",
    )
    talk.say(f"owner R-1 3 <@{ON_CALL}>", ARI)
    again = talk.say("repeat R-1", DANA)
    given = filled(again)
    assert (given["app"], given["environment"], given["routes"]) == (
        "shop",
        "staging",
        "shop/products",
    )
    assert (given["owner"], given["title"], given["previous"]) == (ARI, "New price table", "")
    assert given["expected_purge"] == "Exactly the price pages."
    assert given["note_latency"] == "Warm /products."
    assert form(again).carry == {"owner_purge": ON_CALL}
    talk.say("abandon R-1", ARI)
    opened = press(
        talk, Offer(label="Start", verb="start", fields={**given, **form(again).carry}), DANA
    )
    assert text(opened) == "R-2 is open in <#C01REL>: New price table."
    steps = talk.story(2).steps
    assert [step.owner for step in steps] == [ARI, ARI, ON_CALL, ARI, ARI]
    assert steps[2].expected == "Exactly the price pages."


def test_the_form_is_filled_from_the_last_own_release_without_its_title(talk: Talk) -> None:
    talk.say('start shop products "First"', OWNER)
    talk.say('start shop cart "Mine" --environment staging', DANA)
    given = filled(talk.say("start", DANA))
    assert (given["environment"], given["routes"], given["title"]) == ("staging", "shop/cart", "")
    assert filled(talk.say("start shop", ARI))["routes"] == ""


def test_the_form_shows_each_routes_keys_and_each_fields_limit(talk: Talk) -> None:
    fields = {row.name: row for row in form(talk.say("start", DANA)).fields}
    assert [choice.description for choice in fields["routes"].choices] == [
        "anp:page:/products*, anp:fragment:products:*",
        "anp:page:/cart*",
    ]
    assert fields["title"].hint.endswith("At most 100 characters.")
    assert fields["expected_purge"].hint == "At most 500 characters."


def test_a_release_whose_routes_are_gone_cannot_be_repeated(talk: Talk) -> None:
    assert refused(talk, "repeat R-9", DANA).failed == "There is no R-9."


@pytest.mark.parametrize("line", ["history shoe", "stats shop nothing", "where shoe"])
def test_names_that_nobody_knows_are_refused(talk: Talk, line: str) -> None:
    assert refused(talk, line, DANA).code is Code.UNKNOWN_NAME
