"""The rest of SMPP over TCP: questions, submit_multi, data_sm, alerts, outbind, and pairs of binds."""

from __future__ import annotations

import asyncio

import pytest

from gateway.simulator import FinalState, Rule
from gateway.simulator.command import outbind
from smpp.codec import encode
from smpp.constants import MessageState, Status, Tag
from smpp.pdu import (
    BindReceiver,
    BindTransmitter,
    CancelSm,
    CancelSmResp,
    DistributionList,
    Outbind,
    Pdu,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    ReplaceSmResp,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
)
from tests.unit.gateway.simulator.recording_esme import RecordingEsme, bind, bound, quick, running, until

SENDER = "447700900999"


async def ask(esme: RecordingEsme, question: Pdu) -> Pdu:
    """Its answer."""
    assert esme.client is not None
    answer: asyncio.Future[Pdu | None] = asyncio.get_running_loop().create_future()
    esme.client.ask(question, answer.set_result)
    async with asyncio.timeout(5):
        pdu = await answer
    assert pdu is not None
    return pdu


async def test_a_message_can_be_asked_for() -> None:
    async with bound(quick(receipts=False, rules=[Rule(to="7", state=FinalState.UNDELIV, err="013")])) as (
        simulator,
        esme,
    ):
        esme.submit("120255507")
        await until(lambda: bool(esme.answers))
        reply = await ask(esme, QuerySm(message_id="1000", source_addr=SENDER))
        assert isinstance(reply, QuerySmResp)
        assert (reply.message_id, reply.message_state, reply.error_code) == (
            "1000",
            MessageState.UNDELIVERABLE,
            13,
        )
        assert simulator.counters.questions == 1


async def test_a_cancelled_message_ends_with_a_receipt_that_says_so() -> None:
    async with bound(quick(receipt_delay_min_s=3600, receipt_delay_max_s=3600)) as (_, esme):
        esme.submit()
        await until(lambda: bool(esme.answers))
        reply = await ask(esme, CancelSm(message_id="1000", source_addr=SENDER))
        assert (type(reply), reply.status) == (CancelSmResp, 0)
        await until(lambda: bool(esme.receipts))
        assert esme.words == ["DELETED"]


async def test_a_replaced_message_is_delivered_with_its_new_text() -> None:
    async with bound(quick(receipt_delay_min_s=0.05, receipt_delay_max_s=0.05)) as (_, esme):
        esme.submit()
        await until(lambda: bool(esme.answers))
        replaced = ReplaceSm(
            message_id="1000", source_addr=SENDER, registered_delivery=1, short_message=b"another"
        )
        reply = await ask(esme, replaced)
        assert (type(reply), reply.status) == (ReplaceSmResp, 0)
        await until(lambda: bool(esme.receipts))
        assert esme.receipts[0].text == "another"


async def test_a_carrier_that_knows_no_questions() -> None:
    async with bound(quick(questions=False)) as (simulator, esme):
        for question in (QuerySm(message_id="1"), CancelSm(message_id="1"), ReplaceSm(message_id="1")):
            assert (await ask(esme, question)).status == Status.ESME_RINVCMDID
        assert simulator.counters.questions == 0


async def test_submit_multi_reaches_each_and_says_whom_it_missed() -> None:
    async with bound(quick(rules=[Rule(to="9", status=Status.ESME_RINVDSTADR)])) as (simulator, esme):
        assert esme.client is not None
        multi = SubmitMulti(
            sequence=99,
            source_addr=SENDER,
            registered_delivery=1,
            short_message=b"to all",
            dest_addresses=(
                SmeAddress(dest_addr_ton=1, dest_addr_npi=1, destination_addr="12025550121"),
                SmeAddress(destination_addr="12025550122"),
                SmeAddress(dest_addr_ton=1, destination_addr="12025550129"),
                DistributionList(dl_name="friends"),
            ),
        )
        heard: list[SubmitMultiResp] = []
        esme.client.session._handlers[SubmitMultiResp] = heard.append
        esme.client._transport.write(encode(multi))  # type: ignore[union-attr]
        await until(lambda: simulator.counters.receipts_acknowledged == 2)
        (answer,) = heard
        assert (answer.sequence, answer.status, answer.message_id) == (99, 0, "1000")
        assert [(missed.destination_addr, missed.error_status_code) for missed in answer.unsuccess_smes] == [
            ("12025550129", Status.ESME_RINVDSTADR),
            ("friends", Status.ESME_RINVDLNAME),
        ]
        assert {one.ref for one in esme.receipts} == {"1000"}
        assert {one.destination for one in esme.receipts} == {"12025550121", "12025550122"}


