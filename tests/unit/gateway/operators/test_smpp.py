"""The SMPP operator over loopback: messages as submit_sm parts, and a carrier's words as the core's."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.message import Message
from gateway.domain.outcome import (
    Accepted,
    Doubt,
    NextRoute,
    Outcome,
    Part,
    Refused,
    SessionFault,
    Throttled,
)
from gateway.domain.receipt import Inbound, Receipt
from gateway.domain.words import PartState, Priority, Reason
from gateway.errors import OperatorError
from gateway.metrics import Metrics
from gateway.operators.smpp import UNWRITTEN_EVERY_S, Config, SmppOperator, make, pool_config
from gateway.operators.wiring import Wiring
from smpp.codec import decode_body
from smpp.constants import CommandId, EsmClass, Status, Tag
from smpp.pdu import DeliverSm, SubmitSm
from tests.unit.gateway.services.rig import NOW, OURS, PHONE, Journal
from tests.unit.smpp.scripted import Carrier, Told, carrier, receipt_of


class FullJournal(Journal):
    """On a disk that is full."""

    def written(self, parts: Sequence[Part]) -> None:
        raise OSError(errno.ENOSPC, "the flight journal in /var: No space left on device")


class Gateway(Told):
    """The operator's reports and outcomes, in the order in which they come."""

    def __init__(self) -> None:
        super().__init__()
        self.outcomes: list[tuple[Part, Outcome]] = []
        self.receipts: list[Receipt] = []
        self.inbounds: list[Inbound] = []
        self.acknowledges: list[Callable[[bool], bool]] = []
        self.changes: list[str] = []
        self.rooms = 0

    def outcome(self, part: Part, outcome: Outcome) -> None:
        self.outcomes.append((part, outcome))
        self.tell()

    def room(self, operator: str) -> None:
        self.rooms += 1
        self.tell()

    def receipt(self, receipt: Receipt, acknowledge: Callable[[bool], bool]) -> None:
        self.receipts.append(receipt)
        self.acknowledges.append(acknowledge)
        self.tell()

    def inbound(self, inbound: Inbound, acknowledge: Callable[[bool], bool]) -> None:
        self.inbounds.append(inbound)
        self.acknowledges.append(acknowledge)
        self.tell()

    def changed(self, operator: str) -> None:
        self.changes.append(operator)
        self.tell()


def a_config(**fields: Any) -> Config:
    """The operator alpha; `fields` as a file would say them."""
    values = {"id": "alpha", "kind": "smpp", "host": "127.0.0.1", "system_id": "esme", "password": "secret"}
    return Config.model_validate(values | fields)


def an_operator(
    may_write: Callable[[], bool] = lambda: True, holds: Callable[[], bool] = lambda: True, **fields: Any
) -> SmppOperator:
    """Not running."""
    return make(a_config(**fields), Wiring(Journal(), Metrics(), lambda: NOW, may_write, holds))


def a_message(body: str = "hello", **fields: Any) -> Message:
    """A message that waits for alpha."""
    message = Message(
        ids.new_id(NOW),
        "acme",
        Env.LIVE,
        "orchestrator",
        OURS,
        PHONE,
        body,
        1,
        Priority.TRANSACTIONAL,
        NOW,
        NOW + timedelta(hours=1),
        operator="alpha",
        attempts=1,
        concat_ref=0x1234,
    )
    for name, value in fields.items():
        setattr(message, name, value)
    return message


def submits(operator: SmppOperator, message: Message) -> list[SubmitSm]:
    """What its parts would be on the wire."""
    found = []
    for part in operator.parts(message):
        assert isinstance(part.payload, bytes)
        pdu = decode_body(CommandId.SUBMIT_SM, 0, 1, part.payload)
        assert isinstance(pdu, SubmitSm)
        found.append(pdu)
    return found


@asynccontextmanager
async def running(smsc: Carrier, gateway: Gateway, **fields: Any) -> AsyncIterator[SmppOperator]:
    """Bound, unless the carrier refuses."""
    operator = an_operator(port=smsc.server.port, **fields)
    task = asyncio.create_task(operator.run(gateway))
    try:
        if not smsc.script.bind_status:
            await gateway.until(lambda: operator.up and operator.room() > 0)
        yield operator
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture
async def smsc() -> AsyncIterator[Carrier]:
    async with carrier() as listening:
        yield listening


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


