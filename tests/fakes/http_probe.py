"""A web that answers from memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.steps import Fetch, Fetched, Response
from tests.steps.answers import Answer, carried_out


class FakeProbe:
    """Answers every GET as a cache that hits, unless the test says otherwise: by a status, or by an `answer`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.releases: set[str | None] = set()
        self.status = 200
        self.answer: Answer | None = None

    def fetch(
        self,
        wish: Fetch,
        *,
        base_url: str,
        allow_private: bool,
        cookies: Mapping[str, str],
        on_progress: Callable[[int, int], None] | None = None,
        release: str | None = None,
    ) -> Fetched:
        """Answer each request with a fresh, shared, cached page in 10 ms."""
        self.releases.add(release)
        if self.answer is not None:
            self.asked += [request.path for request in wish.requests]
            return carried_out((wish,), self.answer)[0]
        responses = []
        for number, request in enumerate(wish.requests):
            self.asked.append(request.path)
            responses.append(
                Response(
                    request=request,
                    status=self.status,
                    headers=(
                        ("Cache-Control", "public, max-age=60"),
                        ("X-Cache", "HIT"),
                        ("Age", "5"),
                    ),
                    body="a page" if wish.keep_body else "",
                    at=1_772_373_600.0 + number * (wish.every or 1.0),
                    seconds=0.010,
                    first_byte=0.008,
                )
            )
            if on_progress is not None:
                on_progress(number + 1, len(wish.requests))
        return Fetched(responses=tuple(responses))
