"""Which of the operators' binds this process holds: what the store gives it is opened, what others have a right to is
closed politely and then given back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from gateway.errors import StoreUnavailable
from gateway.ports import BindShare, Operator, Owner, ProcessStore
from gateway.services.lease import Lease

log = structlog.get_logger("gateway.binds")

LOOK_S = 0.5


@dataclass(slots=True)
class _Hold:
    """What an operator was told last, and what the store says is ours of its binds."""

    operator: Operator
    told: frozenset[int]
    ours: frozenset[int]


class Binds:
    """The binds of this process, on a store that others share."""

    def __init__(
        self, store: ProcessStore, owner: Owner, lease: Lease, operators: Callable[[], Mapping[str, Operator]]
    ) -> None:
        self._store = store
        self._owner = owner
        self._lease = lease
        self._operators = operators
        self._holds: dict[str, _Hold] = {}
        self._left = False

    async def run(self) -> None:
        """Look around again and again, until cancelled. Raises `Fenced`."""
        while True:
            try:
                await self.turn()
            except StoreUnavailable as error:
                log.error("binds can't be shared out", error=str(error))
            await asyncio.sleep(LOOK_S)

    async def turn(self) -> None:
        """Give back what is closed, take what is free, open and close."""
        if self._left:
            return
        closed = [
            (name, bind)
            for name, hold in self._holds.items()
            for bind in hold.ours - hold.told - hold.operator.holding()
        ]
        counts = {name: operator.binds for name, operator in self._operators().items() if operator.binds}
        shares = await self._store.share_binds(self._owner, counts, closed)
        for name, bind in closed:
            hold = self._holds[name]
            hold.ours -= {bind}
        if not self._lease.holds():
            return  # the answer came too late
        operators = self._operators()
        for name, share in shares.items():
            if name in operators:
                self._follow(name, operators[name], share)
        for name in self._holds.keys() - shares.keys():
            self._let_go_of(name)

    def _follow(self, name: str, operator: Operator, share: BindShare) -> None:
        """Hold what is ours, up to the share; the last ones go first."""
        hold = self._holds.get(name)
        if hold is not None and hold.operator is not operator and hold.operator.holding():
            return  # a reload has exchanged it, and its links are not closed yet
        if hold is None or hold.operator is not operator:
            hold = self._holds[name] = _Hold(operator, frozenset(), frozenset())
        hold.ours = share.held
        wanted = frozenset(sorted(bind for bind in share.held if bind < operator.binds)[: share.share])
        if wanted != hold.told:
            log.info("binds", operator=name, hold=sorted(wanted), of=operator.binds)
            hold.told = wanted
            operator.hold(wanted)

    def _let_go_of(self, name: str) -> None:
        """It is configured no more, and given back once it is closed."""
        hold = self._holds[name]
        hold.told = frozenset()
        if not hold.ours:
            del self._holds[name]

    @contextmanager
    def left_as_they_are(self) -> Iterator[None]:
        """While operators are exchanged: what they hold stays ours."""
        self._left = True
        try:
            yield
        finally:
            self._left = False

    async def give_back(self) -> None:
        """After the operators have drained: all are free for others, and this process wants none. Raises `Fenced`, and
        `StoreUnavailable`."""
        ours = [(name, bind) for name, hold in self._holds.items() for bind in hold.ours]
        self._holds = {}
        await self._store.share_binds(self._owner, {}, ours)

    def abort(self) -> None:
        """The lease has run out: drop all of them at once. What is still ours is opened again when it holds again."""
        for hold in self._holds.values():
            hold.told = frozenset()
            hold.operator.abort("this process's lease has run out")
