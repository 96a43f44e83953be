"""A carrier that does what a test tells it, and an owner that writes down what it is told: over real sockets.

Nothing here sleeps: `Told.until` waits for a condition and fails the test when it does not come.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

from smpp import codec
from smpp.bind import BindPhase, BindState
from smpp.client import Client
from smpp.constants import EsmClass, MessageState, RegisteredDelivery, Status, Tag
from smpp.events import SessionConfig
from smpp.pace import Pace
from smpp.pdu import AlertNotification, BindPdu, DataSm, DeliverSm, Pdu, SubmitSm, SubmitSmResp, text_tlv
from smpp.pool import Pool, PoolConfig
from smpp.server import Connection, Server, ServerConfig

PATIENCE_S = 20.0


def body(text: str = "hi") -> bytes:
    """The body of a submit_sm."""
    return codec.encode_submit_body(SubmitSm(destination_addr="447700900123", short_message=text.encode()))


def parts(*tags: str) -> list[tuple[bytes, str]]:
    """What is given to a pool: bodies, and what names them in the owner's calls."""
    return [(body(tag), tag) for tag in tags]


def receipt_of(submit: SubmitSm, message_id: str) -> DeliverSm:
    """The receipt of a delivered message, as SMPP 3.4, appendix B, shows it."""
    text = f"id:{message_id} sub:001 dlvrd:001 submit date:2611210800 done date:2611210801 stat:DELIVRD err:000 text:"
    return DeliverSm(
        source_addr=submit.destination_addr,
        destination_addr=submit.source_addr,
        esm_class=EsmClass.DELIVERY_RECEIPT,
        short_message=text.encode(),
        tlvs={
            Tag.RECEIPTED_MESSAGE_ID: text_tlv(message_id),
            Tag.MESSAGE_STATE: bytes([MessageState.DELIVERED]),
        },
    )


class Told:
    """Something that is told events, and can be waited for."""

    def __init__(self) -> None:
        self._news = asyncio.Event()

    def tell(self) -> None:
        self._news.set()

    async def until(self, condition: Callable[[], Any]) -> None:
        """Return when the condition holds; it is looked at after each event."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._news.clear()
                await self._news.wait()


@dataclass(slots=True)
class Script:
    """What the carrier does, changed by the test at any time."""

    bind_status: int = 0
    bind_statuses: list[int] = field(default_factory=list)  # for the next binds, before `bind_status`
    answers: bool = True
    statuses: list[int] = field(default_factory=list)  # for the next submits; then 0
    tlvs: dict[int, bytes] = field(default_factory=dict)  # in each answer
    receipts: bool = False  # for each accepted submit that asks for one
    refused: tuple[type[BindPdu], ...] = ()  # kinds of bind that it does not want at all
    reply: Pdu | None = None  # to query_sm and the like; without one they are not answered


class Carrier(Told):
    """The SMSC: one object for all connections of a server."""

    def __init__(self) -> None:
        super().__init__()
        self.script = Script()
        self.connections: list[Connection] = []
        self.binds: list[BindPdu] = []
        self.submits: list[tuple[Connection, SubmitSm]] = []
        self.questions: list[Pdu] = []
        self.acknowledged: list[tuple[Any, int]] = []
        self.closings: list[str] = []
        self.greeting: DeliverSm | None = None  # sent behind each bind's answer
        self.server = Server(self.handler, ServerConfig("carrier", SessionConfig(window=1000)))

    def handler(self, connection: Connection) -> Handler:
        self.connections.append(connection)
        return Handler(self, connection)

    def go_deaf(self) -> None:
        """Read nothing more from the latest connection, and keep it open."""
        assert self.latest._transport is not None
        self.latest._transport.pause_reading()

    @property
    def texts(self) -> list[str]:
        """What was submitted, in order."""
        return [submit.short_message.decode() for _, submit in self.submits]

    @property
    def latest(self) -> Connection:
        return self.connections[-1]

    def answer_all(self) -> None:
        """Answer every submit that has come, once more or for the first time."""
        for number, (connection, submit) in enumerate(self.submits):
            connection.answer_submit(submit.sequence, f"id{number}")

    def cut(self) -> None:
        """Drop all connections without a word."""
        for connection in list(self.server.connections):
            connection.abort("cut by the test")


class Handler:
    """One connection of the carrier."""

    def __init__(self, carrier: Carrier, connection: Connection) -> None:
        self._carrier = carrier
        self._connection = connection

    def bind(self, pdu: BindPdu) -> int:
        script = self._carrier.script
        self._carrier.binds.append(pdu)
        self._carrier.tell()
        if self._carrier.greeting is not None:
            asyncio.get_running_loop().call_soon(self._greet, self._carrier.greeting)
        if isinstance(pdu, script.refused):
            return Status.ESME_RBINDFAIL
        return script.bind_statuses.pop(0) if script.bind_statuses else script.bind_status

    def _greet(self, greeting: DeliverSm) -> None:
        self._connection.deliver(greeting, "greeting")

    def requested(self, pdu: Pdu) -> None:
        carrier = self._carrier
        if not isinstance(pdu, SubmitSm):
            carrier.questions.append(pdu)
            if carrier.script.reply is not None:
                self._connection.answer(replace(carrier.script.reply, sequence=pdu.sequence))
            carrier.tell()
            return
        carrier.submits.append((self._connection, pdu))
        status = carrier.script.statuses.pop(0) if carrier.script.statuses else 0
        if carrier.script.answers:
            message_id = "" if status else f"id{len(carrier.submits) - 1}"
            if carrier.script.tlvs:
                resp = SubmitSmResp(message_id=message_id, status=status, sequence=pdu.sequence)
                resp.tlvs = dict(carrier.script.tlvs)
                self._connection.answer(resp)
            else:
                self._connection.answer_submit(pdu.sequence, message_id, status)
            if (
                carrier.script.receipts
                and not status
                and pdu.registered_delivery & RegisteredDelivery.RECEIPT
            ):
                self._connection.deliver(receipt_of(pdu, message_id), message_id)
        carrier.tell()

    def answered(self, tag: Any, status: int, message_id: str, pdu: Pdu) -> None:
        self._carrier.acknowledged.append((tag, status))
        self._carrier.tell()

    def timed_out(self, tag: Any) -> None:
        self._carrier.tell()

    def lost(self, written: list[Any], unwritten: list[Any]) -> None:
        self._carrier.tell()

    def closed(self, reason: str) -> None:
        self._carrier.closings.append(reason)
        self._carrier.tell()


@dataclass
class Delivery:
    """What came from a carrier, and by which client."""

    pdu: DeliverSm | DataSm
    client: Client

    def acknowledge(self, status: int) -> bool:
        return self.client.acknowledge(self.pdu, status)


class Owner(Told):
    """The owner of a client or a pool. Whatever happens is one tuple in `events`."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[tuple[Any, ...]] = []
        self.deliveries: list[Delivery] = []
        self.states: list[BindState] = []
        self.journal: list[list[Any]] = []
        self.journal_error: OSError | None = None
        self.rooms = 0

    def note(self, *event: Any) -> None:
        self.events.append(event)
        self.tell()

    def named(self, name: str) -> list[tuple[Any, ...]]:
        """The events of this name, without it."""
        return [event[1:] for event in self.events if event[0] == name]

    def phases(self, index: int = 0) -> list[BindPhase]:
        return [state.phase for state in self.states if state.index == index]

    def before_write(self, tags: list[Any]) -> None:
        if self.journal_error is not None:
            raise self.journal_error
        if tags:
            self.journal.append(tags)
            self.note("before_write", tags)

    def timed_out(self, tag: Any) -> None:
        self.note("timed_out", tag)

    def lost(self, written: list[Any], unwritten: list[Any]) -> None:
        self.note("lost", written, unwritten)

    def delivered(self, pdu: DeliverSm | DataSm, client: Client) -> None:
        self.deliveries.append(Delivery(pdu, client))
        self.tell()

    def alerted(self, pdu: AlertNotification) -> None:
        self.note("alerted", pdu.source_addr)

    def room(self) -> None:
        self.rooms += 1
        self.tell()


