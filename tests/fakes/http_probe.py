"""A web that answers from memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.steps import Fetch, Fetched, Response


class FakeProbe:
    """Answers every GET as a cache that hits, unless the test says otherwise."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200

    def fetch(
        self,
        wish: Fetch,
        *,
        base_url: str,
        allow_private: bool,
        cookies: Mapping[str, str],
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Fetched:
        """Answer each request with a fresh, shared, cached page in 10 ms."""
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
