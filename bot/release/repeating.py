"""The commands by which another developer repeats by hand what a step did, each on one line."""

from __future__ import annotations

from shlex import quote

from bot.release.catalog import App, Catalog, Environment
from bot.release.checklist import purge_snapshots
from bot.release.finding import patterns_of
from bot.release.generation import generation_keys
from bot.release.records import StepLine, Story
from bot.release.scope import to_redis_glob

TIMING = "%{http_code} first byte %{time_starttransfer} s, whole %{time_total} s\\n"


def redis_cli(environment: Environment) -> str:
    """Return how the environment's Redis is reached; its address stays in the variable."""
    return f'redis-cli -u "${environment.redis.removeprefix("env:")}"'


def by_hand(story: Story, step: StepLine, catalog: Catalog) -> tuple[str, ...]:
    """Return the commands of one step; none where the catalog no longer has the app."""
    app = catalog.apps.get(story.release.app)
    environment = None if app is None else app.environments.get(story.release.environment)
    if app is None or environment is None:
        return ()
    match step.kind:
        case "headers":
            return _headers(story, app, environment)
        case "logged_in":
            return _logged_in(story, app, environment)
        case "purge":
            return _purge(story, app, environment)
        case "latency":
            return _latency(story, app, environment)
        case "rollback_ready":
            return put_back(story, environment)
    return ()


def _pages(story: Story, app: App, environment: Environment) -> list[str]:
    routes = [app.routes[name] for name in story.release.routes if name in app.routes]
    paths = dict.fromkeys(path for route in routes for path in route.paths)
    return [quote(f"{environment.url}{path}") for path in paths]


def _headers(story: Story, app: App, environment: Environment) -> tuple[str, ...]:
    return tuple(f"curl -sS -o /dev/null -D - {page}" for page in _pages(story, app, environment))


def _logged_in(story: Story, app: App, environment: Environment) -> tuple[str, ...]:
    cookies = [account.cookie.removeprefix("env:") for account in app.accounts.values()]
    return tuple(
        f'curl -sS -i -H "Cookie: ${cookie}" {page}'
        for page in _pages(story, app, environment)
        for cookie in cookies
    ) or _headers(story, app, environment)


def _latency(story: Story, app: App, environment: Environment) -> tuple[str, ...]:
    return tuple(
        f"for i in $(seq 20); do curl -sS -o /dev/null -w {quote(TIMING)} {page}; done"
        for page in _pages(story, app, environment)
    )


def _globs(story: Story, app: App) -> list[str]:
    known = [(name, app.routes[name]) for name in story.release.routes if name in app.routes]
    return [quote(to_redis_glob(pattern).decode()) for pattern in patterns_of(known)]


def _purge(story: Story, app: App, environment: Environment) -> tuple[str, ...]:
    """Return how the keys are counted, written down and taken out; the count comes first."""
    cli = redis_cli(environment)
    known = [(name, app.routes[name]) for name in story.release.routes if name in app.routes]
    lines = [f"{cli} GET {quote(key)}" for key in generation_keys(known)]
    for glob in _globs(story, app):
        lines.append(f"{cli} --scan --pattern {glob} | wc -l")
        lines.append(f"{cli} --scan --pattern {glob} | xargs -d '\\n' -n 500 {cli} UNLINK")
    return tuple(lines)


def put_back(story: Story, environment: Environment) -> tuple[str, ...]:
    """Return how each snapshot that the release took is put back without the bot."""
    return tuple(
        f"zstd -dc {quote(row.id)}/segment-*.resp.zst | {redis_cli(environment)} --pipe"
        for row in purge_snapshots(story)
    )
