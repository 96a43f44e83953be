"""What a transport to a carrier does, and what it tells."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from gateway.domain.message import Message
from gateway.domain.outcome import Outcome, Part
from gateway.domain.pacing import Hold
from gateway.domain.receipt import Inbound, Receipt

Acknowledge = Callable[[bool], bool]
"""Answers the carrier: True, it is durable; False, it is not, send it again. Tells whether the answer was written (the
connection may be gone)."""


class Reports(Protocol):
    """What an operator tells the gateway, from the event loop's thread, without waiting."""

    def room(self, operator: str) -> None:
        """There may be room for parts again."""
        ...

    def receipt(self, receipt: Receipt, acknowledge: Acknowledge) -> None:
        """A receipt. `acknowledge(True)` is called once it is durable, `acknowledge(False)` when it could not be."""
        ...

    def inbound(self, inbound: Inbound, acknowledge: Acknowledge) -> None: ...
    def changed(self, operator: str) -> None:
        """Its health has changed: look at `Operator.up`."""
        ...


OnOutcome = Callable[[Part, Outcome], None]


class Operator(Protocol):
    """A transport to one carrier: one module under `gateway/operators/`, found by its `kind`.

    `submit` only writes. Every part given to it ends in exactly one outcome, but for `Doubt` and `SessionFault`: a
    part in doubt may have its real outcome later, when a late answer comes.
    """

    @property
    def id(self) -> str: ...
    @property
    def up(self) -> bool:
        """Whether it can take parts now or soon: at least one bind."""
        ...

    @property
    def window(self) -> int:
        """Parts that may be unanswered over the binds that it holds."""
        ...

    @property
    def binds(self) -> int:
        """Connections of which each is one process's at a time; 0: any number of processes may use it at once."""
        ...

    def hold(self, indices: Collection[int]) -> None:
        """Keep these binds (0 to `binds` - 1) and no others; at first all. Those that go are closed politely, and
        `holding` names them until they are."""
        ...

    def holding(self) -> frozenset[int]:
        """The binds that are open, or are being opened or closed."""
        ...

    def abort(self, reason: str) -> None:
        """Drop every bind at once: they may be another process's by now. What was written is in doubt."""
        ...

    async def run(self, reports: Reports) -> None:
        """Hold its connections until cancelled."""
        ...

    async def drain(self, timeout_s: float) -> None:
        """Let what is in flight settle, then leave the carrier politely."""
        ...

    def parts(self, message: Message) -> list[Part]:
        """How this carrier writes the message; pure. All parts, numbered from 1."""
        ...

    def room(self) -> int:
        """Parts that may be written at this moment, as far as they do not differ."""
        ...

    def admit(self, message: Message, parts: list[Part]) -> Hold | None:
        """Whether these parts may be given to it now; then `submit` follows at once. Otherwise what they wait for: a
        rate of the message's sender or destination, which lets other messages pass."""
        ...

    def submit(self, parts: Sequence[Part], on_outcome: OnOutcome) -> None: ...
    def states(self) -> list[dict[str, object]]:
        """Its binds, for people."""
        ...

    def rebind(self) -> None: ...
    def kick(self) -> None:
        """`may_write` may say yes again."""
        ...
