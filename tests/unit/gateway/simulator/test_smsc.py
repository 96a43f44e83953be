"""The simulated carrier over TCP, met by the product's own client: answers, receipts, inbound, faults."""

import pytest

from gateway.simulator import FinalState, InboundSchedule, Profile, Rule, Share, Simulator, Submit
from routing.payloads import read
from smpp.constants import Status
from smpp.errors import BindRefusedError
from smpp.pdu import BindReceiver, BindTransceiver, BindTransmitter, DataSm, QuerySm
from tests.unit.gateway.simulator.recording_esme import RecordingEsme, bind, bound, quick, running, until


async def test_a_message_is_taken_answered_and_receipted() -> None:
    submits: list[Submit] = []
    async with bound(on_submit=submits.append) as (simulator, esme):
        esme.submit(short_message=b"hi there")
        await until(lambda: simulator.counters.receipts_acknowledged == 1)
        assert esme.events == ["answer", "delivery"]
        assert esme.answers[0].message_id == "1000" == esme.receipts[0].ref
        assert (submits[0].text, submits[0].system_id, submits[0].message_id) == ("hi there", "esme", "1000")


async def test_ids_of_two_runs_differ() -> None:
    assert Simulator()._number != 0


@pytest.mark.parametrize(
    ("registered", "state", "receipts"),
    [
        (0, FinalState.DELIVRD, 0),
        (1, FinalState.DELIVRD, 1),
        (2, FinalState.DELIVRD, 0),
        (2, FinalState.UNDELIV, 1),
        (0x11, FinalState.DELIVRD, 1),
    ],
)
async def test_a_receipt_comes_when_asked_for(registered: int, state: FinalState, receipts: int) -> None:
    async with bound(quick(outcomes=[{"state": state, "percent": 100}])) as (simulator, esme):
        esme.submit(registered_delivery=registered)
        esme.submit("2", registered_delivery=1)
        await until(lambda: simulator.counters.receipts_acknowledged == receipts + 1)
        assert len(esme.receipts) == receipts + 1


async def test_a_late_answer_is_still_before_its_receipt() -> None:
    async with bound(quick(answer_delay_s=0.02)) as (_, esme):
        esme.submit()
        await until(lambda: bool(esme.receipts))
        assert esme.events == ["answer", "delivery"]


async def test_final_states_and_errors_are_those_of_the_profile() -> None:
    share = Share(state=FinalState.UNDELIV, err="013", percent=100)
    async with bound(quick(outcomes=[share])) as (_, esme):
        esme.submit()
        await until(lambda: bool(esme.receipts))
        assert (esme.receipts[0].word, esme.receipts[0].error) == ("UNDELIV", "013")


async def test_refusals_carry_their_status_and_no_id() -> None:
    async with bound(quick(rules=[Rule(to="7", status=0x0B)])) as (simulator, esme):
        esme.submit("1207")
        await until(lambda: bool(esme.answers))
        assert (esme.answers[0].status, esme.answers[0].message_id) == (Status.ESME_RINVDSTADR, "")
        assert simulator.counters.refused == {0x0B: 1}
        assert simulator.pending == 0


async def test_data_sm_is_taken_too() -> None:
    async with bound() as (simulator, esme):
        assert esme.client is not None
        pdu = DataSm(source_addr="1", destination_addr="2", registered_delivery=1, tlvs={0x0424: b"payload"})
        esme.client._transport.write(_framed(pdu))  # type: ignore[union-attr]
        await until(lambda: simulator.counters.receipts_acknowledged == 1)
        assert esme.receipts[0].text == "payload"


async def test_what_is_not_offered_is_refused() -> None:
    async with bound() as (simulator, esme):
        assert esme.client is not None
        esme.client._transport.write(_framed(QuerySm(message_id="1", source_addr="2")))  # type: ignore[union-attr]
        esme.submit()
        await until(lambda: simulator.counters.receipts_acknowledged == 1)
        assert esme.client.session.counters.unknown_answers == 1


async def test_a_delivery_that_is_answered_with_an_error_comes_again() -> None:
    async with bound() as (simulator, esme):
        esme.ack_status = Status.ESME_RX_T_APPN
        esme.submit()
        await until(lambda: simulator.counters.receipts_refused == 2)
        esme.ack_status = 0
        await until(lambda: simulator.counters.receipts_acknowledged == 1)
        assert len({receipt.ref for receipt in esme.receipts}) == 1


async def test_an_unanswered_receipt_comes_again_by_the_next_connection() -> None:
    async with running() as simulator:
        silent = RecordingEsme(ack_status=None)
        client = await bind(simulator, silent)
        silent.submit("1")
        silent.submit("2")
        await until(lambda: len(silent.receipts) == 2)
        client.abort("gone")
        await client.wait_closed()
        await until(lambda: simulator.undelivered == 2)
        heir = RecordingEsme()
        await bind(simulator, heir)
        await until(lambda: simulator.counters.receipts_acknowledged == 2)
        assert [one.ref for one in heir.receipts] == [one.ref for one in silent.receipts]


async def test_the_window_for_deliveries_is_kept() -> None:
    async with running(quick(window=2)) as simulator:
        silent = RecordingEsme(ack_status=None)
        await bind(simulator, silent)
        for number in range(5):
            silent.submit(str(number))
        await until(lambda: len(silent.answers) == 5 and simulator.pending == 0)
        await until(lambda: simulator.undelivered == 3 and len(silent.deliveries) == 2)
        silent.acknowledge(silent.deliveries[0])
        await until(lambda: len(silent.deliveries) == 3)


