"""The simulated operator: answers test messages inside the gateway, with magic numbers; no byte leaves the process.

A test key meets this operator alone (promise 6). The last four digits of the recipient choose what happens:

| ends with | what happens |
|---|---|
| 0001 | refused for good: invalid number |
| 0002 | receipt: undeliverable, blocked |
| 0003 | receipt: expired |
| 0004 | receipt: failed, absent |
| 0005 | throttled twice, then delivered |
| 0006 | delivered, then the recipient answers STOP |
| 0007 | accepted, and no receipt ever comes |
| any other | delivered |
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from functools import partial
from typing import Literal

from pydantic import Field

from gateway.domain import ids
from gateway.domain.message import Message
from gateway.domain.outcome import Accepted, Outcome, Part, Refused, Throttled
from gateway.domain.receipt import Inbound, Receipt
from gateway.domain.words import PartState, Reason
from gateway.operators.settings import OperatorSettings
from gateway.operators.wiring import Wiring
from gateway.ports import Acknowledge, Clock, OnOutcome, Reports

kind = "simulated"

CAPABILITIES: dict[str, str | bool] = {
    "text": True,
    "receipts": True,
    "inbound": True,
    "whole_message": True,
    "media": "no: nothing is sent",
    "cancel": "no: it answers at once",
}

_RECEIPTS: dict[str, tuple[PartState, Reason | None, str]] = {
    "0002": (PartState.UNDELIVERABLE, Reason.BLOCKED, "REJECTD err:013"),
    "0003": (PartState.UNDELIVERABLE, Reason.EXPIRED, "EXPIRED err:000"),
    "0004": (PartState.FAILED, Reason.ABSENT, "UNDELIV err:027"),
}
_DELIVERED = (PartState.DELIVERED, None, "DELIVRD err:000")
_THROTTLED_TIMES = 2
_MAGIC_DIGITS = 4
_REMEMBERED = 10_000
_REPEAT_S = 1.0  #: until what the gateway could not keep comes again


class Config(OperatorSettings):
    """The operator of the test environment; there is one, with the id `simulated`, without being configured."""

    kind: Literal["simulated"] = Field("simulated", description="answers inside the gateway")
    receipt_after_s: float = Field(0.5, ge=0, le=3600, description="seconds until the receipt")


class SimulatedOperator:
    """Answers at once, reports receipts a little later."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self.config = config
        self._clock = clock
        self._reports: Reports | None = None
        self._throttled: OrderedDict[bytes, int] = OrderedDict()
        self._timers: set[asyncio.TimerHandle] = set()

    @property
    def id(self) -> str:
        """Its name in routes and commands."""
        return self.config.id

    @property
    def binds(self) -> int:
        """None: each process has its own."""
        return 0

    @property
    def up(self) -> bool:
        """While it runs."""
        return self._reports is not None

    @property
    def window(self) -> int:
        """Nothing is ever unanswered; this bounds what is claimed ahead."""
        return self.config.window

    async def run(self, reports: Reports) -> None:
        """Be there until cancelled."""
        self._reports = reports
        reports.changed(self.id)
        try:
            await asyncio.Event().wait()
        finally:
            self._reports = None
            for timer in self._timers:
                timer.cancel()
            self._timers.clear()

    async def drain(self, timeout_s: float) -> None:
        """Nothing is in flight here."""

    def hold(self, indices: Collection[int]) -> None:
        """There is no bind."""

    def holding(self) -> frozenset[int]:
        """There is no bind."""
        return frozenset()

    def abort(self, reason: str) -> None:
        """There is no connection."""

    def room(self) -> int:
        """Always, while it runs."""
        return self.config.window if self.up else 0

    def admit(self, message: Message, parts: list[Part]) -> None:
        """At any rate."""

    def rebind(self) -> None:
        """There is no bind."""

    def kick(self) -> None:
        """It never waits to write."""

    def states(self) -> list[dict[str, object]]:
        """No binds, for people."""
        return []

    def parts(self, message: Message) -> list[Part]:
        """The message as it is."""
        return [Part(message.id, message.attempts, 1, 1, message)]

    def submit(self, parts: Sequence[Part], on_outcome: OnOutcome) -> None:
        """Answer in the next turn of the loop, as a carrier would."""
        asyncio.get_running_loop().call_soon(self._answer, list(parts), on_outcome)

    def _answer(self, parts: list[Part], on_outcome: OnOutcome) -> None:
        for part in parts:
            message = part.payload
            assert isinstance(message, Message)
            outcome = self._outcome(message)
            on_outcome(part, outcome)
            if isinstance(outcome, Accepted):
                self._later(self.config.receipt_after_s, partial(self._report, message, outcome.ref))
        if self._reports is not None:
            self._reports.room(self.id)

    def _outcome(self, message: Message) -> Outcome:
        magic = message.recipient[-_MAGIC_DIGITS:]
        if magic == "0001":
            return Refused(Reason.INVALID_NUMBER, "ESME_RINVDSTADR")
        if magic == "0005":
            times = self._throttled.get(message.id, 0)
            if times < _THROTTLED_TIMES:
                self._throttled[message.id] = times + 1
                if len(self._throttled) > _REMEMBERED:  # some were stopped before they came again
                    self._throttled.popitem(last=False)
                return Throttled(0.0, "ESME_RTHROTTLED")
            del self._throttled[message.id]
        return Accepted(f"sim-{ids.text(ids.new_id(self._clock()))}")

    def _later(self, after_s: float, act: Callable[[], None]) -> None:
        def fire() -> None:
            self._timers.discard(timer)
            act()

        timer = asyncio.get_running_loop().call_later(after_s, fire)
        self._timers.add(timer)

    def _report(self, message: Message, ref: str) -> None:
        magic = message.recipient[-_MAGIC_DIGITS:]
        if magic == "0007":
            return
        state, reason, error = _RECEIPTS.get(magic, _DELIVERED)
        now = self._clock()
        self._tell_receipt(
            Receipt(self.id, ref, message.sender, message.recipient, state, reason, error, now)
        )
        if magic == "0006" and not message.bypass:  # or the reply to its STOP would be answered with STOP
            self._tell_inbound(
                Inbound(
                    self.id,
                    message.recipient,
                    message.sender,
                    "STOP",
                    now + timedelta(milliseconds=1),
                    fingerprint=message.id,
                )
            )

    def _tell_receipt(self, receipt: Receipt) -> None:
        if self._reports is not None:
            self._reports.receipt(receipt, self._acknowledger(partial(self._tell_receipt, receipt)))

    def _tell_inbound(self, inbound: Inbound) -> None:
        if self._reports is not None:
            self._reports.inbound(inbound, self._acknowledger(partial(self._tell_inbound, inbound)))

    def _acknowledger(self, again: Callable[[], None]) -> Acknowledge:
        """What could not be kept, for the store was down, comes again as it would from a carrier."""

        def acknowledge(durable: bool) -> bool:
            if not durable:
                self._later(_REPEAT_S, again)
            return durable

        return acknowledge


def make(config: Config, wiring: Wiring) -> SimulatedOperator:
    """The operator of a configuration."""
    return SimulatedOperator(config, wiring.clock)
