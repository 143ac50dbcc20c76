"""A generation key is set only where nobody else moved it on; the fake does as the server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis

from bot.effects.keyspace.generation import used_key
from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.release.refusal import Code, Refusal
from tests.effects.rights import make_user
from tests.fakes.redis_keyspace import FakeKeyspace

KEY = "anp:gen:products"


class Place:
    """A keyspace, real or fake, with one generation key."""

    def __init__(self, client: Redis | None, url: str) -> None:
        self._client = client
        self._fake = FakeKeyspace()
        self.keyspace = RedisKeyspace(url) if client else self._fake

    def put(self, value: str, expires_at: int = 0) -> None:
        if self._client is None:
            self._fake.put(KEY, value, expires_at)
        else:
            self._client.set(KEY, value, pxat=expires_at or None)

    def held(self) -> tuple[bytes, int]:
        if self._client is None:
            return self._fake.keys[KEY.encode()]
        value = self._client.get(KEY)
        assert isinstance(value, bytes)
        return value, max(0, int(str(self._client.pexpiretime(KEY))))


@pytest.fixture(params=["real", "fake"])
def place(request: pytest.FixtureRequest, redis: Redis, valkey: str) -> Place:
    return Place(redis if request.param == "real" else None, valkey)


def test_the_next_number_is_set_and_the_expiry_kept(place: Place) -> None:
    place.put("41", 4_102_444_800_000)
    found = place.keyspace.generation(KEY)
    assert (found.number, found.next, found.problem) == (41, 42, "")
    assert place.keyspace.set_generation(KEY, seen=41, new=42).number == 41
    assert place.held() == (b"42", 4_102_444_800_000)


def test_a_number_that_moved_on_is_left_alone(place: Place) -> None:
    place.put("43")
    assert place.keyspace.set_generation(KEY, seen=41, new=42).number == 43
    assert place.held() == (b"43", 0)
    assert place.keyspace.generation(KEY).next == 44


def test_a_number_that_was_set_back_is_not_used_again(place: Place) -> None:
    place.put("41")
    place.keyspace.set_generation(KEY, seen=41, new=42)
    assert place.keyspace.set_generation(KEY, seen=42, new=41).number == 42
    assert place.held() == (b"41", 0)
    assert place.keyspace.generation(KEY).next == 43


@pytest.mark.parametrize("value", ["", "-1", "041", "4 1", "4.1", "x", "9" * 19])
def test_what_is_no_whole_number_is_never_set(place: Place, value: str) -> None:
    place.put(value)
    found = place.keyspace.generation(KEY)
    assert (found.number, found.problem) == (
        None,
        "the generation key holds no whole number of at most 18 digits",
    )
    assert place.keyspace.set_generation(KEY, seen=0, new=1).number is None
    assert place.held() == (value.encode(), 0)


def test_a_missing_key_is_never_made(place: Place) -> None:
    found = place.keyspace.set_generation(KEY, seen=0, new=1)
    assert (found.number, found.problem) == (
        None,
        "the generation key is missing, so there is no number to count on from",
    )
    assert place.keyspace.generation(KEY) == found


def test_a_key_of_another_type_is_said(redis: Redis, valkey: str) -> None:
    redis.hset(KEY, "a", "1")
    found = RedisKeyspace(valkey).generation(KEY)
    assert found.problem == "the generation key holds no whole number of at most 18 digits"


@pytest.mark.parametrize(
    ("key", "used"),
    [
        ("anp:gen", "~q:generation:{anp:gen}:anp:gen"),
        ("anp:{eu}:gen", "~q:generation:{eu}:anp:{eu}:gen"),
        ("anp:{}:gen", "~q:generation:{anp:{}:gen}:anp:{}:gen"),
    ],
)
def test_the_largest_number_stands_beside_the_key(key: str, used: str) -> None:
    assert used_key(key) == used


def test_of_many_at_once_one_sets_the_number(redis: Redis, valkey: str) -> None:
    redis.set(KEY, "41")
    keyspace = RedisKeyspace(valkey)
    with ThreadPoolExecutor(max_workers=8) as pool:
        found = list(
            pool.map(lambda _: keyspace.set_generation(KEY, seen=41, new=42).number, range(24))
        )
    assert (found.count(41), found.count(42)) == (1, 23)
    assert redis.get(KEY) == b"42"


RIGHTS = "+get +set +watch +multi +exec"


def test_the_documented_rights_are_enough(redis: Redis, valkey: str) -> None:
    redis.set(KEY, "41")
    keyspace = RedisKeyspace(make_user(redis, valkey, more=RIGHTS))
    assert keyspace.generation(KEY).next == 42
    assert keyspace.set_generation(KEY, seen=41, new=42).number == 41
    assert keyspace.generation(KEY).used == 42


@pytest.mark.parametrize("right", RIGHTS.split())
def test_a_right_that_is_missing_is_named_and_nothing_is_set(
    redis: Redis, valkey: str, right: str
) -> None:
    redis.set(KEY, "41")
    keyspace = RedisKeyspace(make_user(redis, valkey, more=RIGHTS.replace(right, "")))
    with pytest.raises(Refusal) as refused:
        keyspace.set_generation(KEY, seen=41, new=42)
    assert refused.value.code is Code.REDIS_REFUSED
    assert refused.value.expected.startswith(f"the right {right} for the bot's user")
    assert redis.get(KEY) == b"41"
