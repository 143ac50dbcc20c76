from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.release.cache_headers import BROWSER_HEADERS
from bot.release.refusal import Code, Refusal
from bot.steps import Fetch, Request
from tests.effects.probing import Seen, asked, probe
from tests.effects.web_server import pages


@pytest.fixture
def web() -> Iterator[tuple[str, Seen]]:
    with pages() as served:
        yield served


def test_pages_come_back_in_order_over_one_connection(web: tuple[str, Seen]) -> None:
    base, seen = web
    progress: list[tuple[int, int]] = []
    wish = Fetch(requests=tuple(Request(path=f"/p{n}") for n in range(3)), keep_body=True)
    fetched = probe().fetch(
        wish,
        base_url=base,
        allow_private=True,
        cookies={},
        on_progress=lambda done, total: progress.append((done, total)),
    )
    assert [answer.body for answer in fetched.responses] == [f"page /p{n} – ü" for n in range(3)]
    assert [answer.request for answer in fetched.responses] == list(wish.requests)
    assert {note["connection-of"] for note in seen} == {seen[0]["connection-of"]}
    assert seen[0]["user-agent"] == "cache-release/R-1"
    assert progress == [(1, 3), (2, 3), (3, 3)]


def test_headers_keep_their_order_and_duplicates(web: tuple[str, Seen]) -> None:
    (answer,) = asked(web[0], Request(path="/")).responses
    names = [name for name, _ in answer.headers]
    assert names[-3:] == ["Content-Length", "Set-Cookie", "Set-Cookie"]
    assert [value for name, value in answer.headers if name == "Set-Cookie"] == [
        "tracker=1; Path=/",
        "other=2; Path=/",
    ]


def test_only_the_account_that_is_named_has_a_cookie(web: tuple[str, Seen]) -> None:
    base, seen = web
    cookies = {"a": "session=a", "b": "session=b"}
    requests_ = (
        Request(path="/1", account="a"),
        Request(path="/2"),
        Request(path="/3", account="b"),
    )
    asked(base, *requests_, cookies=cookies)
    assert [note.get("cookie") for note in seen] == ["session=a", None, "session=b"]


def test_an_account_without_a_cookie_is_not_asked_for_as_anybody(web: tuple[str, Seen]) -> None:
    base, seen = web
    (answer,) = asked(base, Request(path="/", account="a")).responses
    assert answer.error == "no cookie is configured for account a"
    assert seen == []


def test_the_wished_headers_are_sent_and_nothing_of_the_environment(
    web: tuple[str, Seen], monkeypatch: pytest.MonkeyPatch
) -> None:
    base, seen = web
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    (answer,) = asked(base, Request(path="/", headers=BROWSER_HEADERS)).responses
    assert answer.error is None
    assert seen[0]["accept-encoding"] == "gzip, deflate"


def test_redirects_are_not_followed(web: tuple[str, Seen]) -> None:
    base, seen = web
    (answer,) = asked(base, Request(path="/redirect")).responses
    assert answer.status == 302
    assert [note["path"] for note in seen] == ["/redirect"]


def test_a_body_is_kept_only_where_it_is_wanted_and_at_most_256_kib(web: tuple[str, Seen]) -> None:
    (not_kept,) = asked(web[0], Request(path="/")).responses
    assert not_kept.body == ""
    big, after = asked(web[0], Request(path="/big"), Request(path="/"), keep_body=True).responses
    assert len(big.body) == 256 * 1024
    assert after.body == "page / – ü"


def test_requests_keep_a_schedule_and_times_are_counted_from_it(web: tuple[str, Seen]) -> None:
    requests_ = (
        Request(path="/wait?20"),
        Request(path="/wait?250"),
        Request(path="/wait?20"),
        Request(path="/wait?20"),
    )
    answers = asked(web[0], *requests_, every=0.1).responses
    times = [answer.seconds for answer in answers]
    assert 0.020 <= times[0] < 0.080
    assert 0.250 <= times[1] < 0.330
    # Due 100 ms after the slow one began, it waited 150 ms in the queue: that is part of its time.
    assert times[1] - 0.1 + 0.020 <= times[2]
    assert 0.020 <= times[3] < times[2]
    assert all(0 < answer.first_byte <= answer.seconds for answer in answers)
    assert [round(answer.at - answers[0].at, 1) for answer in answers[:2]] == [0.0, 0.1]


def test_without_a_schedule_a_time_is_the_requests_own(web: tuple[str, Seen]) -> None:
    answers = asked(web[0], Request(path="/wait?150"), Request(path="/")).responses
    assert answers[0].seconds >= 0.150
    assert answers[1].seconds < 0.100


def test_a_name_goes_to_the_address_that_was_checked(web: tuple[str, Seen]) -> None:
    base, seen = web
    port = base.rpartition(":")[2]
    (answer,) = asked(f"http://shop.example:{port}", Request(path="/")).responses
    assert answer.status == 200
    assert seen[0]["host"] == f"shop.example:{port}"


def test_the_next_address_is_tried_where_the_first_does_not_answer(web: tuple[str, Seen]) -> None:
    port = web[0].rpartition(":")[2]
    both = probe(resolve=lambda host, port: ("127.0.0.2", "127.0.0.1"))
    wish = Fetch(requests=(Request(path="/"),))
    (answer,) = both.fetch(
        wish, base_url=f"http://shop.example:{port}", allow_private=True, cookies={}
    ).responses
    assert answer.status == 200


def test_a_private_address_is_refused_before_anything_is_sent(web: tuple[str, Seen]) -> None:
    base, seen = web
    with pytest.raises(Refusal) as refused:
        probe().fetch(
            Fetch(requests=(Request(path="/"),)), base_url=base, allow_private=False, cookies={}
        )
    assert refused.value.code is Code.ADDRESS_FORBIDDEN
    assert seen == []
