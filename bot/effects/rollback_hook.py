"""The app's own rollback, in the one of three ways that its catalog names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.effects.deploy_hook import DeployHook, Ran
from bot.effects.webhook_hook import WebhookHook
from bot.effects.workflow_hook import WorkflowHook
from bot.release.hook import Hook


class RollbackHook:
    """A command, a webhook or a workflow; the first asks nothing of the network."""

    def __init__(self, folder: Path, secrets: Mapping[str, str]) -> None:
        """Take the folder that programs are found in, and the values of `env:NAME`."""
        self._command = DeployHook(folder)
        self._webhook = WebhookHook(secrets)
        self._workflow = WorkflowHook(secrets)

    def resolve(self, hook: Hook, values: Mapping[str, str | None]) -> tuple[str, ...]:
        """Return what would be done, word by word; nothing is done."""
        if hook.webhook is not None:
            return self._webhook.words(hook.webhook, values)
        if hook.workflow is not None:
            return self._workflow.words(hook.workflow, values)
        return self._command.resolve(hook.argv, values)

    def run(self, hook: Hook, values: Mapping[str, str | None], *, key: str) -> Ran:
        """Do it, once, to its end; `key` tells the other side when it is asked a second time."""
        if hook.webhook is not None:
            timeout_s = float(hook.timeout_s)
            return self._webhook.run(hook.webhook, values, key=key, timeout_s=timeout_s)
        if hook.workflow is not None:
            return self._workflow.run(hook.workflow, values, timeout_s=hook.timeout_s)
        return self._command.run(hook, self.resolve(hook, values))

    def previous(self, hook: Hook, values: Mapping[str, str | None]) -> str | None:
        """Return the version that the app says to go back to, None where the catalog names no command."""
        return self._command.previous(hook, values)