class TestParts:
    """A message as this carrier wants it: pure, from its configuration."""

    async def test_a_short_one(self) -> None:
        (pdu,) = submits(an_operator(), a_message())
        assert (pdu.source_addr, pdu.destination_addr) == (OURS[1:], PHONE[1:])
        assert (pdu.source_addr_ton, pdu.source_addr_npi) == (1, 1)
        assert (pdu.dest_addr_ton, pdu.dest_addr_npi) == (1, 1)
        assert (pdu.esm_class, pdu.data_coding, pdu.short_message) == (0, 0, b"hello")
        assert (pdu.registered_delivery, pdu.tlvs, pdu.service_type) == (1, {}, "")

    @pytest.mark.parametrize(
        ("sender", "wire", "ton", "npi"),
        [(OURS, OURS[1:], 1, 1), ("ACME", "ACME", 5, 0), ("60777", "60777", 3, 0)],
    )
    async def test_senders(self, sender: str, wire: str, ton: int, npi: int) -> None:
        (pdu,) = submits(an_operator(), a_message(sender=sender))
        assert (pdu.source_addr, pdu.source_addr_ton, pdu.source_addr_npi) == (wire, ton, npi)

    async def test_what_its_file_says(self) -> None:
        operator = an_operator(
            source_numbering={"international": "2/8", "alphanumeric": "2/8"},
            dest_numbering={"international": "0/6"},
            plus_sign=True,
            service_type="WAP",
        )
        (pdu,) = submits(operator, a_message())
        assert (pdu.source_addr_ton, pdu.source_addr_npi, pdu.dest_addr_ton, pdu.dest_addr_npi) == (
            2,
            8,
            0,
            6,
        )
        assert (pdu.source_addr, pdu.destination_addr, pdu.service_type) == (OURS, PHONE, "WAP")

    async def test_a_long_one_in_parts_with_a_header(self) -> None:
        operator = an_operator()
        message = a_message("x" * 400)
        parts = operator.parts(message)
        assert [(part.part, part.total, part.attempt) for part in parts] == [(1, 3, 1), (2, 3, 1), (3, 3, 1)]
        for number, pdu in enumerate(submits(operator, message), 1):
            assert pdu.esm_class == EsmClass.UDHI
            assert pdu.short_message[:6] == bytes([5, 0, 3, 0x34, 3, number])

    async def test_another_reference_at_the_next_operator(self) -> None:
        first, second = (
            submits(an_operator(), a_message("x" * 400, tried=tried))[0].short_message[3]
            for tried in ((), ("beta",))
        )
        assert first != second

    async def test_sar(self) -> None:
        (_, pdu, _) = submits(an_operator(split="sar"), a_message("x" * 400))
        assert pdu.esm_class == 0
        assert pdu.tlvs[Tag.SAR_MSG_REF_NUM] == b"\x12\x34"
        assert (pdu.tlvs[Tag.SAR_TOTAL_SEGMENTS], pdu.tlvs[Tag.SAR_SEGMENT_SEQNUM]) == (b"\x03", b"\x02")

    async def test_whole_in_message_payload(self) -> None:
        (pdu,) = submits(an_operator(split="message_payload"), a_message("x" * 400))
        assert (pdu.short_message, pdu.tlvs) == (b"", {Tag.MESSAGE_PAYLOAD: b"x" * 400})

    async def test_ucs2_and_flash(self) -> None:
        (pdu,) = submits(an_operator(), a_message("Привет"))
        assert (pdu.data_coding, pdu.short_message) == (8, "Привет".encode("utf-16-be"))
        (flash,) = submits(an_operator(), a_message(message_class=0))
        assert flash.data_coding == 0x10

    async def test_our_own_reference_for_carriers_that_bring_it_back(self) -> None:
        message = a_message("x" * 200)
        first, second = submits(an_operator(user_message_reference=True), message)
        for part, pdu in ((1, first), (2, second)):
            assert pdu.tlvs[Tag.USER_MESSAGE_REFERENCE] == ids.user_reference(message.id, part).to_bytes(
                2, "big"
            )

    @given(
        st.text(min_size=1, max_size=1600),
        st.sampled_from(["udh8", "udh16", "sar", "message_payload"]),
        st.sampled_from(["gsm7", "gsm7_packed", "latin1", "ascii", "utf8"]),
        st.sampled_from([OURS, "ACME", "60777"]),
        st.sampled_from([None, 0, 1, 2, 3]),
        st.integers(0, 0xFFFF),
    )
    def test_every_message_that_passes_the_gates_can_be_written(
        self, body: str, split: str, alphabet: str, sender: str, message_class: int | None, reference: int
    ) -> None:
        """A message that raised here would do so again after each start."""

        async def write() -> None:
            operator = an_operator(split=split, default_alphabet=alphabet, user_message_reference=True)
            message = a_message(body, sender=sender, message_class=message_class, concat_ref=reference)
            parts = operator.parts(message)
            assert [part.part for part in parts] == list(range(1, len(parts) + 1))
            assert {part.total for part in parts} == {len(parts)}
            assert all(len(pdu.short_message) <= 254 for pdu in submits(operator, message))

        asyncio.run(write())


