"""The kinds of values in a profile: a command_status as people write it, a text of a person, an unchangeable table."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from smpp.constants import status_number


class Frozen(BaseModel):
    """A table of a profile: checked when it is made, no key unknown, not to be changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


StatusNumber = Annotated[int, BeforeValidator(status_number), Field(ge=0, le=0xFFFFFFFF)]

# A message has at most 255 parts of 67 code units, of which a character may take two.
Text = Annotated[str, Field(max_length=8000)]
