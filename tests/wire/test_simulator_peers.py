"""The simulated carrier met by ESMEs that are not ours: PyPI smpplib, which blocks, and aiosmpplib, on asyncio.

They stand for the applications that people point at it: what these two read and write is SMPP by their own reading
of the specification.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiosmpplib
import pytest
import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.gsm
from aiosmpplib.broker import SimpleBroker

from gateway.simulator import Profile, Simulator, Submit, with_quirks
from smpp.constants import CommandId, EsmClass, Status

TEXT = "Your code is 493817."
LONG = "It is a truth universally acknowledged, that a single man in possession of a good fortune. " * 2
QUICK = Profile(receipt_delay_min_s=0.0, receipt_delay_max_s=0.0, first_id=1000)


class Carrier:
    """A simulated carrier and what was submitted to it."""

    def __init__(self, simulator: Simulator, submits: list[Submit]) -> None:
        self.simulator = simulator
        self.submits = submits

    @property
    def text(self) -> str:
        """The texts of all parts, joined."""
        return "".join(submit.text for submit in self.submits)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition; 20 seconds without it fail the test."""
        async with asyncio.timeout(20):
            while not condition():  # noqa: ASYNC110 - a state of the peer, not an event of ours
                await asyncio.sleep(0.005)


@asynccontextmanager
async def carrier(profile: Profile = QUICK) -> AsyncIterator[Carrier]:
    """A simulated carrier that listens."""
    submits: list[Submit] = []
    simulator = Simulator(profile, submits.append)
    await simulator.start()
    try:
        yield Carrier(simulator, submits)
    finally:
        await simulator.stop()


class SmpplibEsme:
    """smpplib as an application uses it."""

    def __init__(self, port: int) -> None:
        self.client = smpplib.client.Client("127.0.0.1", port, timeout=20, allow_unknown_opt_params=True)
        self.answers: list[str] = []
        self.errors: list[int] = []
        self.deliveries: list[Any] = []
        self.client.set_message_sent_handler(self._answered)
        self.client.set_message_received_handler(self._delivered)
        self.client.set_error_pdu_handler(lambda _: None)  # which raises by default

    def _answered(self, pdu: Any) -> None:
        if pdu.status:
            self.errors.append(pdu.status)
        else:
            self.answers.append(pdu.message_id.decode())

    def _delivered(self, pdu: Any) -> None:
        self.deliveries.append(pdu)

    def bind(self, password: str = "secret") -> None:
        """Connect and bind."""
        self.client.connect()
        self.client.bind_transceiver(system_id="smpplib", password=password)

    def send(self, text: str, to: str = "12025550123") -> int:
        """Submit a text; returns its number of parts."""
        parts, coding, esm_class = smpplib.gsm.make_parts(text)
        for part in parts:
            self.client.send_message(
                source_addr_ton=smpplib.consts.SMPP_TON_ALNUM,
                source_addr="Trunkline",
                dest_addr_ton=smpplib.consts.SMPP_TON_INTL,
                destination_addr=to,
                short_message=part,
                data_coding=coding,
                esm_class=esm_class,
                registered_delivery=True,
            )
        return len(parts)

    def read(self, answers: int = 0, deliveries: int = 0, errors: int = 0) -> None:
        """Read until so many of each have come."""
        while len(self.answers) < answers or len(self.deliveries) < deliveries or len(self.errors) < errors:
            self.client.read_once()

    def leave(self) -> None:
        """Unbind and disconnect."""
        self.client.unbind()
        self.client.disconnect()

    @property
    def texts(self) -> list[str]:
        """What was delivered."""
        return [pdu.short_message.decode() for pdu in self.deliveries]