class TestAnswers:
    """submit_sm_resp as outcomes."""

    async def test_taken(self, smsc: Carrier, gateway: Gateway) -> None:
        async with running(smsc, gateway) as operator:
            (part,) = operator.parts(a_message())
            operator.submit([part], gateway.outcome)
            await gateway.until(lambda: gateway.outcomes)
            assert gateway.outcomes == [(part, Accepted("id0"))]
            assert smsc.texts == ["hello"]

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (Status.ESME_RTHROTTLED, Throttled),
            (Status.ESME_RINVDSTADR, Refused),
            (Status.ESME_RINVSERTYP, NextRoute),
            (Status.ESME_RINVBNDSTS, SessionFault),
        ],
    )
    async def test_refused(self, smsc: Carrier, gateway: Gateway, status: Status, kind: type) -> None:
        smsc.script.statuses = [status]
        async with running(smsc, gateway) as operator:
            operator.submit(operator.parts(a_message()), gateway.outcome)
            await gateway.until(lambda: gateway.outcomes)
            assert type(gateway.outcomes[0][1]) is kind

    async def test_throttled_pauses_the_writing(self, smsc: Carrier, gateway: Gateway) -> None:
        smsc.script.statuses = [Status.ESME_RTHROTTLED]
        async with running(smsc, gateway) as operator:
            rooms = []

            def noted(part: Part, outcome: Outcome) -> None:
                rooms.append(operator.room())
                gateway.outcome(part, outcome)

            operator.submit(operator.parts(a_message()), noted)
            await gateway.until(lambda: gateway.outcomes)
            assert rooms == [0]  # already: what is given back now is not written again at once

    async def test_a_bind_that_is_none_is_bound_anew(self, smsc: Carrier, gateway: Gateway) -> None:
        smsc.script.statuses = [Status.ESME_RINVBNDSTS, Status.ESME_RINVBNDSTS]
        async with running(smsc, gateway, window=2) as operator:
            for _ in range(2):
                operator.submit(operator.parts(a_message()), gateway.outcome)
            await gateway.until(lambda: len(gateway.outcomes) == 2)
            await smsc.until(lambda: len(smsc.binds) == 2)
            await gateway.until(lambda: operator.up and operator.room() > 0)
            smsc.script.statuses = [Status.ESME_RINVBNDSTS]
            operator.submit(operator.parts(a_message()), gateway.outcome)
            await gateway.until(lambda: len(gateway.outcomes) == 3)
            assert operator.up  # not again within `reconnect_max_s`: it would not help
            assert len(smsc.binds) == 2

    async def test_a_lost_link_leaves_doubt_and_gives_back_the_rest(
        self, smsc: Carrier, gateway: Gateway
    ) -> None:
        smsc.script.answers = False
        async with running(smsc, gateway, window=1) as operator:
            parts = operator.parts(a_message("x" * 300))
            operator.submit(parts, gateway.outcome)
            await smsc.until(lambda: smsc.submits)
            smsc.script.bind_status = Status.ESME_RBINDFAIL
            smsc.cut()
            await gateway.until(lambda: len(gateway.outcomes) == 2)
            assert [(part.part, type(outcome)) for part, outcome in gateway.outcomes] == [
                (1, Doubt),
                (2, SessionFault),
            ]
            assert not operator.up

    async def test_the_journal_knows_before_the_carrier(self, smsc: Carrier, gateway: Gateway) -> None:
        journal = Journal()
        operator = make(
            a_config(port=smsc.server.port), Wiring(journal, Metrics(), lambda: NOW, lambda: True)
        )
        task = asyncio.create_task(operator.run(gateway))
        await gateway.until(lambda: operator.up and operator.room() > 0)
        message = a_message()
        operator.submit(operator.parts(message), gateway.outcome)
        await gateway.until(lambda: gateway.outcomes)
        assert journal.calls == [("written", [(message.id, 1, 1)])]
        task.cancel()
        await asyncio.wait([task])

    async def test_a_journal_that_is_full_is_told_of_now_and_then(
        self, smsc: Carrier, gateway: Gateway
    ) -> None:
        """Each part that waits makes the bind end: nobody is told each time, and nothing is sent."""
        now = NOW
        wiring = Wiring(FullJournal(), Metrics(), lambda: now, lambda: True)
        operator = make(a_config(port=smsc.server.port), wiring)
        task = asyncio.create_task(operator.run(gateway))
        with capture_logs() as logs:
            for number in range(1, 5):
                if number == 4:
                    now += timedelta(seconds=UNWRITTEN_EVERY_S)
                await gateway.until(lambda: operator.up and operator.room() > 0)
                operator.submit(operator.parts(a_message()), gateway.outcome)
                await gateway.until(lambda: len(gateway.outcomes) == number and not operator.up)  # noqa: B023
                operator.rebind()
        told = [line for line in logs if "flight journal" in line["event"]]
        assert [(line["log_level"], line["binds_ended"]) for line in told] == [("error", 1), ("error", 3)]
        assert told[0]["error"] == "the flight journal in /var: No space left on device"
        assert told[0]["operator"] == "alpha"
        assert smsc.submits == []
        assert all(isinstance(outcome, SessionFault) for _, outcome in gateway.outcomes)
        task.cancel()
        await asyncio.wait([task])

    async def test_held_while_too_much_is_unrecorded(self, smsc: Carrier, gateway: Gateway) -> None:
        allowed = True
        operator = an_operator(lambda: allowed, port=smsc.server.port)
        task = asyncio.create_task(operator.run(gateway))
        await gateway.until(lambda: operator.up and operator.room() > 0)
        allowed = False
        assert operator.room() == 0
        operator.submit(operator.parts(a_message()), gateway.outcome)
        seen = gateway.rooms
        allowed = True
        operator.kick()
        await gateway.until(lambda: gateway.outcomes and gateway.rooms > seen)
        task.cancel()
        await asyncio.wait([task])


