"""What this process has in hand for one operator: the lane of messages between the store and the operator."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from gateway.domain.message import Message, PartRow
from gateway.domain.outcome import Outcome, Part
from gateway.domain.words import WITH_CARRIER, Priority
from gateway.ports import Operator


@dataclass(slots=True, eq=False)
class Flight:
    """One hand-over of one message.

    `parts` are those still to be written, in order; `outcomes` those that have come, by part number; `open` counts
    the parts without one.
    """

    message: Message
    parts: list[Part]
    total: int  #: parts of the whole split
    any_with_carrier: bool  #: an earlier hand-over of this split put some part with the carrier
    operator: str = ""
    open: int = 0
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.operator = self.message.operator or ""


class Lane:
    """Messages claimed for one operator, by class, and what is known of those that wait for it in the store."""

    def __init__(self, operator: Operator) -> None:
        self.operator = operator
        self.ready: dict[Priority, deque[Flight]] = {priority: deque() for priority in Priority}
        self.load = 0  #: parts in hand: planned, ready or in flight
        self.backlog = set(Priority)  #: classes of which the store may hold something; all, until it was read
        self.marks = 0  #: grows with each message left to the store: tells whether a claim saw it all
        self.next_due: datetime | None = None
        self.paused = False

    @property
    def limit(self) -> int:
        """Parts that it may have in hand: the window, and one window ahead of it."""
        return 2 * self.operator.window

    def fits(self, priority: Priority, parts: int) -> bool:
        """Whether a new message may be claimed by the commit that accepts it: there is room, the operator is there,
        and nothing older of its class waits in the store. A message of more parts than the limit goes alone."""
        if self.paused or priority in self.backlog or not self.operator.up:
            return False
        return self.load + parts <= self.limit or self.load == 0

    def wants(self, now: datetime) -> bool:
        """Whether to claim for it now: it is able to take more, and something may be due."""
        return self.able and bool(self.backlog or (self.next_due is not None and self.next_due <= now))

    @property
    def able(self) -> bool:
        """Whether it could take a batch: its operator is there, and no more than one window is in hand."""
        return not self.paused and self.operator.up and self.load <= self.operator.window

    def left_to_store(self, priority: Priority, at: datetime | None = None) -> None:
        """A message of this class waits in the store, from `at` on (None: now)."""
        self.marks += 1
        if at is None:
            self.backlog.add(priority)
        elif self.next_due is None or at < self.next_due:
            self.next_due = at

    def push(self, flight: Flight) -> None:
        """Last in its class."""
        self.ready[flight.message.priority].append(flight)

    def push_back(self, flight: Flight) -> None:
        """First in its class: it was taken out and could not be written."""
        self.ready[flight.message.priority].appendleft(flight)

    def pop(self) -> Flight | None:
        """The next one: the most urgent class first."""
        for queue in self.ready.values():
            if queue:
                return queue.popleft()
        return None

    def take_all(self) -> Iterator[Flight]:
        """Empty the lane of all that was not written."""
        for queue in self.ready.values():
            while queue:
                yield queue.popleft()

    @property
    def waiting(self) -> int:
        """Messages in hand that are not written yet."""
        return sum(len(queue) for queue in self.ready.values())


def missing(parts: list[Part], current: dict[int, PartRow]) -> list[Part]:
    """The parts that the carrier has not taken yet."""
    if not current:
        return parts
    return [
        part for part in parts if part.part not in current or current[part.part].state not in WITH_CARRIER
    ]
