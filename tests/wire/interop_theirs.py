"""The interop matrix's half in which ours is the SMSC: the simulated carrier, and ESMEs that are not ours."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosmpplib
import aiosmpplib.state
import smpplib.client
import smpplib.consts
import smpplib.gsm
from aiosmpplib.broker import SimpleBroker

from gateway.simulator import Profile, Simulator, Submit
from smpp.capture import Capture
from smpp.codec import frame
from smpp.constants import CommandId, EsmClass
from smpp.pdu import SubmitSm
from tests.peers.kannel import DELIVERED, Kannel, kannel
from tests.wire.interop import PATIENCE_S, Cannot, Pair, Submitted, until

SENDER, PHONE = "447700900001", "12025550123"
QUICK = Profile(receipt_delay_min_s=0.0, receipt_delay_max_s=0.0, magic=False)


class Carrier:
    """The simulated carrier, what was submitted to it, and all that has passed."""

    def __init__(self) -> None:
        self.submits: list[Submit] = []
        self.wire = io.BytesIO()
        self.simulator = Simulator(QUICK, self.submits.append, Capture(self.wire, bodies=True))

    async def after(self, count: int, more: int = 1) -> list[Submitted]:
        """What came after the first `count` submits, once there are `more`."""
        await until(lambda: len(self.submits) >= count + more)
        return [_submitted(submit) for submit in self.submits[count:]]

    async def acknowledged(self, receipts: int) -> None:
        """Wait until so many receipts are, over all."""
        await until(lambda: self.simulator.counters.receipts_acknowledged == receipts)

    async def inject(self, text: str) -> int:
        """Deliver a text of a person; its parts, when all are acknowledged."""
        counters = self.simulator.counters
        before = counters.inbound_acknowledged
        parts = self.simulator.inject(f"+{PHONE}", f"+{SENDER}", text)
        await until(lambda: counters.inbound_acknowledged == before + parts)
        return parts

    def bound_as(self) -> str:
        """The kinds of bind that have been answered well."""
        kinds = {
            "transmitter": CommandId.BIND_TRANSMITTER_RESP,
            "receiver": CommandId.BIND_RECEIVER_RESP,
            "transceiver": CommandId.BIND_TRANSCEIVER_RESP,
        }
        return " ".join(kind for kind, command in kinds.items() if _header(command) in self.wire.getvalue())

    async def left(self) -> bool:
        """Whether there was an unbind, once the connection has ended."""
        await until(lambda: not self.simulator.connections)
        return _header(CommandId.UNBIND) in self.wire.getvalue()


def _header(command: CommandId) -> bytes:
    """command_id and command_status of a PDU that went well, as they stand in a capture."""
    return frame(command, 0, 1)[4:12]


def _submitted(submit: Submit) -> Submitted:
    assert isinstance(submit.pdu, SubmitSm)
    assert submit.status == 0
    return Submitted(
        submit.pdu.short_message, submit.pdu.data_coding, bool(submit.pdu.esm_class & EsmClass.UDHI)
    )


class SmpplibAtCarrier:
    """A `Pair` with smpplib, which blocks: each of its turns is a thread."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._client = smpplib.client.Client(
            "127.0.0.1", carrier.simulator.port, timeout=PATIENCE_S, allow_unknown_opt_params=True
        )
        self._deliveries: list[Any] = []
        self._client.set_message_sent_handler(self._answered)
        self._client.set_message_received_handler(self._delivered)

    def bind(self) -> None:
        """Connect and bind."""
        self._client.connect()
        self._client.bind_transceiver(system_id="smpplib", password="secret")

    def bound_as(self) -> str:
        return self._carrier.bound_as()

    async def text(self, text: str, flash: bool = False) -> list[Submitted]:
        parts, coding, esm_class = smpplib.gsm.make_parts(text)
        return await self._send(parts, coding | 0x10 if flash else coding, esm_class)

    async def binary(self, header: bytes, data: bytes) -> list[Submitted]:
        udhi = smpplib.consts.SMPP_GSMFEAT_UDHI
        return await self._send([header + data], smpplib.consts.SMPP_ENCODING_BINARY, udhi)

    async def receipt(self, text: str) -> str:
        acknowledged = self._carrier.simulator.counters.receipts_acknowledged
        parts, coding, esm_class = smpplib.gsm.make_parts(text)
        await self._send(parts, coding, esm_class, receipt=True)
        await asyncio.to_thread(self._read, 1)
        await self._carrier.acknowledged(acknowledged + 1)
        said = str(self._deliveries.pop().short_message.decode())
        return said.partition("stat:")[2].partition(" ")[0]

    async def inbound(self, text: str) -> list[str]:
        reading = asyncio.create_task(asyncio.to_thread(self._read, 2))
        parts = await self._carrier.inject(text)
        await reading
        came, self._deliveries[:] = list(self._deliveries), []
        assert len(came) == parts
        return [_submitted_by(pdu).text() for pdu in came]

    async def leave(self) -> bool:
        await asyncio.to_thread(self._client.unbind)
        await asyncio.to_thread(self._client.disconnect)
        return await self._carrier.left()

    def close(self) -> None:
        """The end of it, wherever it stands."""
        self._client.disconnect()

    def _answered(self, pdu: Any) -> None:
        """Called with `pdu=`; the carrier tells what it took."""

    def _delivered(self, pdu: Any) -> None:
        self._deliveries.append(pdu)

    async def _send(
        self, parts: Sequence[bytes], coding: int, esm_class: int, receipt: bool = False
    ) -> list[Submitted]:
        before = len(self._carrier.submits)

        def turn() -> None:
            for part in parts:
                self._client.send_message(
                    source_addr_ton=smpplib.consts.SMPP_TON_INTL,
                    source_addr=SENDER,
                    dest_addr_ton=smpplib.consts.SMPP_TON_INTL,
                    destination_addr=PHONE,
                    short_message=part,
                    data_coding=coding,
                    esm_class=esm_class,
                    registered_delivery=receipt,
                )

        await asyncio.to_thread(turn)
        return await self._carrier.after(before, len(parts))

    def _read(self, deliveries: int) -> None:
        while len(self._deliveries) < deliveries:
            self._client.read_once()