def a_deliver(text: bytes = b"Hello", **fields: Any) -> DeliverSm:
    """A message from the usual phone."""
    values: dict[str, Any] = {
        "source_addr_ton": 1,
        "source_addr": PHONE[1:],
        "dest_addr_ton": 1,
        "destination_addr": OURS[1:],
        "short_message": text,
    }
    return DeliverSm(**(values | fields))


class TestFromTheCarrier:
    """deliver_sm as receipts and inbound messages."""

    async def test_a_receipt_names_the_message_s_own_numbers(self, smsc: Carrier, gateway: Gateway) -> None:
        smsc.script.receipts = True
        async with running(smsc, gateway) as operator:
            operator.submit(operator.parts(a_message()), gateway.outcome)
            await gateway.until(lambda: gateway.receipts)
            (receipt,) = gateway.receipts
            assert (receipt.operator, receipt.ref) == ("alpha", "id0")
            assert (receipt.sender, receipt.recipient) == (OURS, PHONE)
            assert (receipt.state, receipt.reason, receipt.error) == (
                PartState.DELIVERED,
                None,
                "DELIVRD err:000",
            )

    @pytest.mark.parametrize(("durable", "status"), [(True, 0), (False, Status.ESME_RX_T_APPN)])
    async def test_answered_when_it_is_durable(
        self, smsc: Carrier, gateway: Gateway, durable: bool, status: int
    ) -> None:
        async with running(smsc, gateway):
            smsc.latest.deliver(a_deliver(), "tag")
            await gateway.until(lambda: gateway.acknowledges)
            assert smsc.acknowledged == []
            assert gateway.acknowledges[0](durable) is True
            await smsc.until(lambda: smsc.acknowledged)
            assert smsc.acknowledged == [("tag", status)]

    async def test_an_answer_that_does_not_get_out_is_told(self, smsc: Carrier, gateway: Gateway) -> None:
        async with running(smsc, gateway) as operator:
            smsc.latest.deliver(a_deliver(), "tag")
            await gateway.until(lambda: gateway.acknowledges)
            smsc.script.bind_status = Status.ESME_RBINDFAIL
            smsc.cut()
            await gateway.until(lambda: not operator.up)
            assert gateway.acknowledges[0](True) is False

    @pytest.mark.parametrize(
        ("address", "ton", "expected"),
        [
            ("447700900123", 1, "+447700900123"),
            ("447700900123", 0, "+447700900123"),
            ("+447700900123", 0, "+447700900123"),
            ("00447700900123", 0, "+447700900123"),
            ("60777", 3, "60777"),
            ("60777", 1, "60777"),
            ("ACME", 5, "ACME"),
        ],
    )
    async def test_numbers(
        self, smsc: Carrier, gateway: Gateway, address: str, ton: int, expected: str
    ) -> None:
        async with running(smsc, gateway):
            smsc.latest.deliver(a_deliver(source_addr=address, source_addr_ton=ton), "tag")
            await gateway.until(lambda: gateway.inbounds)
            assert gateway.inbounds[0].sender == expected

    async def test_a_text_and_its_parts(self, smsc: Carrier, gateway: Gateway) -> None:
        async with running(smsc, gateway):
            header = bytes([5, 0, 3, 0x77, 2, 1])
            smsc.latest.deliver(a_deliver(header + b"part one", esm_class=EsmClass.UDHI), "udh")
            sar = {
                Tag.SAR_MSG_REF_NUM: b"\x01\x02",
                Tag.SAR_TOTAL_SEGMENTS: b"\x03",
                Tag.SAR_SEGMENT_SEQNUM: b"\x02",
            }
            smsc.latest.deliver(a_deliver(b"part two", tlvs=sar), "sar")
            smsc.latest.deliver(a_deliver("Привет".encode("utf-16-be"), data_coding=8), "ucs2")
            smsc.latest.deliver(a_deliver(b"", tlvs={Tag.MESSAGE_PAYLOAD: b"whole"}), "payload")
            smsc.latest.deliver(a_deliver(b"\x01\xff", data_coding=4), "binary")
            await gateway.until(lambda: len(gateway.inbounds) == 5)
            found = [(i.body, i.concat_ref, i.concat_total, i.concat_part, i.data) for i in gateway.inbounds]
            assert found == [
                ("part one", 0x77, 2, 1, None),
                ("part two", 0x0102, 3, 2, None),
                ("Привет", None, 1, 1, None),
                ("whole", None, 1, 1, None),
                ("01ff", None, 1, 1, b"\x01\xff"),
            ]
            assert {(i.sender, i.recipient) for i in gateway.inbounds} == {(PHONE, OURS)}

    async def test_a_fingerprint_is_that_of_all_fields(self, smsc: Carrier, gateway: Gateway) -> None:
        variants: list[dict[str, Any]] = [
            {},
            {"source_addr": "447700900124"},
            {"destination_addr": "447700900998"},
            {"short_message": b"other"},
            {"data_coding": 3},
            {"service_type": "WAP"},
            {"esm_class": EsmClass.REPLY_PATH},
            {"tlvs": {0x1400: b"x"}},
            {"protocol_id": 1},
        ]
        async with running(smsc, gateway):
            for fields in [*variants, {}]:
                smsc.latest.deliver(a_deliver(**fields), "tag")
            await gateway.until(lambda: len(gateway.inbounds) == len(variants) + 1)
            prints = [inbound.fingerprint for inbound in gateway.inbounds]
            assert prints[0] == prints[-1]
            assert len(set(prints)) == len(variants)

    async def test_the_operator_s_own_errors(self, smsc: Carrier, gateway: Gateway) -> None:
        async with running(smsc, gateway, error_reasons={"011": "blocked"}):
            for error in ("011", "11", "012"):
                receipt = receipt_of(SubmitSm(source_addr=OURS[1:], destination_addr=PHONE[1:]), "x1")
                text = receipt.short_message.replace(b"DELIVRD err:000", b"UNDELIV err:" + error.encode())
                receipt.short_message, receipt.tlvs = text, {}
                smsc.latest.deliver(receipt, "tag")
            await gateway.until(lambda: len(gateway.receipts) == 3)
            assert [(r.state, r.reason) for r in gateway.receipts] == [
                (PartState.UNDELIVERABLE, Reason.BLOCKED),
                (PartState.UNDELIVERABLE, Reason.BLOCKED),
                (PartState.FAILED, Reason.CARRIER_ERROR),
            ]


