"""What the shapes of requests, answers and events are made of, in every dialect."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic.json_schema import WithJsonSchema

# A NUL can't be stored as text by every engine, and no handset shows it.
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]

# The core decides (`routing.numbers.kind_of_sender`); this tells the readers of the OpenAPI document.
SENDER: Final = r"^(\+[1-9][0-9]{6,14}|[0-9]{3,8}|(?! )(?=.*[A-Za-z])[ -Z_a-z]{1,11}(?<! ))$"


class Outgoing(BaseModel):
    """What we write: an answer, or an event. Its names are in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)  # type: ignore[pydantic-alias]  # a function, known


def one_of(words: Iterable[str], description: str) -> WithJsonSchema:
    """A text that is one of these."""
    return WithJsonSchema({"type": "string", "enum": list(dict.fromkeys(words)), "description": description})


def moment(description: str) -> WithJsonSchema:
    """A time, as `times.write_time` writes it."""
    example = "2026-04-18T10:00:00.000Z"
    return WithJsonSchema(
        {"type": "string", "format": "date-time", "description": description, "examples": [example]}
    )