async def test_receipts_and_messages_in_data_sm() -> None:
    async with bound(quick(data_sm=True)) as (simulator, esme):
        esme.submit()
        await until(lambda: simulator.counters.receipts_acknowledged == 1)
        assert (esme.words, esme.deliveries) == (["DELIVRD"], [])
        simulator.inject("+12025550123", "60777", "STOP")
        await until(lambda: simulator.counters.inbound_acknowledged == 1)
        assert esme.data_sms[-1].tlvs == {Tag.MESSAGE_PAYLOAD: b"STOP"}


async def test_an_alert_follows_a_submit() -> None:
    async with bound(quick(alert_every=2)) as (simulator, esme):
        esme.submit("1")
        esme.submit("2")
        await until(lambda: "alert 2" in esme.events)
        assert "alert 1" not in esme.events
        assert simulator.counters.alerts == 1


async def test_receipts_of_a_transmitter_go_to_a_receiver_of_its_name() -> None:
    async with running() as simulator:
        transmitter, receiver, stranger = RecordingEsme(), RecordingEsme(), RecordingEsme()
        await bind(simulator, stranger, BindReceiver(system_id="other"))
        await bind(simulator, transmitter, BindTransmitter(system_id="esme"))
        transmitter.submit("1")
        await until(lambda: simulator.undelivered == 1)
        client = await bind(simulator, receiver, BindReceiver(system_id="esme"))
        await until(lambda: simulator.counters.receipts_acknowledged == 1)
        client.abort("gone")
        await client.wait_closed()
        transmitter.submit("2")
        await until(lambda: simulator.undelivered == 1)
        assert transmitter.deliveries == stranger.deliveries == []
        heir = RecordingEsme()
        await bind(simulator, heir, BindReceiver(system_id="esme"))
        await until(lambda: simulator.counters.receipts_acknowledged == 2)
        assert (receiver.receipts[0].destination, heir.receipts[0].destination) == ("1", "2")


class Called(asyncio.Protocol):
    """An ESME that listens: takes down what comes."""

    def __init__(self) -> None:
        self.heard = b""

    def __call__(self) -> Called:
        return self

    def data_received(self, data: bytes) -> None:
        self.heard += data


async def test_an_esme_that_listens_is_called() -> None:
    called = Called()
    listener = await asyncio.get_running_loop().create_server(called, "127.0.0.1", 0)
    said: list[str] = []
    async with listener, running(quick(name="smsc", outbind_password="secret")) as simulator:
        port = listener.sockets[0].getsockname()[1]
        await outbind(simulator, f"127.0.0.1:{port}", said.append)
        expected = encode(Outbind(sequence=1, system_id="smsc", password="secret"))
        await until(lambda: called.heard == expected)
        assert simulator.counters.outbinds == 1
    assert said == [f"said outbind to 127.0.0.1:{port}"]


@pytest.mark.parametrize("address", ["127.0.0.1:1", "127.0.0.1:port"])
async def test_nobody_listens_for_an_outbind(address: str) -> None:
    said: list[str] = []
    async with running() as simulator:
        await outbind(simulator, address, said.append)
    (words,) = said
    assert words.startswith(f"no outbind to {address}: ")
