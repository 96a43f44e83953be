"""The acceptor: what it does to connections; the protocol itself is in test_session.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from smpp import codec, link
from smpp.constants import CommandId, Status
from smpp.events import SessionConfig
from smpp.pdu import BindTransceiver, EnquireLink, Pdu, SubmitSm
from smpp.server import Server, ServerConfig
from smpp.timers import TimerLimits
from tests.unit.smpp.scripted import Carrier


class Peer:
    """A bare ESME: octets out, PDUs in."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._frames = codec.FrameReader()
        self.writer = writer
        self.ended = False

    def send(self, *pdus: Pdu) -> None:
        self.writer.write(b"".join(codec.encode(pdu) for pdu in pdus))

    async def next(self) -> Pdu | None:
        """The next PDU, None when the server has closed."""
        while not self.ended:
            for frame in self._frames:
                return codec.decode_body(*frame)
            try:
                data = await asyncio.wait_for(self._reader.read(65536), 20)
            except ConnectionResetError:
                data = b""
            self.ended = not data
            self._frames.feed(data)
        return None

    async def closed(self) -> bool:
        while await self.next() is not None:
            continue
        return True


@pytest.fixture
async def peers(smsc: Carrier) -> AsyncIterator[list[Peer]]:
    """Two connections."""
    made = [Peer(*await asyncio.open_connection("127.0.0.1", smsc.server.port)) for _ in range(2)]
    yield made
    for peer in made:
        peer.writer.close()
        await asyncio.wait([asyncio.ensure_future(peer.writer.wait_closed())])


async def test_each_connection_has_its_session(smsc: Carrier, peers: list[Peer]) -> None:
    for peer in peers:
        peer.send(BindTransceiver(sequence=1, system_id="esme"), SubmitSm(sequence=2, short_message=b"x"))
    for peer in peers:
        answers = [await peer.next(), await peer.next()]
        assert [(pdu.command_id, pdu.sequence, pdu.status) for pdu in answers if pdu is not None] == [
            (CommandId.BIND_TRANSCEIVER_RESP, 1, 0),
            (CommandId.SUBMIT_SM_RESP, 2, 0),
        ]
    assert len(smsc.server.connections) == 2


async def test_a_broken_peer_costs_only_its_own_connection(smsc: Carrier, peers: list[Peer]) -> None:
    broken, other = peers
    other.send(BindTransceiver(sequence=1))
    await other.next()
    broken.writer.write(b"\0\0\0\0" + b"\xff" * 64)
    nack = await broken.next()
    assert nack is not None
    assert nack.status == Status.ESME_RINVCMDLEN
    assert await broken.closed()
    other.send(EnquireLink(sequence=2))
    answer = await other.next()
    assert answer is not None
    assert answer.command_id == CommandId.ENQUIRE_LINK_RESP


async def test_a_refused_bind_is_told_why(smsc: Carrier, peers: list[Peer]) -> None:
    smsc.script.bind_status = Status.ESME_RINVSYSID
    peers[0].send(BindTransceiver(sequence=1, system_id="nobody"))
    answer = await peers[0].next()
    assert answer is not None
    assert (answer.command_id, answer.status) == (CommandId.BIND_TRANSCEIVER_RESP, Status.ESME_RINVSYSID)


async def test_those_who_do_not_bind_are_dropped() -> None:
    slow = Carrier()
    limits = SessionConfig(timers=TimerLimits(session_init_s=0.05))
    slow.server = Server(slow.handler, ServerConfig(session=limits))
    await slow.server.start()
    peer = Peer(*await asyncio.open_connection("127.0.0.1", slow.server.port))
    assert await peer.closed()
    assert slow.closings == ["not bound in time"]
    peer.writer.close()
    await slow.server.stop()


async def test_one_connection_too_many_is_turned_away() -> None:
    full = Carrier()
    full.server = Server(full.handler, ServerConfig(max_connections=1))
    await full.server.start()
    first = Peer(*await asyncio.open_connection("127.0.0.1", full.server.port))
    first.send(BindTransceiver(sequence=1))
    assert await first.next() is not None
    second = Peer(*await asyncio.open_connection("127.0.0.1", full.server.port))
    assert await second.closed()
    assert full.server.turned_away == 1
    first.send(EnquireLink(sequence=2))
    assert await first.next() is not None
    for peer in (first, second):
        peer.writer.close()
    await full.server.stop()


async def test_a_peer_that_sends_and_never_reads_is_dropped(
    smsc: Carrier, peers: list[Peer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "MAX_UNREAD_BYTES", 200_000)
    questions = codec.encode(EnquireLink(sequence=1)) * 10_000
    while smsc.server.connections and not smsc.closings:
        peers[0].writer.write(questions)
        await asyncio.sleep(0)
    assert "unread" in smsc.closings[0]


async def test_stop_unbinds_and_closes(smsc: Carrier, peers: list[Peer]) -> None:
    peers[0].send(BindTransceiver(sequence=1))
    await peers[0].next()
    stopping = asyncio.create_task(smsc.server.stop(unbind_s=20.0))
    unbind = await peers[0].next()
    assert unbind is not None
    assert unbind.command_id == CommandId.UNBIND
    peers[0].writer.write(codec.frame(CommandId.UNBIND_RESP, 0, unbind.sequence))
    assert await peers[0].closed()
    peers[1].writer.close()
    await stopping
    assert not smsc.server.connections
    await smsc.server.stop()


async def test_the_port_is_known_once_it_listens() -> None:
    server = Carrier().server
    with pytest.raises(RuntimeError, match="start"):
        _ = server.port
    await server.start()
    assert server.port > 0
    await server.stop()


async def test_limits_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="max_connections"):
        ServerConfig(max_connections=0)
