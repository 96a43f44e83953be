"""The line of deliveries of one ESME."""

from gateway.simulator.mailbox import Delivery, Mailbox
from smpp.pdu import AlertNotification, DataSm, DeliverSm, Outbind


class Window:
    """A connection with room for a few deliveries."""

    def __init__(self, room: int) -> None:
        self.window_free = room
        self.taken: list[str] = []

    def deliver(self, pdu: DeliverSm | DataSm, tag: object) -> int:
        assert self.window_free > 0
        assert isinstance(tag, Delivery)
        self.window_free -= 1
        self.taken.append(pdu.source_addr)
        return len(self.taken)

    def notify(self, pdu: Outbind | AlertNotification) -> None:
        raise AssertionError("a mailbox has nothing to say but deliveries")


def filled(names: str) -> Mailbox:
    mailbox = Mailbox("esme")
    for name in names:
        mailbox.add(Delivery(DeliverSm(source_addr=name), receipt=True))
    return mailbox


def test_a_window_is_never_overrun_and_the_order_is_kept() -> None:
    mailbox, window = filled("abcde"), Window(3)
    mailbox.attach(window)
    mailbox.pump()
    assert window.taken == ["a", "b", "c"]
    window.window_free = 5
    mailbox.pump()
    assert window.taken == ["a", "b", "c", "d", "e"]
    assert not mailbox.waiting


def test_what_comes_back_goes_first() -> None:
    mailbox = filled("abc")
    sent = [mailbox.waiting.popleft(), mailbox.waiting.popleft()]
    mailbox.give_back(sent)
    assert [delivery.pdu.source_addr for delivery in mailbox.waiting] == ["a", "b", "c"]


def test_a_full_connection_leaves_the_rest_to_the_next() -> None:
    mailbox, first, second = filled("abcd"), Window(1), Window(2)
    mailbox.attach(first)
    mailbox.attach(second)
    mailbox.pump()
    assert (first.taken, second.taken) == (["a"], ["b", "c"])


def test_connections_take_turns() -> None:
    mailbox, first, second = Mailbox("esme"), Window(9), Window(9)
    mailbox.attach(first)
    mailbox.attach(second)
    for name in "abcd":
        mailbox.add(Delivery(DeliverSm(source_addr=name), receipt=False))
        mailbox.pump()
    assert (first.taken, second.taken) == (["a", "c"], ["b", "d"])


def test_a_connection_that_has_gone_gets_nothing() -> None:
    mailbox, window = filled("a"), Window(1)
    mailbox.attach(window)
    mailbox.detach(window)
    mailbox.detach(window)
    mailbox.pump()
    assert window.taken == []
    assert len(mailbox.waiting) == 1