class TestLife:
    """Binds that come and go."""

    async def test_up_and_down_are_told_once(self, smsc: Carrier, gateway: Gateway) -> None:
        async with running(smsc, gateway, binds=3, window=4) as operator:
            await gateway.until(lambda: [s["state"] for s in operator.states()] == ["bound"] * 3)
            assert (gateway.changes, operator.window) == (["alpha"], 12)
            smsc.script.bind_status = Status.ESME_RBINDFAIL
            smsc.cut()
            await gateway.until(lambda: not operator.up)
            assert (gateway.changes, operator.room()) == (["alpha"] * 2, 0)

    async def test_states_for_people(self, smsc: Carrier, gateway: Gateway) -> None:
        smsc.script.answers = False
        async with running(smsc, gateway, window=5) as operator:
            operator.submit(operator.parts(a_message()), gateway.outcome)
            await smsc.until(lambda: smsc.submits)
            (state,) = operator.states()
            assert (state["bind"], state["state"], state["window_used"], state["window"]) == (
                0,
                "bound",
                1,
                5,
            )
            assert (state["last_error"], state["reconnect_at"]) == (None, None)
            assert (state["host"], state["port"]) == ("127.0.0.1", smsc.server.port)

    async def test_rebind(self, smsc: Carrier, gateway: Gateway) -> None:
        async with running(smsc, gateway) as operator:
            operator.rebind()
            await smsc.until(lambda: len(smsc.binds) == 2)

    async def test_the_drain_lets_answers_come(self, smsc: Carrier, gateway: Gateway) -> None:
        smsc.script.answers = False
        async with running(smsc, gateway) as operator:
            operator.submit(operator.parts(a_message()), gateway.outcome)
            await smsc.until(lambda: smsc.submits)
            draining = asyncio.create_task(operator.drain(20.0))
            await asyncio.sleep(0)
            assert operator.room() == 0
            smsc.answer_all()
            await draining
            assert [type(outcome) for _, outcome in gateway.outcomes] == [Accepted]
            assert not operator.up

    async def test_a_late_answer_follows_a_doubt(self, smsc: Carrier, gateway: Gateway) -> None:
        smsc.script.answers = False
        async with running(smsc, gateway, response_timeout_s=1, timeouts_in_a_row=9) as operator:
            operator.submit(operator.parts(a_message()), gateway.outcome)
            await gateway.until(lambda: gateway.outcomes)
            smsc.answer_all()
            await gateway.until(lambda: len(gateway.outcomes) == 2)
            assert [type(outcome) for _, outcome in gateway.outcomes] == [Doubt, Accepted]


