"""Parts that a carrier has taken and says nothing more of: it is asked for them by query_sm (SMPP 3.4, 4.8).

Where `query_after_s` is set, a part that was accepted and has no final receipt after that time is asked for, then after
twice that time, and so on, `TRIES` times; a final state in the answer is a receipt like any other. A late answer to a
part in doubt brings its id, and so brings it here too.

What waits here is in the memory of the process that has sent it, up to `REMEMBERED` parts, and nowhere else: a receipt
that another process took is not known here (the answer is then a repetition, which changes nothing), and after a
restart nobody asks for what was sent before.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import structlog

from gateway.domain.outcome import Part
from gateway.metrics import Metrics
from gateway.operators.smpp_config import Config
from smpp.codec import decode_body
from smpp.constants import CommandId, Status
from smpp.errors import EncodeError
from smpp.pdu import Pdu, QuerySm, QuerySmResp, SubmitSm
from smpp.receipt import Habits, queried
from smpp.receipt import Receipt as CarrierReceipt

log = structlog.get_logger("gateway.smpp")

TRIES = 8  #: with `query_after_s = 600` over some 42 hours
REMEMBERED = 50_000
A_TURN = 20  #: questions at most, each turn
TURN_S = 1.0


@dataclass(slots=True, eq=False)
class Silent:
    """A part whose receipt has not come."""

    ref: str
    source_ton: int
    source_npi: int
    source: str  #: as it was written: the carrier compares
    destination: str
    due_at: float
    tries: int = 0


class Unreceipted:
    """The parts without a receipt, and when each is to be asked for. Pure: `now` in seconds of any clock."""

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        # By the number of times that they were asked for: all of a line wait equally long, so it is in order.
        self._lines: list[OrderedDict[str, Silent]] = [OrderedDict() for _ in range(TRIES)]
        self.forgotten = 0
        """Parts dropped because there were too many."""

    def __len__(self) -> int:
        return sum(map(len, self._lines))

    def accepted(self, ref: str, submit: SubmitSm, now: float) -> None:
        """The carrier has taken this part under this id."""
        self.receipted(ref)
        self._wait(
            Silent(
                ref,
                submit.source_addr_ton,
                submit.source_addr_npi,
                submit.source_addr,
                submit.destination_addr,
                now,
            ),
            now,
        )
        if len(self) > REMEMBERED:
            most_asked = next(line for line in reversed(self._lines) if line)
            most_asked.popitem(last=False)
            self.forgotten += 1

    def receipted(self, ref: str) -> None:
        """Nothing more is to be asked of this one."""
        for line in self._lines:
            line.pop(ref, None)

    def due(self, now: float) -> Iterator[Silent]:
        """Those to ask for now; each stays until it `is_asked`."""
        for line in self._lines:
            yield from [part for part in _first(line) if part.due_at <= now]

    def is_asked(self, part: Silent) -> None:
        """It is under way, and not due again before `again`."""
        self._lines[part.tries].pop(part.ref, None)

    def again(self, part: Silent, now: float) -> bool:
        """The answer was none, or not the last: ask once more, later. False: that was often enough."""
        part.tries += 1
        if part.tries >= TRIES:
            return False
        self._wait(part, now)
        return True

    def clear(self) -> None:
        """Ask for nothing more."""
        for line in self._lines:
            line.clear()

    def _wait(self, part: Silent, now: float) -> None:
        part.due_at = now + self._after_s * 2.0**part.tries
        self._lines[part.tries][part.ref] = part


def _first(line: OrderedDict[str, Silent]) -> Iterator[Silent]:
    for _, part in zip(range(A_TURN), line.values(), strict=False):
        yield part


class Asks(Protocol):
    """What asks the carrier: the pool."""

    def ask(self, pdu: Pdu, on_reply: Callable[[Pdu | None], None]) -> bool: ...


class Inquiry:
    """The questions to one carrier. `tell` takes a final state; it says later, by the function that it was given,
    whether that is durable."""

    def __init__(
        self,
        config: Config,
        habits: Habits,
        metrics: Metrics,
        tell: Callable[[CarrierReceipt, Callable[[bool], bool]], None],
    ) -> None:
        self._config = config
        self._habits = habits
        self._metrics = metrics
        self._tell = tell
        self.unreceipted = Unreceipted(config.query_after_s)
        self.known = True
        """Whether the carrier knows query_sm, as far as it has said."""

    def accepted(self, part: Part, ref: str, now: float) -> None:
        """The carrier has taken a part that it is to send a receipt for."""
        if ref and self.known and isinstance(part.payload, bytes):
            submit = decode_body(CommandId.SUBMIT_SM, 0, 0, part.payload)
            assert isinstance(submit, SubmitSm)
            self.unreceipted.accepted(ref, submit, now)

    def receipted(self, ref: str) -> None:
        """A final receipt has come with this id."""
        for form in self._config.refs_like(ref):
            self.unreceipted.receipted(form)

    def turn(self, pool: Asks, now: float) -> None:
        """Ask for what is due, as far as slots and rate allow; the rest is due at the next turn."""
        left = A_TURN
        for part in self.unreceipted.due(now):
            question = QuerySm(
                message_id=part.ref,
                source_addr_ton=part.source_ton,
                source_addr_npi=part.source_npi,
                source_addr=part.source,
            )
            try:
                asked = pool.ask(question, lambda reply, part=part: self._replied(part, reply, now))  # type: ignore[misc]
            except EncodeError:  # an id that the carrier itself could not have sent
                self.unreceipted.is_asked(part)
                continue
            left -= 1
            if not asked:
                return
            self.unreceipted.is_asked(part)
            if not left:
                return

    def _replied(self, part: Silent, reply: Pdu | None, now: float) -> None:
        if reply is not None and reply.status == Status.ESME_RINVCMDID:
            self._stop()
            return
        if isinstance(reply, QuerySmResp) and reply.status == Status.ESME_ROK and reply.message_id:
            receipt = queried(reply, part.ref, part.source, part.destination, self._habits)
            if receipt.final:
                self._count("final")

                def settled(durable: bool) -> bool:
                    if not durable:
                        self.unreceipted.again(part, now)
                    return True

                self._tell(receipt, settled)
                return
            self._count("not_yet")
        else:
            self._count("unanswered" if reply is None else "refused")
        if self.known and not self.unreceipted.again(part, now):
            self._count("given_up")

    def _stop(self) -> None:
        """The carrier does not know the question: asking on would only cost it and us."""
        self._count("unknown")
        if self.known:
            self.known = False
            self.unreceipted.clear()
            log.warning(
                "the carrier does not know query_sm, so it is not asked any more",
                operator=self._config.id,
                hint="set query_after_s = 0 for it",
            )

    def _count(self, result: str) -> None:
        self._metrics.queries.add(self._config.id, result)
