"""A timer wheel: things that are due later, kept by the tick in which they are due.

One timer of the event loop serves all of them, which is what makes a receipt per message cheap. It is told the
time, and owns no clock.
"""

from __future__ import annotations

import heapq
import math
from typing import Generic, TypeVar

Item = TypeVar("Item")

TICK_S = 0.002


class Wheel(Generic[Item]):
    """Things due at a time. Those of one tick come together, in the order they were added."""

    def __init__(self, tick_s: float = TICK_S) -> None:
        self._tick_s = tick_s
        self._slots: dict[int, list[Item]] = {}
        self._order: list[int] = []  # a heap of the slots' ticks

    def add(self, due: float, item: Item) -> None:
        """Keep `item` until `due`, or up to a tick longer: never shorter."""
        tick = math.ceil(due / self._tick_s)
        slot = self._slots.get(tick)
        if slot is not None:
            slot.append(item)
        else:
            self._slots[tick] = [item]
            heapq.heappush(self._order, tick)

    def take(self, now: float) -> list[Item]:
        """What is due by `now`, the earliest first."""
        due: list[Item] = []
        while self._order and self._order[0] * self._tick_s <= now:
            due += self._slots.pop(heapq.heappop(self._order))
        return due

    def next_due(self) -> float | None:
        """When `take` will have something; None when nothing waits."""
        return self._order[0] * self._tick_s if self._order else None

    def __len__(self) -> int:
        return sum(map(len, self._slots.values()))
