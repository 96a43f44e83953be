"""A store that was restored to an earlier moment knows of messages that have been sent since: held, not sent again.

What waited or was in hand at that moment may have been sent after it, and nothing in the store can tell. So all of it
is held: it waits until its validity ends, and in the meantime a person who has seen the carriers' own records offers it
again or ends it (`gateway.services.rescue`). What had been put off to a time that is still to come was not sent: it is
left as it is, unless it is in doubt.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Protocol

from gateway.domain.message import Message, PartRow, Step, Wait, latest, move, settle
from gateway.domain.words import PartState, Status
from gateway.errors import Conflict
from gateway.ports import AnswerStore, Clock, DecideRecovery, Owner, ProcessStore, QueueStore

PAGE_ROWS = 500
LOOK_S = 0.2

Sleep = Callable[[float], Awaitable[None]]


class Sections(AnswerStore, ProcessStore, QueueStore, Protocol):
    """Of the store: processes whose leases are ended, what waits, and how it is held."""


class Restored:
    """Holds what may have been sent. No gateway serves the store meanwhile."""

    def __init__(
        self, store: Sections, decide: DecideRecovery, clock: Clock, sleep: Sleep, page_rows: int = PAGE_ROWS
    ) -> None:
        """`decide`: what becomes of a message that a process of that moment had in hand."""
        self._store = store
        self._decide = decide
        self._clock = clock
        self._sleep = sleep
        self._page_rows = page_rows

    async def hold(self, boot_id: str, lease_s: float) -> AsyncIterator[list[Message]]:
        """Hold it, page by page; what is held. A second call holds what the first has not come to.

        The processes of that moment are dead, however fresh their leases look: `lease_s` is waited for. Raises
        `Conflict` when one of them lives, `StoreInUse` for an embedded store that is served.
        """
        owner = await self._store.register(self._clock(), boot_id, ())
        try:
            await self._outlive(owner, lease_s)
            # No journal is asked: it tells of another future than the one that this store has now.
            await self._store.recover(owner, None, self._decide, self._clock())
            for operator, _ in await self._store.waiting_operators():
                async for held in self._of(operator):
                    yield held
        finally:
            await self._store.leave(owner)

    async def _outlive(self, owner: Owner, lease_s: float) -> None:
        until = self._clock() + timedelta(seconds=lease_s + 1)
        while peers := await self._store.peers(owner):
            if self._clock() > until:
                raise Conflict(
                    f"{len(peers)} process(es) serve this store: stop every gateway first, then say it again"
                )
            await self._store.renew(owner)
            await self._sleep(LOOK_S)

    async def _of(self, operator: str | None) -> AsyncIterator[list[Message]]:
        after = bytes(16)
        while page := await self._store.waiting(operator, after, self._page_rows):
            after = page[-1].id
            steps = await self._store.change([message.id for message in page], self._held)
            yield [step.message for step in steps if step is not None]

    def _held(self, message: Message, rows: list[PartRow]) -> Step | None:
        now = self._clock()
        waits = message.status in (Status.QUEUED, Status.SCHEDULED) and message.owner is None
        if not waits or message.next_at is None or message.next_at >= message.expires_at:
            return None
        current = latest(message, rows)
        doubtful = any(row.state is PartState.DOUBT for row in current.values())
        if message.next_at > now and not doubtful:
            return None
        step = Step(message)
        move(step, Status.QUEUED, now)
        settle(step, current, Wait(message.operator, message.expires_at), now)
        return step