def _submitted_by(pdu: Any) -> Submitted:
    """A deliver_sm as smpplib has read it."""
    return Submitted(pdu.short_message, pdu.data_coding, bool(pdu.esm_class & EsmClass.UDHI))


class _Hook(aiosmpplib.AbstractHook):  # type: ignore[misc] # it has no annotations
    """What aiosmpplib hands to its application."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    async def sending(self, smpp_message: Any, pdu: bytes, client_id: str) -> None: ...

    async def received(self, smpp_message: Any, pdu: bytes, client_id: str) -> None:
        self.messages.append(smpp_message)

    async def send_error(self, smpp_message: Any, error: Exception, client_id: str) -> None:
        raise AssertionError(f"aiosmpplib could not send: {error}")


class AiosmpplibAtCarrier:
    """A `Pair` with aiosmpplib."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._hook = _Hook()
        self._broker = SimpleBroker()
        self._esme = aiosmpplib.ESME(
            *("127.0.0.1", carrier.simulator.port, "aiosmpplib", "secret"),
            hook=self._hook,
            broker=self._broker,
        )
        self._running = asyncio.create_task(self._esme.start())

    def bound_as(self) -> str:
        return self._carrier.bound_as()

    async def text(self, text: str, flash: bool = False) -> list[Submitted]:
        if flash and not any(coding & 0x10 for coding in aiosmpplib.state.SmppDataCoding):
            raise Cannot("its table of data_coding has no message class")
        before = len(self._carrier.submits)
        await self._broker.enqueue(_aiosmpplib_submit(text, receipt=False))
        return await self._carrier.after(before, 2 if len(text) > 160 else 1)

    async def binary(self, header: bytes, data: bytes) -> list[Submitted]:
        before = len(self._carrier.submits)
        try:
            await self._broker.enqueue(_aiosmpplib_submit(header + data, receipt=False))
        except ValueError as error:
            raise Cannot("takes text alone, and makes every header itself") from error
        return await self._carrier.after(before)

    async def receipt(self, text: str) -> str:
        acknowledged = self._carrier.simulator.counters.receipts_acknowledged
        await self._broker.enqueue(_aiosmpplib_submit(text, receipt=True))
        await until(lambda: self._delivered(receipt=True))
        await self._carrier.acknowledged(acknowledged + 1)
        return str(self._delivered(receipt=True)[-1].parse_receipt()["stat"])

    async def inbound(self, text: str) -> list[str]:
        before = len(self._delivered(receipt=False))
        await self._carrier.inject(text)
        await until(lambda: len(self._delivered(receipt=False)) > before)
        return [message.short_message for message in self._delivered(receipt=False)[before:]]

    async def leave(self) -> bool:
        await self.close()
        return await self._carrier.left()

    async def close(self) -> None:
        """The end of it, wherever it stands."""
        if self._running.done():
            return
        writer = self._esme._writer
        await self._esme.stop()
        await self._running
        if writer is not None:
            writer.close()  # it leaves its socket to the garbage collector

    def _delivered(self, *, receipt: bool) -> list[Any]:
        came = [one for one in self._hook.messages if isinstance(one, aiosmpplib.DeliverSm)]
        return [one for one in came if one.is_receipt() == receipt]


