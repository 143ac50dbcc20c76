"""Run a step: ask for its look; the verdict appears on the card."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.checklist import find_step, require_open, require_seen
from bot.release.people import MAY_ROLL_BACK, Person, require, roles
from bot.release.records import Action, ActionKind, Change, StepMove
from bot.release.rehearsing import require_rehearsed
from bot.release.states import STEP, Move, after


class Run:
    """`run` in a thread or `run R-42 3`: look at what the step wants to see."""

    verb = "run"
    usage = "run [R-42] [step]"
    summary = "Run a step of a release, or run it again."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may hold a release, so anyone may have a step to run."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Record the wish to look, then hand it to the workers."""
        story = tools.find_story(ask)
        app = tools.catalog.apps[story.release.app]
        require_open(story)
        step = find_step(story, ask.step)
        require_seen(story, step, ask.seen_version)
        if ask.who.id != story.release.starter:
            held = roles(ask.who, app, tools.catalog, owner=step.owner)
            require(ask.who, MAY_ROLL_BACK, held, what=f"Run step {step.number}")
        require_rehearsed(story, tools.catalog, ask.at, tools.rehearsal_h)
        request = Action(
            key=f"run:{story.release.id}:{step.number}:v{step.version}",
            kind=ActionKind.RUN_STEP,
            partition=f"look:{story.release.id}",
            release_id=story.release.id,
            step=step.number,
            args={},
            channel=story.release.channel,
            asked_by=ask.who.id,
            asked_at=ask.at,
        )
        tools.keep(
            Change(
                act="run",
                by=ask.who.id,
                at=ask.at,
                release_id=story.release.id,
                body={"step": step.number},
                steps=(
                    StepMove(
                        release_id=story.release.id,
                        number=step.number,
                        seen_version=step.version,
                        to=after(STEP, step.state, Move.RUN),
                    ),
                ),
                requests=(request,),
                cards=(
                    f"step:{story.release.id}:{step.number}",
                    f"root:{story.release.id}",
                ),
            ),
            otherwise="Not run",
        )
        return Said(
            text=f"Running step {step.number}: {step.title}.", action=request.key, on_card=True
        )


COMMAND: Command = Run()
