"""Our SMPP against SMPP that is not ours: our server meets PyPI smpplib and aiosmpplib, our pool npm smpp."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import aiosmpplib
import pytest
import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.gsm
from aiosmpplib.broker import SimpleBroker
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from smpp import codec
from smpp.bind import BindPhase
from smpp.constants import CommandId, EsmClass, RegisteredDelivery, Status, Tag
from smpp.pdu import DeliverSm, SubmitSm, tlv_text
from smpp.pool import Pool, PoolConfig
from tests.peers.smsc import NodeSmsc, smsc
from tests.unit.smpp.scripted import Carrier, PoolOwner, carrier

TEXT = "Your code is 493817."
LONG = "It is a truth universally acknowledged, that a single man in possession of a good fortune. " * 2


@pytest.fixture
async def ours() -> AsyncIterator[Carrier]:
    async with carrier() as listening:
        listening.script.receipts = True
        yield listening


@pytest.fixture
async def theirs() -> AsyncIterator[NodeSmsc]:
    async with smsc(receipt_delay_ms=5) as listening:
        yield listening


@pytest.fixture
async def owner() -> PoolOwner:
    return PoolOwner()


def joined(submits: list[SubmitSm]) -> bytes:
    """The octets of a message whose parts begin with a UDH of six octets."""
    for number, submit in enumerate(submits, 1):
        assert submit.esm_class & EsmClass.UDHI
        assert submit.short_message[:3] == b"\x05\x00\x03"
        assert submit.short_message[4:6] == bytes([len(submits), number])
    return b"".join(submit.short_message[6:] for submit in submits)


# smpplib 2.2.4, an ESME that blocks.


class SmpplibEsme:
    """smpplib as an application uses it."""

    def __init__(self, port: int) -> None:
        self.client = smpplib.client.Client("127.0.0.1", port, timeout=20, allow_unknown_opt_params=True)
        self.answers: list[str] = []
        self.receipts: list[str] = []

    def run(self, text: str) -> int:
        """Bind, send, take all answers and receipts, unbind; returns the number of parts."""
        parts, coding, esm_class = smpplib.gsm.make_parts(text)
        self.client.set_message_sent_handler(lambda pdu: self.answers.append(pdu.message_id.decode()))
        self.client.set_message_received_handler(lambda pdu: self.receipts.append(pdu.short_message.decode()))
        self.client.connect()
        self.client.bind_transceiver(system_id="smpplib", password="secret")
        for part in parts:
            self.client.send_message(
                source_addr_ton=smpplib.consts.SMPP_TON_ALNUM,
                source_addr="Trunkline",
                dest_addr_ton=smpplib.consts.SMPP_TON_INTL,
                destination_addr="447700900123",
                short_message=part,
                data_coding=coding,
                esm_class=esm_class,
                registered_delivery=True,
            )
        while len(self.receipts) < len(parts):
            self.client.read_once()
        self.client.unbind()
        self.client.disconnect()
        return len(parts)


@pytest.mark.parametrize(("text", "parts"), [(TEXT, 1), (LONG, 2)])
async def test_smpplib_binds_submits_hears_and_leaves(ours: Carrier, text: str, parts: int) -> None:
    esme = SmpplibEsme(ours.server.port)
    assert await asyncio.to_thread(esme.run, text) == parts
    submits = [submit for _, submit in ours.submits]
    assert {submit.source_addr for submit in submits} == {"Trunkline"}
    assert (joined(submits) if parts > 1 else submits[0].short_message) == text.encode("ascii")
    assert esme.answers == [f"id{number}" for number in range(parts)]
    assert [receipt.split()[0] for receipt in esme.receipts] == [f"id:id{number}" for number in range(parts)]
    await ours.until(lambda: ours.closings)
    assert ours.acknowledged == [(f"id{number}", 0) for number in range(parts)]
    assert ours.closings == ["unbound by the peer"]


async def test_smpplib_is_told_why_it_may_not_bind(ours: Carrier) -> None:
    ours.script.bind_status = Status.ESME_RINVPASWD
    esme = SmpplibEsme(ours.server.port)
    with pytest.raises(smpplib.exceptions.PDUError, match=r"\(14\)"):
        await asyncio.to_thread(esme.run, TEXT)
    esme.client.disconnect()


# aiosmpplib 0.7.4, an ESME on asyncio.


class AiosmpplibHook(aiosmpplib.AbstractHook):  # type: ignore[misc] # it has no annotations
    """Takes down what an aiosmpplib ESME receives, as octets: of the parts of one message it parses the last alone."""

    def __init__(self) -> None:
        self.octets: list[bytes] = []
        self.news = asyncio.Event()

    async def sending(self, smpp_message: Any, pdu: bytes, client_id: str) -> None: ...

    async def received(self, smpp_message: Any, pdu: bytes, client_id: str) -> None:
        self.octets.append(pdu)
        self.news.set()

    async def send_error(self, smpp_message: Any, error: Exception, client_id: str) -> None:
        raise AssertionError(f"aiosmpplib could not send: {error}")

    async def took(self, command_id: int, count: int) -> list[bytes]:
        """The bodies of the first `count` PDUs of this command."""
        async with asyncio.timeout(20):
            while (
                len(taken := [pdu[16:] for pdu in self.octets if pdu[4:8] == command_id.to_bytes(4, "big")])
                < count
            ):
                self.news.clear()
                await self.news.wait()
        return taken


@pytest.mark.parametrize(("text", "parts"), [(TEXT, 1), (LONG, 2)])
async def test_aiosmpplib_binds_submits_hears_and_leaves(ours: Carrier, text: str, parts: int) -> None:
    hook = AiosmpplibHook()
    broker = SimpleBroker()
    esme = aiosmpplib.ESME("127.0.0.1", ours.server.port, "aiosmpplib", "secret", hook=hook, broker=broker)
    running = asyncio.create_task(esme.start())
    await broker.enqueue(
        aiosmpplib.SubmitSm(
            short_message=text,
            source=aiosmpplib.PhoneNumber("447700900001", aiosmpplib.TON.INTERNATIONAL, aiosmpplib.NPI.ISDN),
            destination=aiosmpplib.PhoneNumber(
                "447700900123", aiosmpplib.TON.INTERNATIONAL, aiosmpplib.NPI.ISDN
            ),
            esm_class=EsmClass.UDHI,
            auto_message_payload=False,
        )
    )
    ids = [f"id{number}" for number in range(parts)]
    assert await hook.took(CommandId.SUBMIT_SM_RESP, parts) == [f"{name}\0".encode() for name in ids]
    receipts = await hook.took(CommandId.DELIVER_SM, parts)
    assert [f"id:{name} sub:".encode() in receipt for name, receipt in zip(ids, receipts, strict=True)] == [
        True
    ] * parts
    await ours.until(lambda: len(ours.acknowledged) == parts)
    writer = esme._writer
    await esme.stop()
    await running
    writer.close()  # it leaves its socket to the garbage collector
    submits = [submit for _, submit in ours.submits]
    assert (joined(submits) if parts > 1 else submits[0].short_message) == text.encode("ascii")
    assert ours.acknowledged == [(name, 0) for name in ids]
    assert ours.closings == ["unbound by the peer"]


# npm smpp 0.5.1, an SMSC.


def parts_of(text: str, reference: int = 7, size: int = 100) -> list[tuple[bytes, str]]:
    """The submit_sm bodies of a text, with a UDH when there are several, and a tag for each."""
    pieces = [text[at : at + size].encode() for at in range(0, len(text), size)]
    made = []
    for number, piece in enumerate(pieces, 1):
        udh = bytes([5, 0, 3, reference, len(pieces), number]) if len(pieces) > 1 else b""
        submit = SubmitSm(
            source_addr_ton=5,
            source_addr="Trunkline",
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr="447700900123",
            esm_class=EsmClass.UDHI if udh else EsmClass.DEFAULT,
            registered_delivery=RegisteredDelivery.RECEIPT,
            short_message=udh + piece,
            tlvs={Tag.USER_MESSAGE_REFERENCE: number.to_bytes(2, "big")},
        )
        made.append((codec.encode_submit_body(submit), f"part {number}"))
    return made


class Binds:
    """A running pool towards the node SMSC, acknowledging whatever comes."""

    def __init__(self, to: NodeSmsc, owner: PoolOwner, **config: Any) -> None:
        settings: dict[str, Any] = {"reconnect_min_s": 0.05, "reconnect_max_s": 0.1} | config
        self.owner = owner
        self.pool = Pool(
            PoolConfig("127.0.0.1", to.port, "trunkline", "secret", **settings),
            owner,
            before_write=owner.before_write,
        )

    async def __aenter__(self) -> Pool:
        self._task = asyncio.create_task(self.pool.run())
        await self.owner.until(lambda: BindPhase.BOUND in self.owner.phases())
        return self.pool

    async def __aexit__(self, *error: object) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])


async def receipts_of(owner: PoolOwner, count: int) -> list[str]:
    """Acknowledge the next `count` deliveries; their receipted_message_id in order."""
    await owner.until(lambda: len(owner.deliveries) >= count)
    taken = []
    for delivery in owner.deliveries[:count]:
        assert delivery.acknowledge(0)
        taken.append(tlv_text(delivery.pdu, Tag.RECEIPTED_MESSAGE_ID) or "")
    return taken


@pytest.mark.parametrize(("text", "parts"), [(TEXT, 1), (LONG, 2)])
async def test_node_smsc_takes_parts_and_receipts_come(
    theirs: NodeSmsc, owner: PoolOwner, text: str, parts: int
) -> None:
    async with Binds(theirs, owner) as pool:
        pool.submit(parts_of(text))
        await owner.until(lambda: len(owner.named("answered")) == parts)
        ids = [message_id for _, _, message_id in owner.named("answered")]
        assert await receipts_of(owner, parts) == ids
        await theirs.until(lambda: len(theirs.named("answered")) == parts)
        await pool.drain(20.0)
        await theirs.until(lambda: theirs.named("unbound"))
    bind, *_ = theirs.named("bind")
    assert (bind["system_id"], bind["mode"], bind["interface_version"]) == ("trunkline", "transceiver", 0x34)
    submits = theirs.named("submit")
    assert [submit["id"] for submit in submits] == ids
    assert {submit["from"] for submit in submits} == {"Trunkline"}
    assert [submit["tlvs"]["user_message_reference"] for submit in submits] == list(range(1, parts + 1))
    octets = [bytes.fromhex(submit["short_message_hex"]) for submit in submits]
    assert b"".join(piece[6:] if parts > 1 else piece for piece in octets) == text.encode()


async def test_node_smsc_that_drops_the_line(theirs: NodeSmsc, owner: PoolOwner) -> None:
    await theirs.set(answer="never")
    async with Binds(theirs, owner) as pool:
        pool.submit(parts_of(TEXT))
        await theirs.until(lambda: theirs.named("submit"))
        await theirs.order("drop")
        await owner.until(lambda: owner.named("lost"))
        assert owner.named("lost") == [(["part 1"], [])]
        await owner.until(lambda: owner.phases().count(BindPhase.BOUND) == 2)
        # The receipt of what was in doubt comes by the new bind.
        assert await receipts_of(owner, 1) == [theirs.named("submit")[0]["id"]]


async def test_node_smsc_that_drops_the_line_at_the_second_part(theirs: NodeSmsc, owner: PoolOwner) -> None:
    await theirs.set(drop_after=2)
    async with Binds(theirs, owner) as pool:
        pool.submit(parts_of(LONG))
        await owner.until(lambda: owner.named("lost"))
        ((written, unwritten),) = owner.named("lost")
        answered = [tag for tag, _, _ in owner.named("answered")]
        assert (answered + written, unwritten) == (["part 1", "part 2"], [])
        assert "part 2" in written


async def test_node_smsc_with_another_outcome_for_a_number(theirs: NodeSmsc, owner: PoolOwner) -> None:
    await theirs.set(outcomes={"0123": {"stat": "UNDELIV", "err": "011"}})
    async with Binds(theirs, owner) as pool:
        pool.submit(parts_of(TEXT))
        await owner.until(lambda: owner.deliveries)
        (delivery,) = owner.deliveries
        assert isinstance(delivery.pdu, DeliverSm)
        assert b"stat:UNDELIV err:011" in delivery.pdu.short_message
        assert delivery.pdu.tlvs[Tag.MESSAGE_STATE] == b"\x05"
        assert delivery.acknowledge(0)


async def test_node_smsc_that_answers_late(theirs: NodeSmsc, owner: PoolOwner) -> None:
    await theirs.set(answer="never")
    async with Binds(theirs, owner, response_timeout_s=0.05) as pool:
        pool.submit(parts_of(TEXT))
        await owner.until(lambda: owner.named("timed_out"))
        await theirs.order("release")
        await owner.until(lambda: owner.named("answered"))
        assert owner.named("lost") == []


async def test_node_smsc_that_throttles(theirs: NodeSmsc, owner: PoolOwner) -> None:
    await theirs.set(throttle_next=1)
    async with Binds(theirs, owner) as pool:
        pool.submit(parts_of(TEXT))
        await owner.until(lambda: owner.named("answered"))
        assert owner.named("answered") == [("part 1", Status.ESME_RTHROTTLED, "")]


async def test_node_smsc_that_refuses_binds_for_a_while(theirs: NodeSmsc, owner: PoolOwner) -> None:
    await theirs.set(refuse_next_binds=2, refuse_status=int(Status.ESME_RINVPASWD))
    async with Binds(theirs, owner) as pool:
        await theirs.until(lambda: len(theirs.named("bind")) == 3)
        assert [bind["status"] for bind in theirs.named("bind")] == [14, 14, 0]
        assert "ESME_RINVPASWD" in pool.states()[0].last_error


async def test_node_smsc_whose_receipts_come_first_and_twice(theirs: NodeSmsc, owner: PoolOwner) -> None:
    await theirs.set(receipt_first=True, receipt_copies=2, receipt_delay_ms=50)
    async with Binds(theirs, owner) as pool:
        pool.submit(parts_of(TEXT))
        first, second = await receipts_of(owner, 2)
        assert owner.named("answered") == []
        await owner.until(lambda: owner.named("answered"))
        assert owner.named("answered") == [("part 1", 0, first)]
        assert first == second


async def test_node_smsc_with_an_inbound_message(theirs: NodeSmsc, owner: PoolOwner) -> None:
    async with Binds(theirs, owner):
        await theirs.order("inbound", **{"from": "447700900123", "to": "60777", "text": "STOP"})
        await owner.until(lambda: owner.deliveries)
        (delivery,) = owner.deliveries
        assert (delivery.pdu.source_addr, delivery.pdu.destination_addr) == ("447700900123", "60777")
        assert delivery.acknowledge(Status.ESME_RX_T_APPN)
        # It was refused for now, so it comes again.
        await owner.until(lambda: len(owner.deliveries) == 2)
        assert owner.deliveries[1].acknowledge(0)
        await theirs.until(lambda: len(theirs.named("answered")) == 2)
        assert [answer["status"] for answer in theirs.named("answered")] == [Status.ESME_RX_T_APPN, 0]


async def test_node_smsc_that_writes_garbage(theirs: NodeSmsc, owner: PoolOwner) -> None:
    async with Binds(theirs, owner) as pool:
        await theirs.order("garbage", hex="00000003deadbeefdeadbeefdeadbeef")
        await owner.until(lambda: owner.phases().count(BindPhase.BOUND) == 2)
        await theirs.until(lambda: theirs.named("nacked"))
        assert theirs.named("nacked")[0]["status"] == Status.ESME_RINVCMDLEN
        pool.submit(parts_of(TEXT))
        await owner.until(lambda: owner.named("answered"))


async def test_node_smsc_that_goes_away_and_comes_back(theirs: NodeSmsc, owner: PoolOwner) -> None:
    async with Binds(theirs, owner):
        await theirs.order("close")
        await owner.until(lambda: "ConnectionRefused" in "".join(state.last_error for state in owner.states))
        await theirs.order("open")
        await owner.until(lambda: owner.phases().count(BindPhase.BOUND) == 2)


async def test_node_smsc_that_unbinds_us(theirs: NodeSmsc, owner: PoolOwner) -> None:
    async with Binds(theirs, owner) as pool:
        await theirs.order("unbind")
        await owner.until(lambda: owner.phases().count(BindPhase.BOUND) == 2)
        assert pool.states()[0].last_error == "unbound by the peer"


async def test_node_smsc_that_falls_silent(theirs: NodeSmsc, owner: PoolOwner) -> None:
    async with Binds(theirs, owner, enquire_link_s=0.05, response_timeout_s=0.1) as pool:
        await theirs.order("deafen")
        await owner.until(lambda: BindPhase.WAITING in owner.phases())
        assert pool.states()[0].last_error == "enquire_link not answered"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "node-smsc")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
        )
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(signed.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(private)
    return folder / "cert.pem", folder / "key.pem"


async def test_node_smsc_over_tls(certificate: tuple[Path, Path], owner: PoolOwner) -> None:
    cert, key = certificate
    trusting = ssl.create_default_context(cafile=str(cert))
    async with (
        smsc(f"--tls-cert={cert}", f"--tls-key={key}", receipt_delay_ms=5) as theirs,
        Binds(theirs, owner, tls=trusting) as pool,
    ):
        pool.submit(parts_of(TEXT))
        await owner.until(lambda: owner.named("answered"))
        assert await receipts_of(owner, 1) == [owner.named("answered")[0][2]]
        await pool.drain(20.0)


async def test_node_smsc_whose_certificate_nobody_knows(
    certificate: tuple[Path, Path], owner: PoolOwner
) -> None:
    cert, key = certificate
    wary = PoolConfig("127.0.0.1", 0, "trunkline", tls=ssl.create_default_context())
    async with smsc(f"--tls-cert={cert}", f"--tls-key={key}") as theirs:
        pool = Pool(replace(wary, port=theirs.port), owner, before_write=owner.before_write)
        running = asyncio.create_task(pool.run())
        await owner.until(lambda: BindPhase.WAITING in owner.phases())
        assert "certificate verify failed" in pool.states()[0].last_error
        await pool.drain(0.0)
        await running


async def test_node_smsc_says_what_it_does_not_understand(theirs: NodeSmsc) -> None:
    with pytest.raises(ValueError, match="no such setting: colour"):
        await theirs.set(colour="green")
    with pytest.raises(ValueError, match="known"):
        await theirs.order("dance")
    assert (await theirs.stats())["submits"] == 0
