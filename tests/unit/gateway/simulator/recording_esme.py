"""An ESME that writes down what the simulated carrier does: the product's own client with a recorder on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from gateway.simulator import Profile, Simulator, Submit
from smpp import receipt
from smpp.client import Client, Endpoint, connect
from smpp.codec import encode_submit_body
from smpp.events import SessionConfig
from smpp.pdu import AlertNotification, BindPdu, BindTransceiver, DataSm, DeliverSm, SubmitSm

QUICK = Profile(receipt_delay_min_s=0.0, receipt_delay_max_s=0.0, first_id=1000, redeliver_s=0.01)


def quick(**changes: Any) -> Profile:
    """A profile whose receipts come at once and whose ids begin at 1000."""
    return Profile.model_validate(QUICK.model_dump() | changes)


@dataclass
class Answer:
    """A submit_sm_resp."""

    tag: Any
    status: int
    message_id: str


class RecordingEsme:
    """Acknowledges every delivery with `ack_status`; None leaves them unanswered."""

    def __init__(self, ack_status: int | None = 0) -> None:
        self.client: Client | None = None
        self.answers: list[Answer] = []
        self.deliveries: list[DeliverSm] = []
        self.data_sms: list[DataSm] = []
        self.events: list[str] = []
        self.closings: list[str] = []
        self.lost_tags: list[Any] = []
        self.ack_status = ack_status

    def submit(
        self, to: str = "12025550123", tag: Any = None, registered_delivery: int = 1, **fields: Any
    ) -> None:
        """Send one submit_sm."""
        assert self.client is not None
        pdu = SubmitSm(
            source_addr="447700900999",
            destination_addr=to,
            registered_delivery=registered_delivery,
            **({"short_message": b"hello"} | fields),
        )
        self.client.submit([(encode_submit_body(pdu), tag if tag is not None else to)])

    def acknowledge(self, pdu: DeliverSm | DataSm, status: int = 0) -> None:
        """Answer a delivery late."""
        assert self.client is not None
        self.client.acknowledge(pdu, status)

    @property
    def receipts(self) -> list[receipt.Receipt]:
        """The deliveries that are receipts, as the product reads them."""
        came: list[DeliverSm | DataSm] = [*self.deliveries, *self.data_sms]
        found = [receipt.parse(pdu) for pdu in came]
        return [one for one in found if one is not None]

    @property
    def words(self) -> list[str]:
        """`stat` of each receipt."""
        return [one.word for one in self.receipts]

    # What the client calls.

    def connected(self, client: Client) -> None:
        self.client = client

    def answered(self, tag: Any, status: int, message_id: str) -> None:
        self.answers.append(Answer(tag, status, message_id))
        self.events.append("answer")

    def timed_out(self, tag: Any) -> None:
        self.events.append("timeout")

    def delivered(self, pdu: DeliverSm | DataSm, client: Client) -> None:
        if isinstance(pdu, DataSm):
            self.data_sms.append(pdu)
        else:
            self.deliveries.append(pdu)
        self.events.append("delivery")
        if self.ack_status is not None:
            client.acknowledge(pdu, self.ack_status)

    def lost(self, written: list[Any], unwritten: list[Any]) -> None:
        self.lost_tags += [*written, *unwritten]

    def closed(self, reason: str) -> None:
        self.closings.append(reason)

    def congested(self, state: int) -> None:
        """The simulated carrier never says how full it is."""

    def alerted(self, pdu: AlertNotification) -> None:
        self.events.append(f"alert {pdu.source_addr}")

    def room(self) -> None:
        """The tests stay below the window."""


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition; five seconds without it fail the test."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - any state of either side, not one event
            await asyncio.sleep(0.002)


async def bind(
    simulator: Simulator, esme: RecordingEsme, pdu: BindPdu | None = None, window: int = 100
) -> Client:
    """Bind an ESME to the simulated carrier. Raises as `smpp.client.connect` does."""
    return await connect(
        Endpoint("127.0.0.1", simulator.port),
        pdu if pdu is not None else BindTransceiver(system_id="esme", password="secret"),
        SessionConfig(window=window),
        esme,
        lambda _: None,
    )


@asynccontextmanager
async def running(
    profile: Profile = QUICK, on_submit: Callable[[Submit], None] | None = None
) -> AsyncIterator[Simulator]:
    """A simulated carrier that listens."""
    simulator = Simulator(profile, on_submit)
    await simulator.start()
    try:
        yield simulator
    finally:
        await simulator.stop()


@asynccontextmanager
async def bound(
    profile: Profile = QUICK, on_submit: Callable[[Submit], None] | None = None
) -> AsyncIterator[tuple[Simulator, RecordingEsme]]:
    """A simulated carrier with one ESME bound to it."""
    async with running(profile, on_submit) as simulator:
        esme = RecordingEsme()
        client = await bind(simulator, esme)
        try:
            yield simulator, esme
        finally:
            client.abort("the test ends")
            await client.wait_closed()
