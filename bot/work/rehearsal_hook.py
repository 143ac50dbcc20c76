"""The app's rollback command in a rehearsal: with the values of the environment that it runs on, or not at all."""

from __future__ import annotations

from bot.release.records import Action
from bot.release.refusal import Refusal
from bot.release.rehearsal_result import NO_HOOK, not_run_there
from bot.steps import Job, Resolved
from bot.work.deploying import deploy_back
from bot.work.parts import Parts
from bot.work.report import Report

HERE = "{environment}"


class RehearsalHook:
    """A command that does not say where it works would put production back, so it is never run in a rehearsal."""

    def __init__(self, parts: Parts, action: Action, job: Job) -> None:
        """Take the job on the rehearsal's environment."""
        self._parts = parts
        self._action = action
        self._on = job.environment_name
        self._hook = job.app.rollback
        release = action.args.get("release")
        self._values: dict[str, str | None] = {
            "app": job.app_name,
            "environment": self._on,
            "release": "rehearsal" if release is None else f"R-{release}",
            "previous": None,
        }

    @property
    def why_not(self) -> str | None:
        """Return why it is not run; None where it is."""
        if self._hook is None:
            return NO_HOOK
        if not any(HERE in word for word in self._hook.words):
            return not_run_there(self._on)
        return None

    def resolved(self) -> Resolved:
        """Return the command that the rollback will run here."""
        if self._hook is None or self.why_not is not None:
            return Resolved(argv=(), problem=None)
        try:
            self._ask_previous()
            return Resolved(argv=self._parts.hook.resolve(self._hook, self._values), problem=None)
        except Refusal as refusal:
            return Resolved(argv=(), problem=refusal.failed)

    def run(self, report: Report) -> str | None:
        """Run it; return what was run, None where an earlier run of the rehearsal did it."""
        assert self._hook is not None
        if self._values["previous"] is None:
            self._ask_previous()
        return deploy_back(self._parts, self._hook, self._values, self._action, report)

    def _ask_previous(self) -> None:
        """Ask for the version of this environment; without such a command the release's own stands in."""
        assert self._hook is not None
        here = any(HERE in word for word in self._hook.previous)
        asked = self._parts.hook.previous(self._hook, self._values) if here else None
        self._values["previous"] = asked or self._action.args.get("previous")
