"""A name whose address changes between the check and the connection."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from bot.effects.http.probe import HttpProbe
from bot.release.refusal import Code, Refusal
from bot.steps import Fetch, Request
from tests.effects.probing import Seen
from tests.effects.web_server import pages

# 127.0.0.3 stands for the address behind the wall: nothing but the resolver ever names it.
CHECKED, BEHIND = "127.0.0.1", "127.0.0.3"


class Rebinding:
    """A resolver that answers with the checked address once, and with the other one ever after."""

    def __init__(self, *later: str) -> None:
        self.later = later
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> tuple[str, ...]:
        self.asked.append(host)
        return (CHECKED,) if len(self.asked) == 1 else self.later


@pytest.fixture
def web() -> Iterator[tuple[str, Seen]]:
    with pages() as served:
        yield served


@pytest.fixture
def behind(web: tuple[str, Seen]) -> Iterator[socket.socket]:
    """A listener on the same port of the other address; whoever connects would be in its queue."""
    with socket.socket() as listener:
        listener.bind((BEHIND, int(web[0].rpartition(":")[2])))
        listener.listen()
        listener.setblocking(False)
        yield listener


def named(web: tuple[str, Seen]) -> str:
    return f"http://shop.example:{web[0].rpartition(':')[2]}"


def test_every_connection_of_a_look_goes_to_the_address_that_was_checked(
    web: tuple[str, Seen], behind: socket.socket
) -> None:
    resolve = Rebinding(BEHIND)
    # /cut closes the connection without an answer, so that the next request has to connect anew.
    wish = Fetch(requests=tuple(Request(path=path) for path in ("/1", "/cut", "/2", "/cut", "/3")))
    fetched = HttpProbe(user_agent="cache-release", resolve=resolve).fetch(
        wish, base_url=named(web), allow_private=True, cookies={}
    )
    assert resolve.asked == ["shop.example"]
    assert [answer.status for answer in fetched.responses] == [200, 0, 200, 0, 200]
    assert len({note["connection-of"] for note in web[1]}) == 3
    assert {note["host"] for note in web[1]} == {named(web).removeprefix("http://")}
    with pytest.raises(BlockingIOError):
        behind.accept()


@pytest.mark.parametrize("later", ["169.254.169.254", "224.0.0.1", "::ffff:169.254.169.254"])
def test_the_next_look_checks_the_new_address_and_sends_nothing(
    web: tuple[str, Seen], later: str
) -> None:
    probe = HttpProbe(user_agent="cache-release", resolve=Rebinding(later))
    wish = Fetch(requests=(Request(path="/"),))
    probe.fetch(wish, base_url=named(web), allow_private=True, cookies={})
    with pytest.raises(Refusal) as refused:
        probe.fetch(wish, base_url=named(web), allow_private=True, cookies={})
    assert refused.value.code is Code.ADDRESS_FORBIDDEN
    assert len(web[1]) == 1


def test_a_good_address_does_not_vouch_for_a_bad_one_beside_it(web: tuple[str, Seen]) -> None:
    probe = HttpProbe(
        user_agent="cache-release", resolve=lambda host, port: (CHECKED, "169.254.169.254")
    )
    with pytest.raises(Refusal, match=r"169\.254\.169\.254"):
        probe.fetch(
            Fetch(requests=(Request(path="/"),)),
            base_url=named(web),
            allow_private=True,
            cookies={},
        )
    assert web[1] == []