def _aiosmpplib_submit(content: str | bytes, *, receipt: bool) -> Any:
    """A submit_sm in its words. With the UDHI flag it makes headers where several parts are needed."""
    international = aiosmpplib.TON.INTERNATIONAL, aiosmpplib.NPI.ISDN
    return aiosmpplib.SubmitSm(
        short_message=content,
        source=aiosmpplib.PhoneNumber(SENDER, *international),
        destination=aiosmpplib.PhoneNumber(PHONE, *international),
        esm_class=EsmClass.UDHI,
        registered_delivery=int(receipt),
        auto_message_payload=False,
    )


class KannelAtCarrier:
    """A `Pair` with Kannel: HTTP is all that the tests speak with it."""

    def __init__(self, carrier: Carrier, boxes: Kannel) -> None:
        self._carrier = carrier
        self._boxes = boxes

    def bound_as(self) -> str:
        return self._carrier.bound_as()

    async def text(self, text: str, flash: bool = False) -> list[Submitted]:
        before = len(self._carrier.submits)
        ucs2 = any(ord(sign) > 0xFF and sign != "\u20ac" for sign in text)
        more = {"coding": "2"} if ucs2 else {}
        if flash:
            more["mclass"] = "0"
        await self._boxes.send(PHONE, SENDER, text, charset="UTF-8", **more)
        return await self._carrier.after(before, 2 if len(text) > 160 else 1)

    async def binary(self, header: bytes, data: bytes) -> list[Submitted]:
        before = len(self._carrier.submits)
        await self._boxes.send(PHONE, SENDER, data, udh=header, coding="1")
        return await self._carrier.after(before)

    async def receipt(self, text: str) -> str:
        counters = self._carrier.simulator.counters
        before = len(self._boxes.reports)
        await self._boxes.send(PHONE, SENDER, text)
        await until(lambda: len(self._boxes.reports) > before)
        await until(lambda: counters.receipts_acknowledged == counters.receipts)
        return {DELIVERED: "DELIVRD"}[self._boxes.reports[-1]]

    async def inbound(self, text: str) -> list[str]:
        before = len(self._boxes.inbound)
        await self._carrier.inject(text)
        await until(lambda: len(self._boxes.inbound) > before)
        return self._boxes.inbound[before:]

    async def leave(self) -> bool:
        await self._boxes.stop()
        return await self._carrier.left()


@asynccontextmanager
async def _listening() -> AsyncIterator[Carrier]:
    carrier = Carrier()
    await carrier.simulator.start()
    try:
        yield carrier
    finally:
        await carrier.simulator.stop()


@asynccontextmanager
async def smpplib_at_carrier(_: Path) -> AsyncIterator[Pair]:
    """A bound smpplib."""
    async with _listening() as carrier:
        pair = SmpplibAtCarrier(carrier)
        try:
            await asyncio.to_thread(pair.bind)
            yield pair
        finally:
            pair.close()


@asynccontextmanager
async def aiosmpplib_at_carrier(_: Path) -> AsyncIterator[Pair]:
    """A bound aiosmpplib."""
    async with _listening() as carrier:
        pair = AiosmpplibAtCarrier(carrier)
        try:
            await until(lambda: carrier.simulator.counters.binds)
            yield pair
        finally:
            await pair.close()


@asynccontextmanager
async def kannel_at_carrier(folder: Path) -> AsyncIterator[Pair]:
    """A bound Kannel."""
    async with _listening() as carrier, kannel(folder, carrier.simulator.port) as boxes:
        await until(lambda: carrier.simulator.counters.binds)
        yield KannelAtCarrier(carrier, boxes)
