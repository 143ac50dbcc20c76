"""Where a catalog names secrets."""

from __future__ import annotations

from collections.abc import Iterator

from bot.release.catalog import Catalog


def references(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Yield each place in the file with the `env:NAME` that stands there."""
    for name, app in catalog.apps.items():
        for place, environment in app.environments.items():
            yield f"apps.{name}.environments.{place}.redis", environment.redis
            if environment.replica is not None:
                yield f"apps.{name}.environments.{place}.replica", environment.replica
        for who, account in app.accounts.items():
            yield f"apps.{name}.accounts.{who}.cookie", account.cookie
        hook = app.rollback
        if hook is not None and hook.webhook is not None:
            yield f"apps.{name}.rollback.webhook.secret", hook.webhook.secret
        if hook is not None and hook.workflow is not None:
            yield f"apps.{name}.rollback.workflow.token", hook.workflow.token
        for number, told in enumerate(app.webhooks):
            yield f"apps.{name}.webhooks[{number}].secret", told.secret
        if app.ci is not None:
            yield f"apps.{name}.ci.secret", app.ci.secret
