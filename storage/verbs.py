"""How a store hands a verb of its port on, and the verbs that both engines hand on alike.

Most verbs are one function of the engine's, run at a place that the store chooses: a reader, or a transaction of its
own. A section says which, in a line: `key = asked(accounts.key)` makes the method `key(digest)` of
`accounts.key(db, digest)`, with its arguments and its result. Those that many callers share, and that are called for
every message, are written out: a call less. An engine's section stands on the one here, where there is one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import Any

from gateway.domain.message import Answer, Step
from gateway.domain.receipt import Inbound, Receipt
from gateway.domain.send import Acceptance, AcceptResult
from gateway.ports import DecideAnswers, DecideInbound, DecideReceipt, InboundStep, ReceiptResult

RECOVER_ROWS = 500
"""Messages of one transaction of the recovery."""

Act = Callable[[Any], Any]
"""A verb with its arguments; it wants the place where it runs."""


def handed_on(verb: Callable[..., Any], run: Callable[[Any, Act], Awaitable[Any]]) -> Any:
    """The method of a store that runs `verb(place, *arguments)` where `run(store, act)` has it run. Its types are those
    that the engine's own words for this give it."""

    @wraps(verb)
    async def method(store: Any, *arguments: Any, **named: Any) -> Any:
        return await run(store, lambda place: verb(place, *arguments, **named))

    return method


class Sharing(ABC):
    """What an engine's `Session` brings to the verbs below: they meet people's numbers, for every message, and each has
    a list, which shares a transaction with the lists of other calls."""

    _knowing: Any  #: the engine's `Knowing`: what does them

    @abstractmethod
    def _write(self, verb: Callable[..., Any], items: Sequence[Any], *extra: Any) -> Awaitable[Any]:
        """Have `verb` run over the items of this call and of others, in a transaction; its results for these."""


class QueueVerbs(Sharing):
    """Of `QueueStore`."""

    async def accept(self, acceptances: Sequence[Acceptance]) -> list[AcceptResult]:
        """See `QueueStore.accept`."""
        results: list[AcceptResult] = await self._write(self._knowing.accept, acceptances)
        return results


class AnswerVerbs(Sharing):
    """Of `AnswerStore`."""

    async def record_answers(self, answers: Sequence[Answer], decide: DecideAnswers) -> list[Step]:
        """See `AnswerStore.record_answers`."""
        steps: list[Step] = await self._write(self._knowing.record, answers, decide)
        return steps

    async def apply_receipts(self, receipts: Sequence[Receipt], decide: DecideReceipt) -> list[ReceiptResult]:
        """See `AnswerStore.apply_receipts`."""
        results: list[ReceiptResult] = await self._write(self._knowing.apply, receipts, decide)
        return results


class InboundVerbs(Sharing):
    """Of `InboundStore`."""

    async def record_inbound(
        self, inbounds: Sequence[Inbound], decide: DecideInbound
    ) -> list[InboundStep | None]:
        """See `InboundStore.record_inbound`."""
        steps: list[InboundStep | None] = await self._write(self._knowing.record_inbound, inbounds, decide)
        return steps
