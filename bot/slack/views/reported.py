"""What others reported of a step, on its card."""

from __future__ import annotations

from bot.release.notices import can_be_told
from bot.release.records import StepLine, Story
from bot.slack.views.blocks import Part, labelled
from bot.slack.views.wording import Names, clamp, spelled

MOST_REPORTS = 5


def reported(story: Story, step: StepLine, names: Names) -> list[Part]:
    """Return what others reported of the step, the newest last; nothing in it is parsed."""
    found = [row for row in story.evidence if row.step == step.number][-MOST_REPORTS:]
    lines = [
        f"{row.outcome.upper()} {clamp(row.text, 300)}{f' {row.link}' if row.link else ''}"
        f" ({_reporter(row.by, names)}, {row.at:%H:%M} UTC)"
        for row in found
    ]
    return [labelled("Reported from outside", "\n".join(lines))] if lines else []


def _reporter(who: str, names: Names) -> str:
    return spelled(f"<@{who}>", names) if can_be_told(who) else who
