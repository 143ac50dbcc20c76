"""The fixture `nginx`, for every test that wants a cache before its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.proxies.nginx import Caching, Proxy, running_nginx
from tests.proxies.origin import Answer, running_origin

Start = Callable[[Caching, Answer], Proxy]


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Start]:
    """Start a cache before an origin whose pages the test writes; as often as a test likes."""
    with ExitStack() as running:

        def start(caching: Caching, answer: Answer) -> Proxy:
            origin = running.enter_context(running_origin(answer))
            folder = tmp_path / f"nginx-{origin.rpartition(':')[2]}"
            return running.enter_context(running_nginx(caching, origin=origin, folder=folder))

        yield start
