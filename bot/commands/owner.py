"""Hand a step over to someone else."""

from __future__ import annotations

from bot.commands import Ask, Command, Form, FormField, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.checklist import find_step, require_open
from bot.release.finding import find_user
from bot.release.people import MAY_HAND_OVER, Person, require, roles
from bot.release.records import Change, StepMove
from bot.release.states import STEP, Move, after


class Owner:
    """`owner @ana` in a thread: the step is hers now."""

    verb = "owner"
    usage = "owner [R-42] [step] @person"
    summary = "Hand a step over to a new owner."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Owners are named per release, so anyone may be one."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Ask for the person where none is named, else record the new owner."""
        story = tools.find_story(ask)
        app = tools.catalog.apps[story.release.app]
        require_open(story)
        step = find_step(story, ask.step)
        held = roles(ask.who, app, tools.catalog, owner=step.owner)
        require(ask.who, MAY_HAND_OVER, held, what=f"Hand over step {step.number}")
        moved_to = after(STEP, step.state, Move.HAND_OVER)
        named = ask.words[0] if ask.words else ask.fields.get("owner", "")
        if not named:
            return Form(
                verb="owner",
                title=f"Hand over step {step.number}",
                submit="Hand over",
                fields=(
                    FormField(name="owner", label="New owner", kind="person", value=step.owner),
                ),
                carry={"release": str(story.release.id), "step": str(step.number)},
            )
        owner = find_user(named)
        tools.keep(
            Change(
                act="hand over",
                by=ask.who.id,
                at=ask.at,
                release_id=story.release.id,
                body={"step": step.number, "owner": owner},
                steps=(
                    StepMove(
                        release_id=story.release.id,
                        number=step.number,
                        seen_version=step.version,
                        to=moved_to,
                        owner=owner,
                    ),
                ),
                cards=(
                    f"step:{story.release.id}:{step.number}",
                    f"root:{story.release.id}",
                ),
            ),
            otherwise="Not handed over",
        )
        return Said(text=f"Step {step.number} is <@{owner}>'s now.", on_card=True)


COMMAND: Command = Owner()