async def test_receipts_go_only_where_they_can_be_received() -> None:
    async with running() as simulator:
        sender, receiver = RecordingEsme(), RecordingEsme()
        await bind(simulator, sender, BindTransmitter(system_id="esme"))
        sender.submit()
        await until(lambda: simulator.undelivered == 1)
        await bind(simulator, receiver, BindReceiver(system_id="esme"))
        await until(lambda: simulator.counters.receipts_acknowledged == 1)
        assert (len(sender.deliveries), len(receiver.receipts)) == (0, 1)


async def test_another_system_id_gets_nothing_of_it() -> None:
    async with running() as simulator:
        other, esme = RecordingEsme(), RecordingEsme()
        await bind(simulator, other, BindTransceiver(system_id="other"))
        await bind(simulator, esme)
        esme.submit()
        await until(lambda: simulator.counters.receipts_acknowledged == 1)
        assert (len(other.deliveries), len(esme.deliveries)) == (0, 1)


@pytest.mark.parametrize(
    ("profile", "status"),
    [
        (Profile(system_id="other"), Status.ESME_RINVSYSID),
        (Profile(password="other"), Status.ESME_RINVPASWD),
        (Profile(refuse_binds=1, bind_status=Status.ESME_RALYBND), Status.ESME_RALYBND),
    ],
)
async def test_a_bind_is_refused_with_its_reason(profile: Profile, status: Status) -> None:
    async with running(profile) as simulator:
        with pytest.raises(BindRefusedError) as caught:
            await bind(simulator, RecordingEsme())
        assert caught.value.status == status
        assert (simulator.counters.binds, simulator.counters.binds_refused) == (0, 1)


async def test_the_right_name_and_password_are_let_in() -> None:
    async with bound(quick(system_id="esme", password="secret")) as (simulator, _):
        assert (simulator.counters.binds, simulator.connections) == (1, 1)


async def test_an_inbound_message_comes_in_parts() -> None:
    async with bound() as (simulator, esme):
        text = "A long text. " * 20
        assert simulator.inject("+12025550100", "+447700900999", text) == 2
        await until(lambda: simulator.counters.inbound_acknowledged == 2)
        contents = [read(pdu.short_message, pdu.data_coding, True).text for pdu in esme.deliveries]
        assert "".join(filter(None, contents)) == text


async def test_an_inbound_message_waits_for_somebody_to_bind() -> None:
    async with running() as simulator:
        simulator.inject("+12025550100", "+447700900999", "hello")
        assert simulator.undelivered == 1
        esme = RecordingEsme()
        await bind(simulator, esme)
        await until(lambda: simulator.counters.inbound_acknowledged == 1)
        assert esme.deliveries[0].short_message == b"hello"


async def test_an_inbound_message_can_be_for_one_of_several() -> None:
    async with running() as simulator:
        first, second = RecordingEsme(), RecordingEsme()
        await bind(simulator, first, BindTransceiver(system_id="first"))
        await bind(simulator, second, BindTransceiver(system_id="second"))
        simulator.inject("+12025550100", "+447700900999", "hello", system_id="second")
        await until(lambda: simulator.counters.inbound_acknowledged == 1)
        assert (len(first.deliveries), len(second.deliveries)) == (0, 1)


async def test_inbound_messages_come_on_schedule() -> None:
    schedule = InboundSchedule(sender="+12025550100", recipient="55555", text="tick", every_s=0.01, times=3)
    async with bound(quick(inbound=[schedule])) as (simulator, esme):
        await until(lambda: simulator.counters.inbound_acknowledged == 3 and simulator.pending == 0)
        assert [pdu.short_message for pdu in esme.deliveries] == [b"tick"] * 3


async def test_the_magic_number_replies_stop() -> None:
    async with bound() as (simulator, esme):
        esme.submit("12025550006")
        await until(lambda: simulator.counters.inbound_acknowledged == 1)
        receipt, reply = esme.deliveries
        assert b"stat:DELIVRD" in receipt.short_message
        assert (reply.short_message, reply.source_addr) == (b"STOP", "12025550006")
        assert reply.destination_addr == "447700900999"


async def test_an_unanswered_message_was_taken() -> None:
    async with bound() as (_, esme):
        esme.submit("12025550009", tag="first")
        esme.submit("12025550009", tag="second")
        await until(lambda: len(esme.receipts) == 2)
        assert [answer.tag for answer in esme.answers] == ["second"]


async def test_a_message_lost_with_its_connection_was_taken() -> None:
    async with running() as simulator:
        esme = RecordingEsme()
        await bind(simulator, esme)
        esme.submit("12025550010")
        await until(lambda: bool(esme.closings))
        assert (esme.lost_tags, esme.answers) == (["12025550010"], [])
        heir = RecordingEsme()
        await bind(simulator, heir)
        await until(lambda: heir.words == ["DELIVRD"])


async def test_it_goes_on_after_a_stop_with_what_was_left() -> None:
    simulator = Simulator(quick())
    await simulator.start()
    silent, heir = RecordingEsme(ack_status=None), RecordingEsme()
    await bind(simulator, silent)
    silent.submit()
    await until(lambda: bool(silent.receipts))
    port = simulator.port
    await simulator.stop()
    await simulator.start(port=port)
    await bind(simulator, heir)
    await until(lambda: simulator.counters.receipts_acknowledged == 1)
    await simulator.stop()


async def test_every_connection_can_be_cut() -> None:
    async with bound() as (simulator, esme):
        assert simulator.drop_connections() == 1
        await until(lambda: bool(esme.closings))
        await until(lambda: simulator.connections == 0)


def _framed(pdu: DataSm | QuerySm) -> bytes:
    from smpp.codec import encode

    pdu.sequence = 99
    return encode(pdu)
