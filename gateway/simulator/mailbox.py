"""What waits to be delivered to one ESME: receipts and inbound messages, by its system_id.

It outlives the connections: what an ESME has not answered when its connection ends goes first to the next one, as a
real message centre does it. Each connection takes as many as its window allows.
"""

from __future__ import annotations

from collections import deque
from typing import Protocol

from smpp.pdu import AlertNotification, DataSm, DeliverSm, Outbind


class Delivery:
    """One deliver_sm (or data_sm) on its way; `receipt` tells it from an inbound message."""

    __slots__ = ("pdu", "receipt")

    def __init__(self, pdu: DeliverSm | DataSm, receipt: bool) -> None:
        self.pdu = pdu
        self.receipt = receipt


class Receiver(Protocol):
    """A connection that deliveries may go by."""

    @property
    def window_free(self) -> int:
        """Deliveries that it takes now."""

    def deliver(self, pdu: DeliverSm | DataSm, tag: object) -> int:
        """Send one."""

    def notify(self, pdu: Outbind | AlertNotification) -> None:
        """Say something that has no answer."""


class Mailbox:
    """The deliveries of one ESME, in order, and the connections by which it takes them."""

    def __init__(self, system_id: str) -> None:
        self.system_id = system_id
        self.waiting: deque[Delivery] = deque()
        self.receivers: list[Receiver] = []
        self.sent = 0

    def add(self, delivery: Delivery) -> None:
        """Put it at the end of the line."""
        self.waiting.append(delivery)

    def give_back(self, deliveries: list[Delivery]) -> None:
        """Put these, which were sent and not answered, at the head of the line again."""
        self.waiting.extendleft(reversed(deliveries))

    def attach(self, receiver: Receiver) -> None:
        """A connection of this ESME was bound to receive."""
        self.receivers.append(receiver)

    def detach(self, receiver: Receiver) -> None:
        """The connection has ended, or never received."""
        if receiver in self.receivers:
            self.receivers.remove(receiver)

    def pump(self) -> None:
        """Send what the windows allow, by one connection after the other."""
        for receiver in list(self.receivers):
            room = min(receiver.window_free, len(self.waiting))
            for _ in range(room):
                delivery = self.waiting.popleft()
                receiver.deliver(delivery.pdu, delivery)
            self.sent += room
        if len(self.receivers) > 1:
            self.receivers.append(self.receivers.pop(0))
