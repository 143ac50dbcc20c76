"""Views: the stack of modals before each person, and each person's App Home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.sandbox.slack import limits
from bot.sandbox.slack.inputs import Values
from bot.sandbox.slack.refused import SlackError


@dataclass(frozen=True, kw_only=True)
class View:
    """One view as one person sees it; `shown` is what the app sent, with ids filled in."""

    id: str
    hash: str
    person: str
    shown: Mapping[str, Any]
    root_id: str
    previous_id: str | None = None
    values: Values = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    busy: bool = False

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """Return the blocks of the view."""
        return list(self.shown["blocks"])


class Views:
    """All views that somebody sees now."""

    def __init__(self) -> None:
        self._views: dict[str, View] = {}
        self._stacks: dict[str, list[str]] = {}
        self._homes: dict[str, str] = {}

    def open(self, view: View) -> None:
        """Show a modal in the place of whatever modals the person had."""
        self.clear(view.person)
        self._views[view.id] = view
        self._stacks[view.person] = [view.id]

    def push(self, view: View) -> View:
        """Show a modal on top; refuse with push_limit_reached when three are stacked already."""
        stack = self._stacks.get(view.person) or []
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= limits.VIEWS_DEEP:
            raise SlackError("push_limit_reached")
        view = replace(view, previous_id=stack[-1], root_id=stack[0])
        self._views[view.id] = view
        stack.append(view.id)
        return view

    def publish(self, view: View) -> None:
        """Show a view as the person's App Home."""
        before = self._homes.get(view.person)
        if before is not None:
            self._views.pop(before, None)
        self._views[view.id] = view
        self._homes[view.person] = view.id

    def put(self, view: View) -> View:
        """Keep a changed view, if it is still there."""
        if view.id in self._views:
            self._views[view.id] = view
        return view

    def pop(self, view: View) -> None:
        """Close a modal and those on top of it; what was below is seen again."""
        stack = self._stacks.get(view.person, [])
        if view.id in stack:
            for gone in stack[stack.index(view.id) :]:
                self._views.pop(gone, None)
            del stack[stack.index(view.id) :]

    def clear(self, person: str) -> None:
        """Close all modals of a person."""
        for gone in self._stacks.pop(person, []):
            self._views.pop(gone, None)

    def find(self, view_id: str) -> View | None:
        """Return a view that somebody sees, or None."""
        return self._views.get(view_id)

    def external(self, external_id: str) -> View | None:
        """Return the view to which the app gave this id of its own, or None."""
        found = self._views.values()
        return next((v for v in found if v.shown.get("external_id") == external_id), None)

    def top(self, person: str) -> View | None:
        """Return the modal that the person sees, or None."""
        stack = self._stacks.get(person)
        return self._views[stack[-1]] if stack else None

    def home(self, person: str) -> View | None:
        """Return the person's App Home, or None before the app published one."""
        return self._views.get(self._homes.get(person, ""))
