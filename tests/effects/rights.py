"""The rights of the bot's Redis user, read from the page that documents them."""

from __future__ import annotations

from pathlib import Path

from redis import Redis

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "redis-user.md"
USER, PASSWORD = "cacherelease", "change-me"


def documented_line() -> list[str]:
    """Return the words of the page's one ACL SETUSER line."""
    text = PAGE.read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith("ACL SETUSER ")]
    return line.split()


def documented_rights() -> list[str]:
    """Return `+scan`, `+unlink` and so on."""
    return [word for word in documented_line() if word.startswith("+")]


def make_user(client: Redis, url: str, *, without: tuple[str, ...] = (), more: str = "") -> str:
    """Make the documented user, and return the URL with it; before Redis 7.0 the page leaves PEXPIRETIME out."""
    if client.info("server")["redis_version"].startswith("6."):
        without = (*without, "+pexpiretime")
    words = [word for word in documented_line() if word not in without]
    client.execute_command(*words, *more.split())
    return url.replace("redis://", f"redis://{USER}:{PASSWORD}@")
