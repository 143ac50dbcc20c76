from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator

import pytest

from bot.effects.http.probe import HttpProbe
from bot.steps import Fetch, Request
from tests.effects.probing import Seen
from tests.effects.web_server import pages

COOKIE = "session=4f0c-very-secret"


@pytest.fixture
def web() -> Iterator[tuple[str, Seen]]:
    with pages() as served:
        yield served


@pytest.mark.parametrize(
    ("release", "agent"), [("R-42", "cache-release (R-42)"), (None, "cache-release")]
)
def test_every_request_names_the_bot_and_the_release(
    web: tuple[str, Seen], release: str | None, agent: str
) -> None:
    wish = Fetch(requests=(Request(path="/1"), Request(path="/2", account="a"), Request(path="/3")))
    HttpProbe(user_agent="cache-release").fetch(
        wish, base_url=web[0], allow_private=True, cookies={"a": COOKIE}, release=release
    )
    assert [note["user-agent"] for note in web[1]] == [agent] * 3


def test_a_cookie_is_known_in_the_log_by_eight_digits_of_its_hash_alone(
    web: tuple[str, Seen], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wish = Fetch(requests=(Request(path="/", account="a"), Request(path="/", account="a")))
    fetched = HttpProbe(user_agent="cache-release").fetch(
        wish, base_url=web[0], allow_private=True, cookies={"a": COOKIE}, release="R-42"
    )
    digits = hashlib.sha256(COOKIE.encode()).hexdigest()[:8]
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("bot.")]
    assert lines == [f"127.0.0.1 is asked as account a, cookie {digits}, for R-42"]
    assert "very-secret" not in caplog.text + repr(fetched)
    assert web[1][0]["cookie"] == COOKIE
