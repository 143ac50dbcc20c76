"""Make an open release a hotfix: it goes on through a freeze, with one approval more."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.checklist import cards_of, require_open
from bot.release.opening import LONGEST_REASON, approvals_needed, refuse_unapprovable
from bot.release.people import MAY_ROLL_BACK, Person, require, roles
from bot.release.records import Change, ReleaseMove
from bot.release.refusal import Code, Refusal
from bot.release.states import RELEASE, Move, after


class Hotfix:
    """`hotfix R-42 "checkout shows wrong prices"`: the freeze no longer stops it."""

    verb = "hotfix"
    usage = 'hotfix R-42 "why"'
    summary = "Let a release go on through a freeze, with one approval more."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """On-call, approvers, owners and admins of any app."""
        return any(MAY_ROLL_BACK & roles(who, app, catalog) for app in catalog.apps.values())

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Record the reason."""
        story = tools.find_story(ask)
        release = story.release
        app = tools.catalog.apps[release.app]
        require_open(story)
        held = roles(ask.who, app, tools.catalog, owner=release.owner)
        require(ask.who, MAY_ROLL_BACK, held, what=f"Make {release.name} a hotfix")
        reason = " ".join(ask.words).strip()[:LONGEST_REASON]
        if not reason:
            raise Refusal(
                code=Code.BAD_REQUEST,
                failed="Not a hotfix: no reason was given.",
                expected=f'a reason, as in `hotfix {release.name} "wrong prices"`.',
                retry_is_safe=True,
            )
        if release.hotfix is not None:
            return Said(text=f"{release.name} is a hotfix already: {release.hotfix}")
        refuse_unapprovable(app)
        to = after(RELEASE, release.state, Move.NOTE)
        tools.keep(
            Change(
                act="hotfix",
                by=ask.who.id,
                at=ask.at,
                release_id=release.id,
                body={"reason": reason},
                releases=(
                    ReleaseMove(id=release.id, seen_version=release.version, to=to, hotfix=reason),
                ),
                cards=cards_of(story),
            ),
            otherwise="Not a hotfix",
        )
        needed = approvals_needed(app, release) + 1
        return Said(
            text=f"{release.name} is a hotfix: it needs {needed} approvals and goes through the freeze.",
            release=release.id,
        )


COMMAND: Command = Hotfix()
