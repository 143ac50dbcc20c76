"""What a build system may say, as strict shapes: everything else is refused with the place of the mistake."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.release.refusal import Code, Refusal

Routes = Annotated[list[Annotated[str, Field(min_length=1, max_length=31)]], Field(min_length=1)]


class _Call(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{7,127}$")


class StartCall(_Call):
    """Open a release; the environment is the app's usual one where none is named."""

    call: Literal["start"]
    routes: Annotated[Routes, Field(max_length=50)]
    title: str = Field(min_length=1, max_length=150)
    environment: str | None = Field(default=None, max_length=31)
    previous: str | None = Field(default=None, max_length=64)
    owner: str | None = Field(default=None, max_length=21)


class EvidenceCall(_Call):
    """Report what was seen of a step, by its number; it approves nothing."""

    call: Literal["evidence"]
    release: str = Field(pattern=r"^R-[1-9][0-9]{0,8}$")
    step: int = Field(ge=1, le=99)
    outcome: Literal["pass", "fail", "unsure"]
    text: str = Field(min_length=1, max_length=500)
    link: str | None = Field(default=None, max_length=500)


Call = StartCall | EvidenceCall
_CALL: TypeAdapter[Call] = TypeAdapter(Annotated[Call, Field(discriminator="call")])


def read_call(body: bytes) -> Call:
    """Return what the body says; refuse what is no such call, without repeating what it holds."""
    try:
        return _CALL.validate_json(body)
    except ValidationError as wrong:
        found = wrong.errors(include_url=False, include_input=False, include_context=False)
    first = found[0]
    place = ".".join(str(part) for part in first["loc"] if part not in {"start", "evidence"})
    raise Refusal(
        code=Code.BAD_REQUEST,
        failed=f"The call cannot be read{f': {place}' if place else ''}: {first['msg']}.",
        expected="a JSON object with `call` start or evidence, as docs/reference/webhooks.md shows.",
        retry_is_safe=True,
    )
