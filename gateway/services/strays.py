"""Claims that nobody has: the store says that this process holds something, and this process does not know of it.

It comes about when the answer to a commit is lost and the server does not come back in time to be asked: the claim
holds, and whoever made it was told that it failed. Nothing of it was written to a carrier or sent to a receiver, so it
goes back to the queue as if it had not been claimed. What is seen so in two looks, with all that this process had in
hand before and after each of them left out, is nobody's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Protocol

import structlog

from gateway.domain.event import Settled
from gateway.domain.message import Message, PartRow, Step
from gateway.errors import StoreUnavailable
from gateway.ports import AnswerStore, Clock, Held, Owner, ProcessStore, Recovery, WebhookStore
from gateway.services.dispatch import Dispatch
from gateway.services.neighbours import Heir
from gateway.services.webhooks import Webhooks

log = structlog.get_logger("gateway.strays")

LOOK_S = 10.0


class Sections(AnswerStore, ProcessStore, WebhookStore, Protocol):
    """Of the store: what this process holds, and how messages and events of it are given back."""


class Strays:
    """A look at what this process holds, again and again. To be made before anything is in hand."""

    def __init__(
        self, store: Sections, owner: Owner, dispatch: Dispatch, webhooks: Webhooks, heir: Heir, clock: Clock
    ) -> None:
        self._store = store
        self._owner = owner
        self._dispatch = dispatch
        self._webhooks = webhooks
        self._heir = heir
        self._clock = clock
        self._seen = Held(set(), {})
        dispatch.keep_account()
        webhooks.keep_account()

    async def run(self) -> None:
        """Look until cancelled. Raises `Fenced`."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self.turn()
            except StoreUnavailable as error:
                log.error("what nobody has can't be looked for", error=str(error))

    async def turn(self) -> None:
        """One look; what was nobody's in the one before, too, is given back."""
        messages, events = self._dispatch.in_hand(), self._webhooks.in_hand()
        held = await self._store.held(self._owner)
        messages |= self._dispatch.in_hand()
        events |= self._webhooks.in_hand()
        before = self._seen
        self._seen = Held(
            held.messages - messages, {key: tries for key, tries in held.events.items() if key not in events}
        )
        await self._give_back(before.messages & self._seen.messages)
        again = before.events.keys() & self._seen.events.keys()
        await self._give_events_back({key: self._seen.events[key] for key in again})

    async def _give_back(self, messages: Collection[bytes]) -> None:
        if not messages:
            return
        self._heir.get_ready()
        steps = await self._store.change(sorted(messages), self._decide)
        given = [step.message for step in steps if step is not None]
        log.warning(
            "messages were claimed and in nobody's hands: they are back in the queue", messages=len(given)
        )
        for message in given:
            self._dispatch.left(message)

    def _decide(self, message: Message, rows: list[PartRow]) -> Step | None:
        """As if a dead process had claimed it and written nothing."""
        if message.owner != self._owner.number:
            return None
        return self._heir.decide(Recovery(message, rows, []))

    async def _give_events_back(self, events: dict[bytes, int]) -> None:
        if not events:
            return
        now = self._clock()
        await self._store.settle_webhooks(
            [Settled(key, False, False, now, now, tries, None, None) for key, tries in sorted(events.items())]
        )
        log.warning(
            "webhooks were claimed and in nobody's hands: they are back in the queue", events=len(events)
        )
        self._webhooks.wake()