class ClientOwner(Owner):
    """The owner of one client."""

    def connected(self, client: Client) -> None:
        self.note("connected")

    def answered(self, tag: Any, status: int, message_id: str) -> None:
        self.note("answered", tag, status, message_id)

    def congested(self, state: int) -> None:
        self.note("congested", state)

    def closed(self, reason: str) -> None:
        self.note("closed", reason)


class PoolOwner(Owner):
    """The owner of one pool."""

    def answered(self, tag: Any, status: int, message_id: str) -> None:
        self.note("answered", tag, status, message_id)

    def bind_changed(self, state: BindState) -> None:
        self.states.append(state)
        self.tell()


class Mute(Told):
    """A server that takes connections and speaks no SMPP; if it `hangs_up`, it closes at the first octet."""

    def __init__(self, hangs_up: bool) -> None:
        super().__init__()
        self.hangs_up = hangs_up
        self.port = 0
        self.peers: list[MutePeer] = []


class MutePeer(asyncio.Protocol):
    """One connection of a mute server."""

    def __init__(self, server: Mute) -> None:
        self._server = server
        self.heard = b""
        self.gone = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._server.peers.append(self)

    def data_received(self, data: bytes) -> None:
        self.heard += data
        if self._server.hangs_up:
            self.transport.close()
        self._server.tell()

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone = True
        self._server.tell()


@asynccontextmanager
async def mute(hangs_up: bool = False) -> AsyncIterator[Mute]:
    """A listening mute server."""
    server = Mute(hangs_up)
    listener = await asyncio.get_running_loop().create_server(lambda: MutePeer(server), "127.0.0.1", 0)
    async with listener:
        server.port = listener.sockets[0].getsockname()[1]
        yield server
        for peer in server.peers:
            peer.transport.abort()
        await server.until(lambda: all(peer.gone for peer in server.peers))


@asynccontextmanager
async def carrier() -> AsyncIterator[Carrier]:
    """A listening carrier."""
    scripted = Carrier()
    await scripted.server.start()
    try:
        yield scripted
    finally:
        await scripted.server.stop()


@asynccontextmanager
async def pool(
    to: Carrier,
    owner: PoolOwner,
    may_write: Callable[[], bool] = lambda: True,
    pace: Pace | None = None,
    **config: Any,
) -> AsyncIterator[Pool]:
    """A running pool whose binds are up, unless the carrier refuses them. Retries come at once."""
    settings: dict[str, Any] = {
        "reconnect_min_s": 0.01,
        "reconnect_max_s": 0.02,
        "host": "127.0.0.1",
        "system_id": "esme",
    } | config
    running = Pool(
        PoolConfig(port=to.server.port, **settings),
        owner,
        before_write=owner.before_write,
        may_write=may_write,
        pace=pace,
    )
    task = asyncio.create_task(running.run())
    try:
        if not (to.script.bind_status or to.script.bind_statuses or to.script.refused):
            await owner.until(lambda: all(state.phase is BindPhase.BOUND for state in running.states()))
        yield running
    finally:
        task.cancel()
        await asyncio.wait([task])