class TestConfig:
    """What the pool is given."""

    def test_a_password_whose_file_nobody_has_read(self, tmp_path: Path) -> None:
        """It would bind with none."""
        values = {
            "id": "alpha",
            "host": "127.0.0.1",
            "system_id": "esme",
            "password_file": tmp_path / "password",
        }
        with pytest.raises(ValueError, match="password_file is read by who reads the configuration"):
            Config.model_validate(values)
        assert pool_config(Config.model_validate(values | {"password": "read"})).password == "read"

    def test_a_certificate_that_is_none(self, tmp_path: Path) -> None:
        file = tmp_path / "ca.pem"
        file.write_text("no certificate")
        with pytest.raises(OperatorError, match="operator alpha"):
            pool_config(a_config(tls=True, tls_ca_file=str(file)))
        with pytest.raises(OperatorError, match=r"operator alpha: .*No such file"):
            pool_config(a_config(tls=True, tls_cert_file=str(tmp_path / "nowhere")))

    def test_a_password_is_not_shown(self) -> None:
        config = a_config(
            outbind_listen="127.0.0.1:0", outbind_system_id="smsc", outbind_password="secret too"
        )
        assert "secret" not in repr(config)
        assert "secret" not in repr(pool_config(config))

    @pytest.mark.parametrize("key", ["0x58", "ESME_RTHROTTLED", "88", 88])
    def test_a_status_as_people_write_it(self, key: object) -> None:
        assert a_config(status_classes={key: "fail"}).status_classes == {0x58: "fail"}

    def test_what_is_no_status(self) -> None:
        with pytest.raises(ValueError, match="write 0x58 or ESME_RTHROTTLED"):
            a_config(status_classes={"THROTTLED": "fail"})


