"""When operators come and go: messages that wait in the store for one that is down, paused or gone go to the next one
that may have them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Protocol

import structlog

from gateway.errors import StoreUnavailable
from gateway.ports import QueueStore
from gateway.services.lanes import Lane
from gateway.services.routes import Routes

log = structlog.get_logger("gateway.dispatch")

MOVE_AT_MOST = 500  #: messages of one page
STORE_PAUSE_S = 0.5  #: between tries while the store is down


class Lanes(Protocol):
    """What is asked of `gateway.services.dispatch.Dispatch`."""

    @property
    def lanes(self) -> Mapping[str, Lane]: ...

    @property
    def routes(self) -> Routes: ...

    def usable(self, operator: str) -> bool: ...

    def give_back(self, lane: Lane) -> None: ...

    def look_for(self, operators: Iterable[str | None], messages: int) -> None: ...


class Moves:
    """Looks at all that waits whenever it is `wanted`."""

    def __init__(self, store: QueueStore, dispatch: Lanes) -> None:
        self._store = store
        self._dispatch = dispatch
        self._wanted = asyncio.Event()

    def wanted(self) -> None:
        """Something has changed: an operator, or a message that came back too late to be moved with the others."""
        self._wanted.set()

    @property
    def due(self) -> bool:
        """Whether a turn is wanted that has not begun."""
        return self._wanted.is_set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self.turn()
            except StoreUnavailable as error:
                log.error("moving messages waits for the store", error=str(error))
                await asyncio.sleep(STORE_PAUSE_S)
                self._wanted.set()

    async def turn(self) -> None:
        """One turn of `run`. Raises `StoreUnavailable`."""
        dispatch = self._dispatch
        for lane in dispatch.lanes.values():
            if not lane.usable:
                dispatch.give_back(lane)
        dispatch.look_for((), 0)
        for operator, waiting in await self._store.waiting_operators():
            if operator is None:
                dispatch.look_for((None,), waiting)
            elif not dispatch.usable(operator):
                await self._from(operator)

    async def _from(self, operator: str) -> None:
        after = b""
        known = operator in self._dispatch.lanes
        while page := await self._store.waiting(operator, after, MOVE_AT_MOST):
            after = page[-1].id
            moves: list[tuple[bytes, str | None, str | None, str | None]] = []
            for message in page:
                choice = self._dispatch.routes.first(message)
                if message.part_count and known:
                    continue  # some part is, or may be, with that carrier: it stays
                if choice.operator != operator and (choice.usable or not known):
                    moves.append((message.id, operator, choice.operator, choice.route))
            if moves:
                moved = await self._store.reassign(moves)
                self._dispatch.look_for({to_operator for _, _, to_operator, _ in moves}, moved)
                log.info("messages wait elsewhere now", from_operator=operator, messages=moved)
