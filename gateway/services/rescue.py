"""What the NOC does with one message by hand: offer it again now, or end it.

Both are decisions inside the store, so a command beside a running gateway and the gateway itself never disagree: a
message in the gateway's hands is left alone.
"""

from __future__ import annotations

from typing import Protocol

from gateway.domain import ids
from gateway.domain.message import FINAL, End, Message, PartRow, Step, end
from gateway.domain.words import Reason, Status
from gateway.errors import Conflict, NotFound
from gateway.ports import AnswerStore, Clock, DecideMessage, MessageView, NocStore, QueryStore
from gateway.services.accounts import Accounts
from gateway.services.events import Announcer
from gateway.services.upkeep import requeued


class Sections(AnswerStore, NocStore, QueryStore, Protocol):
    """Of the store: where a message stands, how it is moved, and the word to who may have it in hand."""


class Rescue:
    """One message at a time."""

    def __init__(self, store: Sections, accounts: Accounts, clock: Clock) -> None:
        self._store = store
        self._accounts = accounts
        self._clock = clock
        # The events wait in the store for a serving process.
        self._announcer = Announcer(accounts.policy, lambda _url: None)

    async def message(self, message_id: bytes) -> MessageView:
        """A message, whosever it is, by its id or a segment's. Raises `NotFound`."""
        view = await self._store.message(ids.message_of(message_id))
        if view is None:
            raise NotFound("there is no such message: it may be past [limits] retention_days")
        return view

    async def requeue(self, message_id: bytes) -> Message:
        """Offer a waiting or in-doubt `queued` message now. Raises `NotFound`; `Conflict` when it is final, scheduled,
        sent, or in the gateway's hands."""
        view = await self.message(message_id)
        _refuse(view.message, frozenset({Status.QUEUED}))

        def decide(message: Message, rows: list[PartRow]) -> Step | None:
            return requeued(message, rows, self._clock()) if message.status is Status.QUEUED else None

        step = await self._change(view.message.id, decide)
        await self._store.post_command("requeue", ids.text(step.message.id), self._clock())
        return step.message

    async def fail(self, message_id: bytes, reason: Reason) -> Step:
        """End a message that is not final; its account hears of it, and is given back what was set aside. Raises as
        `requeue` does."""
        view = await self.message(message_id)
        await self._accounts.fresh()
        _refuse(view.message, frozenset(Status) - FINAL)
        if view.message.over:
            raise Conflict(
                f"message {ids.text(message_id)} was sent by a carrier that is asked for no receipts: it is over"
            )

        def decide(message: Message, _rows: list[PartRow]) -> Step | None:
            if message.over or message.owner is not None:
                return None
            now = self._clock()
            step = Step(message)
            end(step, End(reason, "ended by hand"), now)
            self._announcer.announce(step, now)
            return step

        return await self._change(view.message.id, decide)

    async def _change(self, message_id: bytes, decide: DecideMessage) -> Step:
        (step,) = await self._store.change((message_id,), decide)
        if step is None:  # it moved since it was looked at, or is in a process's hands
            view = await self.message(message_id)
            raise Conflict(
                f"message {ids.text(message_id)} is {view.message.status.value} and in the gateway's hands now: "
                "try again in a moment"
            )
        return step


def _refuse(message: Message, allowed: frozenset[Status]) -> None:
    if message.status not in allowed:
        raise Conflict(
            f"message {ids.text(message.id)} is {message.status.value}: "
            f"only one that is {' or '.join(sorted(status.value for status in allowed))} can be changed so"
        )
