"""Receipts: gathered, applied in batches, acknowledged after the commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from gateway.domain.message import Message, PartRow, Step, apply_receipt, latest
from gateway.domain.receipt import Receipt
from gateway.domain.words import PartState, ReceiptEffect
from gateway.errors import StoreUnavailable
from gateway.metrics import Metrics
from gateway.ports import Acknowledge, AnswerStore, Clock, ReceiptResult
from gateway.services.ends import after_commit
from gateway.services.events import Announcer
from gateway.services.tally import Tally
from gateway.services.webhooks import Webhooks

log = structlog.get_logger("gateway.receipts")

_WORDS: dict[PartState | None, str] = {
    None: "intermediate",
    **{state: state.name.lower() for state in PartState},
}
"""What a receipt says, as a label of the metrics."""

_NEW = frozenset({ReceiptEffect.APPLIED, ReceiptEffect.MATCHED, ReceiptEffect.PARKED})


class Receipts:
    """The way of receipts into the store. One batch is under way at a time; what comes meanwhile is the next
    one.
    """

    def __init__(
        self,
        store: AnswerStore,
        announcer: Announcer,
        webhooks: Webhooks,
        metrics: Metrics,
        clock: Clock,
        another: Callable[[Message], str | None],
        on_waiting: Callable[[Message], None],
        on_applied: Callable[[Receipt], None] = lambda _receipt: None,
    ) -> None:
        """`on_applied` is told of each receipt that was new."""
        self._store = store
        self._announcer = announcer
        self._webhooks = webhooks
        self._metrics = metrics
        self._clock = clock
        self._another = another
        self._on_waiting = on_waiting
        self._on_applied = on_applied
        self._come: list[tuple[Receipt, Acknowledge]] = []
        self._refused = Tally(clock)
        self._work = asyncio.Event()

    def take(self, receipt: Receipt, acknowledge: Acknowledge) -> None:
        """A receipt from an operator; `acknowledge(True)` once it is durable, `acknowledge(False)` if it
        can't be.
        """
        if not self._come:
            self._work.set()
        self._come.append((receipt, acknowledge))

    async def run(self) -> None:
        """Apply what comes, until cancelled."""
        while True:
            await self._work.wait()
            self._work.clear()
            come, self._come = self._come, []
            if come:
                await self.apply(come)

    async def apply(self, come: list[tuple[Receipt, Acknowledge]]) -> None:
        """One batch: the commit, then the acknowledgements, then what follows from it."""
        try:
            results = await self._store.apply_receipts([receipt for receipt, _ in come], self.decide)
        except StoreUnavailable as error:
            self._refuse(come, str(error))
            return
        for _, acknowledge in come:
            acknowledge(True)
        for (receipt, _), result in zip(come, results, strict=True):
            self._metrics.receipt(receipt.operator, result.effect, _WORDS[receipt.state])
            if result.effect in _NEW:
                self._on_applied(receipt)
        self._follow(results)

    def refuse_waiting(self, why: str) -> None:
        """The store hangs with the batch under way: what waits behind it is not kept."""
        come, self._come = self._come, []
        if come:
            self._refuse(come, why)

    def _refuse(self, come: list[tuple[Receipt, Acknowledge]], why: str) -> None:
        """The carrier keeps them and sends them again: never silence, never a false acknowledgement (promise 3)."""
        if (refused := self._refused.add(len(come))) is not None:
            log.error("receipts refused: the store is down", receipts=refused, error=why)
        for _, acknowledge in come:
            acknowledge(False)

    async def match_doubt(self) -> None:
        """Look again at parts in doubt and the receipts parked for their address pairs."""
        self._follow(await self._store.match_doubt(self.decide, self._clock()))

    def decide(
        self, message: Message, rows: list[PartRow], row: PartRow, receipt: Receipt
    ) -> tuple[Step, ReceiptEffect]:
        """What a receipt makes of its message (pure)."""
        step = Step(message)
        effect = apply_receipt(step, latest(message, rows), row, receipt, self._another)
        self._announcer.announce(step, receipt.at)
        return step, effect

    def _follow(self, results: Sequence[ReceiptResult]) -> None:
        """After the commit: deliver the events; a message with another operator left waits for it."""
        steps = [result.step for result in results if result.step is not None]
        after_commit(steps, self._webhooks, self._metrics)
        for step in steps:
            if step.waits and step.parts:
                self._on_waiting(step.message)
