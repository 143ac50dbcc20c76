"""The parts that Slack's payloads are made of, as far as the listeners read them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Short = Annotated[str, StringConstraints(max_length=500)]
Text = Annotated[str, StringConstraints(max_length=100_000)]


class Shape(BaseModel):
    """What all shapes are: frozen, never converted, with more in them than is read."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class Named(Shape):
    """A person, a channel or a team."""

    id: Id


class Message(Shape):
    """A message, as far as a press or a shortcut tells of it."""

    ts: Id | None = None
    thread_ts: Id | None = None
    user: Id | None = None
    text: Text | None = None


class Block(Shape):
    """One block of a dialog."""

    type: Short
    block_id: Short


class Option(Shape):
    """One choice."""

    value: Short


class Answer(Shape):
    """What was chosen or typed in one field of a dialog."""

    value: Text | None = None
    selected_user: Id | None = None
    selected_option: Option | None = None
    selected_options: list[Option] | None = None


class State(Shape):
    """What stands in a dialog's fields."""

    values: dict[Short, dict[Short, Answer]] = {}


class View(Shape):
    """A dialog or a home tab."""

    id: Id
    type: Short
    callback_id: Short = ""
    private_metadata: Text = ""
    hash: Short | None = None
    blocks: list[Block] = []
    state: State | None = None


class Dialog(View):
    """A dialog that was sent."""

    state: State
    blocks: list[Block] = Field(min_length=1)


class Action(Shape):
    """One thing that was pressed or chosen."""

    type: Short
    action_id: Short
    block_id: Short | None = None
    value: Text | None = None
    url: Text | None = None


class AnyEvent(Shape):
    """An event that nobody reads further."""

    type: Short
    user: Id | Named | None = None
    channel: Id | Named | None = None


class Mentioned(Shape):
    """A mention."""

    type: Short
    user: Id | None = None
    bot_id: Id | None = None
    channel: Id | None = None
    ts: Id | None = None
    thread_ts: Id | None = None
    text: Text | None = None
    tab: Short | None = None


class Opened(Mentioned):
    """A home tab that was opened."""

    user: Id


class Authorization(Shape):
    """For whom an event was sent."""

    enterprise_id: Id | None = None
    team_id: Id | None = None
    user_id: Id | None = None
