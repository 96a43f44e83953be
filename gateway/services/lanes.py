"""What this process has in hand for one operator: the lane of messages between the store and the operator."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush

from gateway.domain.message import Message, PartRow
from gateway.domain.outcome import Outcome, Part
from gateway.domain.pacing import Hold, Level
from gateway.domain.words import WITH_CARRIER, Priority
from gateway.ports import Operator

RESERVED = {Priority.OTP: 1.0, Priority.TRANSACTIONAL: 0.5, Priority.MARKETING: 0.1}
"""What each class may have in hand whatever the others have there, in windows: so a code finds its way past a campaign
that fills the lane, and a campaign past codes without end."""

FLOOR = {Priority.OTP: 0.0, Priority.TRANSACTIONAL: 0.2, Priority.MARKETING: 0.05}
"""Of the parts that more urgent classes write, what a waiting class may write beside them: nobody is starved."""

# By the class's number: an enum's member takes as long to find in a dictionary as a call.
_RESERVED = tuple(RESERVED.values())

EVERY_CLASS = tuple(Priority)

MAX_BOOKED = 10_000
"""Senders and destinations whose next turn is remembered; those whose turn is over are forgotten first."""


@dataclass(slots=True, eq=False, weakref_slot=True)
class Flight:
    """One hand-over of one message.

    `parts` are those still to be written, in order; `outcomes` those that have come, by part number; `open` counts
    the parts without one.
    """

    message: Message
    parts: list[Part]
    total: int  #: parts of the whole split
    any_with_carrier: bool  #: an earlier hand-over of this split put some part with the carrier
    lane: Lane
    checked_at: datetime  #: the store was asked whether its recipient is suppressed after this
    number: int = 0  #: its place among all flights of the lane
    open: int = 0
    aside: Hold | None = None  #: what it waits for, or has waited for last
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    @property
    def untouched(self) -> bool:
        """Whether nothing of it is with the operator or answered: then this hand-over has not happened."""
        return not self.outcomes and self.open == len(self.parts)


class _Aside:
    """The messages that wait for one rate of a sender or a destination, and until when."""

    __slots__ = ("flights", "parts", "until")

    def __init__(self) -> None:
        self.until = 0.0
        self.parts = 0
        self.flights: list[tuple[Priority, int, Flight]] = []  # a heap

    def add(self, flight: Flight) -> None:
        heappush(self.flights, (flight.message.priority, flight.number, flight))
        self.parts += len(flight.parts)

    def next(self) -> Flight:
        flight = heappop(self.flights)[2]
        self.parts -= len(flight.parts)
        return flight


class _Waiting:
    """The messages of one class: those that came back from the operator, then those it has not seen."""

    __slots__ = ("floor", "fresh", "passed_over", "returned")

    def __init__(self, priority: Priority) -> None:
        self.floor = FLOOR[priority]
        self.passed_over = 0.0  #: parts that it may write before more urgent classes
        self.fresh: deque[Flight] = deque()
        self.returned: list[tuple[int, Flight]] = []  # a heap: they keep the order in which they came

    def __bool__(self) -> bool:
        return bool(self.returned or self.fresh)

    def take(self) -> Flight:
        return heappop(self.returned)[1] if self.returned else self.fresh.popleft()


class Lane:
    """Messages claimed for one operator, by class, and what is known of those that wait for it in the store."""

    def __init__(self, operator: Operator) -> None:
        self.operator = operator
        self.load = 0  #: parts in hand: planned, ready or in flight; changed by `count` alone
        self.loads = [0] * len(Priority)  #: the same by class
        self.backlog = set(Priority)  #: classes of which the store may hold something; all, until it was read
        self.closing: set[Priority] = (
            set()
        )  #: classes whose backlog is at its end: what is new is held in memory
        self.marks = dict.fromkeys(Priority, 0)  #: grow with each message left to the store
        self.uncommitted = dict.fromkeys(Priority, 0)  #: messages on their way into the store's queue
        self.curious = set[Priority]()  #: classes to look for in the store all the same
        self.next_due: datetime | None = None  #: when the store holds something more
        self.paused = False
        self.gone = False  #: another configuration has replaced it: what is in flight settles, nothing comes
        self._queues = tuple(_Waiting(priority) for priority in Priority)
        self.held = 0  #: parts of new messages that wait for the end of a backlog, or will
        self._held = {priority: deque[Flight]() for priority in Priority}
        self._number = 0
        self.wake: asyncio.TimerHandle | None = None  #: to look again at what waits for a rate of its own
        self._aside: dict[tuple[Level, str], _Aside] = {}
        self._booked: dict[tuple[Level, str], float] = {}

    @property
    def limit(self) -> int:
        """Parts that it may have in hand: the window, and one window ahead of it."""
        return 2 * self.operator.window

    @property
    def usable(self) -> bool:
        """Whether messages may be given to it: it is in force, its operator is there and not paused."""
        return not self.gone and not self.paused and self.operator.up

    @property
    def able(self) -> bool:
        """Whether it could take a batch: no more than one window is in hand. What is held does not count, for it
        waits for the batch."""
        return self.usable and self.load - self.held <= self.operator.window

    def is_open(self, priority: Priority, now: datetime) -> bool:
        """Whether a new message may be claimed by the commit that accepts it: the operator is there, and nothing
        older waits in the store."""
        if priority in self.backlog or not self.usable:
            return False
        return self.next_due is None or self.next_due > now

    def count(self, priority: Priority, parts: int) -> None:
        """So many parts more of a class are in hand, or less."""
        self.load += parts
        self.loads[priority] += parts

    def reserved(self, priority: Priority) -> int:
        """Parts that a class may have in hand in any case."""
        return max(1, int(self.operator.window * _RESERVED[priority]))

    def room_for(self, priority: Priority) -> int:
        """Parts of a class that may be in hand too."""
        return max(self.limit - self.load, self.reserved(priority) - self.loads[priority])

    def has_room(self, parts: int, priority: Priority) -> bool:
        """Whether so many parts may be in hand too. A message of more parts than the limit goes alone."""
        # Below the limit, as nearly always, nobody asks what is reserved.
        return parts <= self.limit - self.load or parts <= self.room_for(priority) or self.load == 0

    def takes(self, priority: Priority) -> bool:
        """Whether it could take a batch of a class: it is able to take any, or half of what is reserved is free."""
        return self.able or (self.usable and 2 * self.loads[priority] <= self.reserved(priority))

    def may_hold(self, priority: Priority, parts: int) -> bool:
        """Whether so many parts may be held in memory while the end of a backlog is fetched: a window of them."""
        return priority in self.closing and self.held + parts <= self.operator.window

    def wants(self, now: datetime) -> bool:
        """Whether to claim for it now: it is able to take more, and something may be due."""
        if self.next_due is not None and self.next_due <= now:
            self.backlog.update(Priority)
            self.next_due = None
        return bool(self.curious or self.backlog) and bool(self.next_claim()[1])

    def next_claim(self) -> tuple[tuple[Priority, ...], int]:
        """The classes to claim for next, and how many messages of them; 0 when there is no room.

        All of them while there is room for all. Where the lane is full, the most urgent one that may be there and has
        something left of what is reserved for it.
        """
        if self.able:
            return EVERY_CLASS, max(self.limit - self.load + self.held, 1)
        if self.usable:
            for priority in EVERY_CLASS:
                if (priority in self.backlog or priority in self.curious) and self.takes(priority):
                    return (priority,), self.reserved(priority) - self.loads[priority]
        return (), 0

    def left_to_store(self, priority: Priority, at: datetime | None = None) -> None:
        """A message of this class waits in the store, from `at` on (None: now)."""
        self.marks[priority] += 1
        if at is None:
            self.backlog.add(priority)
        elif self.next_due is None or at < self.next_due:
            self.next_due = at

    @property
    def marked(self) -> int:
        """The marks of all classes."""
        return sum(self.marks.values())

    def expect(self, at: datetime | None, marked: int, classes: Sequence[Priority] = EVERY_CLASS) -> None:
        """A claim has found nothing more of these classes that is due before `at`; what was left since it began
        (`marked`) it may have missed."""
        everything = self.marked == marked and len(classes) == len(Priority)
        if everything or self.next_due is None:
            self.next_due = at
        elif at is not None:
            self.next_due = min(at, self.next_due)

    def settled(self) -> dict[Priority, int]:
        """The marks of the classes of which nothing is on its way into the store: a claim that begins now sees all of
        them, if their marks are the same at its end."""
        return {p: marks for p, marks in self.marks.items() if not self.uncommitted[p]}

    def fetched(
        self,
        before: dict[Priority, int],
        up_to: Priority | None,
        classes: Sequence[Priority] = EVERY_CLASS,
    ) -> bool:
        """A claim has fetched what waited of some classes, of those more urgent than `up_to` all (None: of every one).

        `before`: what `settled` said when it began. A class of which nothing waits any more is open again: new
        messages go from hand to hand. One that may have missed something is closing: what is new is held, so that
        the next claim finds all the rest; without this a lane under load would never open again. True: then look
        again soon.
        """
        again = False
        for priority in self.backlog.intersection(classes):
            if up_to is not None and priority >= up_to:
                self.closing.discard(priority)
            elif before.get(priority) == self.marks[priority]:
                self.backlog.discard(priority)
                self.closing.discard(priority)
                for flight in self.release(priority):
                    self.push(flight)
            else:
                self.closing.add(priority)
                again = True
        return again

    def push(self, flight: Flight) -> None:
        """Last in its class."""
        self._number += 1
        flight.number = self._number
        self._queues[flight.message.priority].fresh.append(flight)

    def hold(self, flight: Flight) -> None:
        """New, while older ones are still fetched from the store: it comes after them. `held` counts it already."""
        self._held[flight.message.priority].append(flight)

    def release(self, priority: Priority, before: bytes | None = None) -> Iterator[Flight]:
        """Take what was held of a class, up to the message with this id: all that is older has been fetched."""
        held = self._held[priority]
        while held and (before is None or held[0].message.id < before):
            flight = held.popleft()
            self.held -= len(flight.parts)
            yield flight

    def push_back(self, flight: Flight) -> None:
        """It was taken out and could not be written: before all that came after it in its class."""
        heappush(self._queues[flight.message.priority].returned, (flight.number, flight))

    def pop(self) -> Flight | None:
        """The next one: the most urgent class first, but for the `FLOOR` of those that wait behind it."""
        waiting = [queue for queue in self._queues if queue.fresh or queue.returned]
        if not waiting:
            return None
        if len(waiting) == 1:  # as it mostly is
            return waiting[0].take()
        first, *behind = waiting
        chosen = next((queue for queue in behind if queue.passed_over >= 1.0), first)
        flight = chosen.take()
        if chosen is not first:
            chosen.passed_over -= len(flight.parts)
        for queue in waiting[waiting.index(chosen) + 1 :]:
            if queue.passed_over < 1.0:
                queue.passed_over += queue.floor * len(flight.parts)
        return flight

    # --- what waits for a rate of its sender or its destination, and lets others pass

    def put_aside(self, flight: Flight, hold: Hold) -> None:
        """It was popped and may not be written yet: it keeps its place among those that wait for the same."""
        flight.aside = hold
        aside = self._aside.get(hold[1:3]) or self._aside.setdefault(hold[1:3], _Aside())
        aside.until = hold.until
        aside.add(flight)

    def bring_back(self, now: float) -> None:
        """The first one of each rate that may have room by now; `admitted` brings those behind it."""
        for key in [key for key, aside in self._aside.items() if aside.until <= now]:
            self._bring(key)

    def admitted(self, flight: Flight) -> None:
        """It was popped and is written: the next one that waits for the same may try."""
        if flight.aside is not None:
            key, flight.aside = flight.aside[1:3], None
            if key in self._aside:
                self._bring(key)

    def _bring(self, key: tuple[Level, str]) -> None:
        aside = self._aside[key]
        self.push_back(aside.next())
        if not aside.flights:
            del self._aside[key]

    @property
    def empty(self) -> bool:
        """Whether nothing is here that could be written, now or when its own rate allows."""
        for queue in self._queues:
            if queue.fresh or queue.returned:
                return False
        return not self._aside

    @property
    def back_at(self) -> float | None:
        """When `bring_back` has something to do."""
        return min((aside.until for aside in self._aside.values()), default=None)

    @property
    def aside(self) -> int:
        """Parts that wait so."""
        return sum([aside.parts for aside in self._aside.values()]) if self._aside else 0

    def book(self, flight: Flight, hold: Hold) -> float:
        """When its turn may come, were it to wait elsewhere: after all that waits here or was booked before."""
        key = hold[1:3]
        here = self._aside.get(key)
        first = hold.until + (here.parts / hold.per_s if here is not None else 0.0)
        if len(self._booked) >= MAX_BOOKED:
            self._booked = {each: until for each, until in self._booked.items() if until > hold.until}
        turn = max(first, self._booked.get(key, first))
        self._booked[key] = turn + len(flight.parts) / hold.per_s
        return turn

    def take_all(self) -> Iterator[Flight]:
        """Empty the lane of all that was not written."""
        for key in list(self._aside):
            while key in self._aside:
                self._bring(key)
        while (flight := self.pop()) is not None:
            yield flight
        for priority in Priority:
            yield from self.release(priority)

    @property
    def waiting(self) -> int:
        """Messages in hand that are not written yet."""
        held = sum(len(flights) for flights in self._held.values())
        held += sum(len(aside.flights) for aside in self._aside.values())
        return held + sum(len(queue.fresh) + len(queue.returned) for queue in self._queues)

    @property
    def in_flight(self) -> int:
        """Parts in hand that are not waiting here: with the operator, or in the commit that accepts them."""
        waiting = sum(len(flight.parts) for flights in self._held.values() for flight in flights)
        waiting += sum(len(flight.parts) for queue in self._queues for flight in queue.fresh)
        waiting += sum(len(flight.parts) for queue in self._queues for _, flight in queue.returned)
        return self.load - waiting - self.aside


def missing(parts: list[Part], current: dict[int, PartRow]) -> list[Part]:
    """The parts that the carrier has not taken yet."""
    if not current:
        return parts
    return [
        part for part in parts if part.part not in current or current[part.part].state not in WITH_CARRIER
    ]
