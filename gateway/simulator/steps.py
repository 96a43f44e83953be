"""The steps of a script: what a simulated carrier does at a moment, as `[[script]]` tables of its profile.

A step has one moment, `at_s` or `after_submits`, and a verb, `do`, which says what else it may have. Troubles last
for `for_s`, without it until `recover` or the end of the run; a later one of the same verb takes the place of the
one before.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from gateway.simulator.values import Frozen, StatusNumber, Text
from smpp.constants import Status


class _Moment(Frozen):
    at_s: float | None = Field(None, ge=0, description="seconds after the start")
    after_submits: int | None = Field(
        None, ge=1, description="right after the N-th submit, over all connections, was decided on"
    )

    @model_validator(mode="after")
    def _once(self) -> Self:
        if (self.at_s is None) == (self.after_submits is None):
            raise ValueError("a step has one moment: write at_s = SECONDS or after_submits = N")
        return self


class _Trouble(_Moment):
    for_s: float = Field(0.0, ge=0, description="seconds; 0: until `recover` or the end of the run")


class DropLinks(_Moment):
    """Every connection is cut without an unbind."""

    do: Literal["drop_links"]


class Unbind(_Moment):
    """Every session is unbound."""

    do: Literal["unbind"]


class Garbage(_Moment):
    """Octets that are no PDU go to every connection."""

    do: Literal["garbage"]


class Inject(_Moment):
    """Messages of a person arrive."""

    do: Literal["inject"]
    sender: str = Field(description="who writes")
    recipient: str = Field(description="the number that is written to")
    text: Text = Field(description="any length; long ones come as several parts")
    times: int = Field(1, ge=1, le=100_000, description="how many, all at once")


class Outbind(_Moment):
    """An ESME that listens is called and told to bind."""

    do: Literal["outbind"]
    host: str = Field("127.0.0.1", description="where it listens")
    port: int = Field(ge=1, le=65535, description="and at which port")


class RefuseBinds(_Trouble):
    """Binds are refused; those that are bound stay."""

    do: Literal["refuse_binds"]
    status: StatusNumber = Field(Status.ESME_RBINDFAIL, ge=1, description="command_status of the refusals")


class Throttle(_Trouble):
    """Submits are refused."""

    do: Literal["throttle"]
    status: StatusNumber = Field(Status.ESME_RTHROTTLED, ge=1, description="command_status of the refusals")


class Slow(_Trouble):
    """Answers take their time."""

    do: Literal["slow"]
    answer_delay_s: float = Field(gt=0, description="seconds between a submit and its answer")


class Deaf(_Trouble):
    """Nothing is read, from old connections and new ones; what was sent meanwhile is read afterwards."""

    do: Literal["deaf"]


class StopReceipts(_Trouble):
    """Receipts, and what persons say to messages, are kept back; afterwards all come at once."""

    do: Literal["stop_receipts"]


class StartReceipts(_Moment):
    """The end of `stop_receipts`."""

    do: Literal["start_receipts"]


class Recover(_Moment):
    """The end of every trouble."""

    do: Literal["recover"]


Trouble = RefuseBinds | Throttle | Slow | Deaf | StopReceipts

Step = Annotated[
    DropLinks | Unbind | Garbage | Inject | Outbind | Trouble | StartReceipts | Recover,
    Field(discriminator="do"),
]
"""One table of `[[script]]`."""

STEPS: Mapping[str, type[_Moment]] = MappingProxyType(
    {get_args(kind.model_fields["do"].annotation)[0]: kind for kind in get_args(get_args(Step)[0])}
)
"""Every kind of step by its verb, for the documents."""