@pytest.mark.parametrize(("text", "parts"), [(TEXT, 1), (LONG, 2), ("Grüße, 世界", 1)])
async def test_smpplib_sends_and_hears_of_each_part(text: str, parts: int) -> None:
    async with carrier() as smsc:
        esme = SmpplibEsme(smsc.simulator.port)

        def session() -> None:
            esme.bind()
            assert esme.send(text) == parts
            esme.read(answers=parts, deliveries=parts)
            esme.leave()

        await asyncio.to_thread(session)
        assert smsc.text == text
        ids = [str(1000 + part) for part in range(parts)]
        assert esme.answers == ids
        assert [pdu.receipted_message_id.decode().rstrip("\0") for pdu in esme.deliveries] == ids
        assert [pdu.message_state for pdu in esme.deliveries] == [
            smpplib.consts.SMPP_MESSAGE_STATE_DELIVERED
        ] * parts
        assert all(" stat:DELIVRD err:000 " in receipt for receipt in esme.texts)
        await smsc.until(lambda: smsc.simulator.counters.receipts_acknowledged == parts)


async def test_smpplib_takes_a_long_inbound_message() -> None:
    async with carrier() as smsc:
        esme = SmpplibEsme(smsc.simulator.port)
        assert smsc.simulator.inject("+12025550100", "+447700900999", LONG) == 2

        def session() -> None:
            esme.bind()
            esme.read(deliveries=2)
            esme.leave()

        await asyncio.to_thread(session)
        assert [pdu.esm_class for pdu in esme.deliveries] == [smpplib.consts.SMPP_GSMFEAT_UDHI] * 2
        assert b"".join(pdu.short_message[6:] for pdu in esme.deliveries).decode() == LONG
        assert {pdu.source_addr.decode() for pdu in esme.deliveries} == {"12025550100"}
        await smsc.until(lambda: smsc.simulator.counters.inbound_acknowledged == 2)


async def test_smpplib_meets_magic_destinations() -> None:
    async with carrier() as smsc:
        esme = SmpplibEsme(smsc.simulator.port)

        def session() -> None:
            esme.bind()
            for magic in ("5550001", "5550004", "5550005", "5550005", "5550005", "5550006"):
                esme.send(TEXT, f"1202{magic}")
            esme.read(answers=3, deliveries=4, errors=3)
            esme.leave()

        await asyncio.to_thread(session)
        assert esme.errors == [Status.ESME_RINVDSTADR, Status.ESME_RTHROTTLED, Status.ESME_RTHROTTLED]
        states = [text.split("stat:")[1][:7] for text in esme.texts if "stat:" in text]
        assert states == ["UNDELIV", "DELIVRD", "DELIVRD"]
        assert esme.texts[-1] == "STOP"


async def test_smpplib_is_throttled() -> None:
    async with carrier(with_quirks(QUICK, ["throttle"])) as smsc:
        esme = SmpplibEsme(smsc.simulator.port)

        def session() -> None:
            esme.bind()
            for _ in range(40):
                esme.send(TEXT)
            while len(esme.answers) + len(esme.errors) < 40:
                esme.client.read_once()
            esme.leave()

        await asyncio.to_thread(session)
        assert set(esme.errors) == {Status.ESME_RTHROTTLED}
        assert len(esme.answers) == smsc.simulator.counters.taken >= 10


async def test_smpplib_is_told_why_it_may_not_bind() -> None:
    async with carrier(Profile(password="right")) as smsc:
        esme = SmpplibEsme(smsc.simulator.port)
        with pytest.raises(smpplib.exceptions.PDUError, match=r"\(14\)"):
            await asyncio.to_thread(esme.bind, "wrong")
        esme.client.disconnect()


async def test_smpplib_gets_what_it_left_unanswered_again() -> None:
    async with carrier() as smsc:
        first, second = SmpplibEsme(smsc.simulator.port), SmpplibEsme(smsc.simulator.port)

        def walk_away() -> None:
            first.bind()
            first.send(TEXT)
            first.read(answers=1)
            first.client.disconnect()  # the receipt is on its way

        def come_back() -> None:
            second.bind()
            second.read(deliveries=1)
            second.leave()

        await asyncio.to_thread(walk_away)
        await asyncio.to_thread(come_back)
        assert second.texts[0].startswith("id:1000 ")