# --- some of its binds, and for how long


async def test_window_and_rate_are_those_of_the_binds_that_it_holds(smsc: Carrier, gateway: Gateway) -> None:
    async with running(smsc, gateway, binds=4, window=5, rate_per_s=40) as operator:
        assert (operator.binds, operator.window) == (4, 20)
        seen = len(gateway.changes)
        operator.hold({1, 3})
        assert operator.window == 10
        assert len(gateway.changes) > seen
        await gateway.until(lambda: operator.holding() == {1, 3})
        assert operator.states()[0]["rate_per_s"] == 20


async def test_past_the_lease_nothing_is_written_and_the_link_ends(smsc: Carrier, gateway: Gateway) -> None:
    lease = [True]
    async with running(smsc, gateway, holds=lambda: lease[0]) as operator:
        part, late = operator.parts(a_message()) + operator.parts(a_message("late"))
        smsc.script.answers = False
        operator.submit([part], gateway.outcome)
        await smsc.until(lambda: smsc.submits)
        operator.submit([late], gateway.outcome)
        lease[0] = False
        await gateway.until(lambda: len(gateway.outcomes) == 2)
        assert gateway.outcomes[0] == (part, Doubt("the link was lost before the answer"))
        assert gateway.outcomes[1] == (late, SessionFault("the link was lost before it was written"))
        assert smsc.texts == ["hello"]


class TestPace:
    """The rates of its configuration, as its pool and the dispatcher ask them."""

    async def test_a_sender_s_rate_lets_others_pass(self, smsc: Carrier, gateway: Gateway) -> None:
        async with running(smsc, gateway, rate_per_sender_per_s=0.001) as operator:
            first, second = a_message("one"), a_message("two")
            other = a_message("other")
            other.sender = "BETA"
            for message, goes in [(first, True), (second, False), (other, True)]:
                parts = operator.parts(message)
                hold = operator.admit(message, parts)
                assert (hold is None) is goes
                if hold is None:
                    operator.submit(parts, gateway.outcome)
            await gateway.until(lambda: len(gateway.outcomes) == 2)
            assert smsc.texts == ["one", "other"]
            assert operator.states()[0]["waits_for"] == f"sender {first.sender}"

    async def test_parts_that_come_back_unwritten_hold_nobody(self, smsc: Carrier, gateway: Gateway) -> None:
        """The rest of a long message waits for its sender's rate as its link goes: the sender is free again."""
        async with running(
            smsc, gateway, rate_per_sender_per_s=0.001, rate_per_prefix={"+44": 500}
        ) as operator:
            message = a_message("x" * 400)
            parts = operator.parts(message)
            assert operator.admit(message, parts) is None
            operator.submit(parts, gateway.outcome)
            await smsc.until(lambda: smsc.submits)
            smsc.cut()
            await gateway.until(lambda: len(gateway.outcomes) == 3)
            assert [part.pace for part in parts] == [None, None, None]
            assert not operator._pace._pacer._promised

    async def test_what_is_counted_is_told(self, smsc: Carrier, gateway: Gateway) -> None:
        smsc.script.statuses = [Status.ESME_RTHROTTLED]
        smsc.script.tlvs = {Tag.CONGESTION_STATE: b"\x32"}
        async with running(smsc, gateway, rate_per_s=50) as operator:
            operator.submit(operator.parts(a_message()), gateway.outcome)
            await gateway.until(lambda: gateway.outcomes)
            operator._show()
            metrics = operator._metrics
            assert metrics.throttle_pauses.value("alpha") == 1
            assert metrics.congestion_state.value("alpha") == 50
            assert metrics.pace_per_s.value("alpha") == 25
