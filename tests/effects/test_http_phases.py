from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
import responses

from bot.effects.http.exchange import exchange
from bot.effects.http.pinned_adapter import PinnedAdapter
from bot.effects.http.timed_connection import stamps_of
from bot.release.paced_window import WITHOUT_PHASES, Shot, series_of
from bot.steps import Request
from tests.effects.probing import Seen, asked
from tests.effects.web_server import pages


@pytest.fixture
def web() -> Iterator[tuple[str, Seen]]:
    with pages() as served:
        yield served


def test_a_new_connection_has_all_phases_and_the_next_request_only_waits(
    web: tuple[str, Seen],
) -> None:
    new, again = asked(web[0], Request(path="/wait?20"), Request(path="/wait?20")).responses
    assert new.phases is not None
    assert again.phases is not None
    assert (new.phases.reused, again.phases.reused) == (False, True)
    assert (again.phases.dns, again.phases.tcp, again.phases.tls) == (0.0, 0.0, 0.0)
    assert new.phases.dns > 0.0
    assert new.phases.tcp > 0.0
    assert new.phases.tls < 5.0
    for phases in (new.phases, again.phases):
        # The server waits 20 ms; nothing can be faster, and the parts add up.
        assert 20.0 <= phases.wait <= phases.first_byte <= phases.total
        assert phases.dns + phases.tcp + phases.tls + phases.wait <= phases.first_byte + 0.01


def test_the_first_byte_of_a_known_delay_is_close_to_it(web: tuple[str, Seen]) -> None:
    answers = asked(web[0], *[Request(path="/wait?20")] * 15).responses
    quickest = min(one.phases.first_byte for one in answers if one.phases is not None)
    assert 20.0 <= quickest <= 28.0


def test_times_of_the_answer_are_those_of_its_connection(web: tuple[str, Seen]) -> None:
    (answer,) = asked(web[0], Request(path="/wait?20")).responses
    assert answer.phases is not None
    assert 0.020 <= answer.first_byte <= answer.seconds
    assert answer.seconds >= (answer.phases.total - answer.phases.dns) / 1000


def test_a_fresh_request_has_a_connection_of_its_own_and_the_others_share_theirs(
    web: tuple[str, Seen],
) -> None:
    base, seen = web
    wish = (Request(path="/1"), Request(path="/2", fresh=True), Request(path="/3"))
    reused = [one.phases and one.phases.reused for one in asked(base, *wish).responses]
    assert reused == [False, False, True]
    assert len({note["connection-of"] for note in seen}) == 2
    assert seen[0]["connection-of"] == seen[2]["connection-of"]


def test_a_second_address_is_dialled_where_the_first_one_refuses(web: tuple[str, Seen]) -> None:
    session = requests.Session()
    session.trust_env = False
    with session:
        session.mount("http://", PinnedAdapter(("127.0.0.9", "127.0.0.1")))
        url = web[0].replace("127.0.0.1", "shop.example") + "/page"
        seen = exchange(session, _get(session, url), timeout_s=2.0, keep_body=True, timer=_tick)
    assert seen.body.startswith("page /page")
    assert seen.phases is not None
    assert not seen.phases.reused


def test_without_a_timed_connection_there_are_no_phases_and_the_window_says_so() -> None:
    with requests.Session() as session, responses.RequestsMock() as mocked:
        session.mount("http://", PinnedAdapter(("127.0.0.1",)))
        mocked.get("http://shop.example/page", body="mocked", headers={"X-Cache": "HIT"})
        prepared = _get(session, "http://shop.example/page")
        seen = exchange(session, prepared, timeout_s=2.0, keep_body=True, timer=_tick)
        assert stamps_of(requests.Response()) is None
    assert (seen.status, seen.body, seen.phases) == (200, "mocked", None)
    assert seen.begun < seen.first_byte < seen.ended
    window = series_of("/page", [Shot(label="page", seconds=0.01, hit=True)], every=0.2)
    assert window.source == WITHOUT_PHASES == "elapsed (no phases)"


_moment = 0.0


def _tick() -> float:
    global _moment  # noqa: PLW0603 - a clock for one module
    _moment += 0.001
    return _moment


def _get(session: requests.Session, url: str) -> requests.PreparedRequest:
    return session.prepare_request(requests.Request("GET", url))
