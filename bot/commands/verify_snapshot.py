"""Prove that a release's snapshots are what was written."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.people import Person
from bot.release.records import Action, ActionKind, Change, Story
from bot.release.refusal import Code, Refusal


class VerifySnapshot:
    """`verify-snapshot R-42`: every file against its signatures, and opened where it is encrypted."""

    verb = "verify-snapshot"
    usage = "verify-snapshot R-42"
    summary = "Prove that a release's snapshots are whole and can be read."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may look."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Record the wish, then hand it to the workers: reading all of it takes longer than Slack waits."""
        story = tools.find_story(ask)
        request = _request(ask, story)
        tools.keep(
            Change(
                act=str(request.kind),
                by=ask.who.id,
                at=ask.at,
                body=request.args,
                requests=(request,),
                cards=(f"action:{request.key}",),
            ),
            otherwise="Not verified",
        )
        number = len(request.args["snapshots"])
        counted = "the snapshot" if number == 1 else f"the {number} snapshots"
        return Said(text=f"Verifying {counted} of {story.release.name}.", action=request.key)


def _request(ask: Ask, story: Story) -> Action:
    release = story.release
    names = sorted(row.id for row in story.snapshots if row.state != "expired")
    if not names:
        raise Refusal(
            code=Code.SNAPSHOT_EXPIRED,
            failed=f"Not verified: {release.name} has no snapshot. Nothing was taken out, or it expired.",
            expected="a release that purged something; `snapshots` lists them.",
            retry_is_safe=True,
        )
    kind = ActionKind.VERIFY_SNAPSHOT
    return Action(
        key=f"{kind}:{release.id}:{ask.who.id}:{int(ask.at.timestamp() * 1000)}",
        kind=kind,
        # Apart from the release's own work: a long proof must not make a rollback wait.
        partition=f"verify:{release.id}",
        release_id=None,
        step=None,
        args={
            "app": release.app,
            "environment": release.environment,
            "routes": list(release.routes),
            "release": release.id,
            "snapshots": names,
        },
        channel=ask.channel,
        asked_by=ask.who.id,
        asked_at=ask.at,
    )


COMMAND: Command = VerifySnapshot()
