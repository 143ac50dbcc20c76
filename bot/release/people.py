"""Who may do what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.release.catalog import App, Catalog
from bot.release.refusal import Code, Refusal


class Role(StrEnum):
    """What a person is to one app."""

    ADMIN = "admin"
    OWNER = "owner"
    APPROVER = "approver"
    ONCALL = "on-call"
    MEMBER = "member"


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who asks: a Slack user with the user groups they are in, or `terminal:<name>` at the bot's own machine."""

    id: str
    groups: frozenset[str] = frozenset()
    terminal: bool = False


MAY_ROLL_BACK = frozenset({Role.ADMIN, Role.OWNER, Role.APPROVER, Role.ONCALL})
MAY_UNLOCK = frozenset({Role.ADMIN, Role.OWNER, Role.APPROVER})
MAY_HAND_OVER = frozenset({Role.ADMIN, Role.OWNER, Role.APPROVER})
MAY_RELEASE = frozenset(Role)


def _listed(who: Person, names: Iterable[str]) -> bool:
    return any(name == who.id or name in who.groups for name in names)


def roles(who: Person, app: App, catalog: Catalog, *, owner: str | None = None) -> frozenset[Role]:
    """Return what the person is to the app; `owner` is the release's or the step's own owner.

    Whoever holds a terminal on the bot's machine holds its secrets, and so counts as an admin.
    """
    found = {Role.MEMBER}
    if is_admin(who, catalog):
        found.add(Role.ADMIN)
    if who.id in {app.owner, owner}:
        found.add(Role.OWNER)
    if _listed(who, app.approvers):
        found.add(Role.APPROVER)
    if _listed(who, app.oncall):
        found.add(Role.ONCALL)
    return frozenset(found)


def require(who: Person, needed: frozenset[Role], held: frozenset[Role], *, what: str) -> None:
    """Refuse unless the person holds one of the needed roles."""
    if needed & held:
        return
    names = ", ".join(sorted(needed))
    raise Refusal(
        code=Code.NOT_ALLOWED,
        failed=f"{what}: not allowed for you. Nothing was changed.",
        expected=f"one of these roles: {names}.",
        retry_is_safe=True,
    )


def is_approver(who: Person, app: App) -> bool:
    """Return whether the catalog names the person, or a group of theirs, as an approver of the app."""
    return _listed(who, app.approvers)


def is_admin(who: Person, catalog: Catalog) -> bool:
    """Return whether the catalog names the person, or a group of theirs, as an admin."""
    return who.terminal or _listed(who, catalog.people.admins)


def may_approve(
    who: Person,
    app: App,
    *,
    starter: str,
    editor: str | None = None,
    what: str = "Not approved",
) -> None:
    """Refuse a decision by the starter, by the plan's last `editor`, or by anyone who is no approver.

    The terminal on the bot's own machine is the door for the night when Slack is down: it may, and is on record.
    """
    if who.terminal:
        return
    if who.id == starter:
        raise Refusal(
            code=Code.NOT_ALLOWED,
            failed=f"{what}: you started this release. Nothing was changed.",
            expected="an approver who did not start it.",
            retry_is_safe=True,
        )
    if who.id == editor:
        raise Refusal(
            code=Code.NOT_ALLOWED,
            failed=f"{what}: you made this plan, with the last run of the step. Nothing was changed.",
            expected="an approver who did not make it.",
            retry_is_safe=True,
        )
    if not _listed(who, app.approvers):
        people = ", ".join(
            f"<@{name}>" if name[0] in "UW" else f"<!subteam^{name}>" for name in app.approvers
        )
        raise Refusal(
            code=Code.NOT_ALLOWED,
            failed=f"{what}: you are not an approver of this app. Nothing was changed.",
            expected=f"one of {people}.",
            retry_is_safe=True,
        )