class AiosmpplibHook(aiosmpplib.AbstractHook):  # type: ignore[misc] # it has no annotations
    """Takes down what an aiosmpplib ESME receives, as octets: of the parts of one message it parses the last alone."""

    def __init__(self) -> None:
        self.octets: list[bytes] = []

    async def sending(self, smpp_message: Any, pdu: bytes, client_id: str) -> None: ...

    async def received(self, smpp_message: Any, pdu: bytes, client_id: str) -> None:
        self.octets.append(pdu)

    async def send_error(self, smpp_message: Any, error: Exception, client_id: str) -> None:
        raise AssertionError(f"aiosmpplib could not send: {error}")

    def bodies(self, command_id: int, status: int = 0) -> list[bytes]:
        """The bodies of the PDUs of this command and status."""
        head = command_id.to_bytes(4, "big") + status.to_bytes(4, "big")
        return [pdu[16:] for pdu in self.octets if pdu[4:12] == head]


@asynccontextmanager
async def aiosmpplib_esme(smsc: Carrier, hook: AiosmpplibHook) -> AsyncIterator[SimpleBroker]:
    """A bound aiosmpplib ESME; what is enqueued at its broker is sent."""
    broker = SimpleBroker()
    esme = aiosmpplib.ESME("127.0.0.1", smsc.simulator.port, "aiosmpplib", "secret", hook=hook, broker=broker)
    running = asyncio.create_task(esme.start())
    try:
        await smsc.until(lambda: smsc.simulator.counters.binds == 1)
        yield broker
    finally:
        writer = esme._writer
        await esme.stop()
        await running
        if writer is not None:
            writer.close()  # it leaves its socket to the garbage collector


def aiosmpplib_message(text: str, to: str = "12025550123") -> Any:
    """A submit_sm in its words."""
    international = aiosmpplib.TON.INTERNATIONAL, aiosmpplib.NPI.ISDN
    return aiosmpplib.SubmitSm(
        short_message=text,
        source=aiosmpplib.PhoneNumber("447700900001", *international),
        destination=aiosmpplib.PhoneNumber(to, *international),
        esm_class=EsmClass.UDHI,
        auto_message_payload=False,
    )


@pytest.mark.parametrize(("text", "parts"), [(TEXT, 1), (LONG, 2)])
async def test_aiosmpplib_sends_and_hears_of_each_part(text: str, parts: int) -> None:
    hook = AiosmpplibHook()
    async with carrier() as smsc, aiosmpplib_esme(smsc, hook) as broker:
        await broker.enqueue(aiosmpplib_message(text))
        await smsc.until(lambda: smsc.simulator.counters.receipts_acknowledged == parts)
        ids = [str(1000 + part).encode() for part in range(parts)]
        assert hook.bodies(CommandId.SUBMIT_SM_RESP) == [ref + b"\0" for ref in ids]
        receipts = hook.bodies(CommandId.DELIVER_SM)
        assert [b"id:" + ref + b" sub:" in body for ref, body in zip(ids, receipts, strict=True)] == [
            True
        ] * parts
        assert smsc.text == text


async def test_aiosmpplib_meets_errors_and_inbound_messages() -> None:
    hook = AiosmpplibHook()
    async with carrier() as smsc, aiosmpplib_esme(smsc, hook) as broker:
        await broker.enqueue(aiosmpplib_message(TEXT, "12025550001"))
        await smsc.until(lambda: bool(hook.bodies(CommandId.SUBMIT_SM_RESP, Status.ESME_RINVDSTADR)))
        smsc.simulator.inject("+12025550100", "+447700900999", "STOP")
        await smsc.until(lambda: smsc.simulator.counters.inbound_acknowledged == 1)
        assert hook.bodies(CommandId.DELIVER_SM)[0].endswith(b"\x04STOP")


async def test_aiosmpplib_slows_down_when_throttled() -> None:
    hook = AiosmpplibHook()
    async with (
        carrier(QUICK.model_copy(update={"throttle_every": 2})) as smsc,
        aiosmpplib_esme(smsc, hook) as broker,
    ):
        for _ in range(4):
            await broker.enqueue(aiosmpplib_message(TEXT))
        await smsc.until(lambda: len(hook.bodies(CommandId.SUBMIT_SM_RESP, Status.ESME_RTHROTTLED)) == 2)
        await smsc.until(lambda: smsc.simulator.counters.receipts_acknowledged == 2)
