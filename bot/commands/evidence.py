"""Report what was seen of a step; the report stands on its card and approves nothing."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.checklist import find_step
from bot.release.evidencing import evidence_of
from bot.release.people import Person
from bot.release.records import Change
from bot.release.refusal import Code, Refusal
from bot.release.states import ReleaseState

LIVE = frozenset({ReleaseState.OPEN, ReleaseState.WATCHING})


class ReportEvidence:
    """`evidence R-42 2 "200 logins, none leaked" --outcome pass`: said by whoever saw it."""

    verb = "evidence"
    usage = "evidence [R-42] <step> <text> [--outcome pass|fail|unsure] [--link URL]"
    summary = "Report what was seen of a step; it approves nothing."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may say what they saw."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Record the report, and draw the step's card with it."""
        story = tools.find_story(ask)
        release = story.release
        if ask.fields.get("app", release.app) != release.app:
            raise Refusal(
                code=Code.UNKNOWN_NAME,
                failed=f"{release.name} is no release of {ask.fields['app']}. Nothing was reported.",
                expected=f"a release of {ask.fields['app']}.",
                retry_is_safe=True,
            )
        if release.state not in LIVE:
            raise Refusal(
                code=Code.NOT_NOW,
                failed=f"{release.name} is {release.state.replace('_', ' ')}. Nothing was reported.",
                expected="a release that is open or watched.",
                retry_is_safe=True,
            )
        step = find_step(story, ask.step)
        report = evidence_of(
            release.id,
            step.number,
            outcome=ask.fields.get("outcome", "unsure"),
            text=" ".join(ask.words) or ask.fields.get("text", ""),
            link=ask.fields.get("link"),
            by=ask.who.id,
            at=ask.at,
        )
        tools.keep(
            Change(
                act="evidence",
                by=ask.who.id,
                at=ask.at,
                release_id=release.id,
                body={
                    "step": step.number,
                    "outcome": report.outcome,
                    "text": report.text,
                    "link": report.link,
                },
                evidence=(report,),
                cards=(f"root:{release.id}", f"step:{release.id}:{step.number}"),
            ),
            otherwise="Not reported",
        )
        text = f"Reported on step {step.number} of {release.name}. Nothing was approved."
        return Said(text=text, release=release.id, on_card=True)


COMMAND: Command = ReportEvidence()
