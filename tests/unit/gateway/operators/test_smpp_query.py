"""Parts whose receipt does not come: when they are asked for, and what becomes of the answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.domain.outcome import Accepted, Part
from gateway.domain.words import PartState, Reason
from gateway.metrics import Metrics
from gateway.operators import smpp_query
from gateway.operators.smpp_query import A_TURN, TRIES, Inquiry, Unreceipted
from smpp.codec import encode_submit_body
from smpp.constants import MessageState, Status
from smpp.errors import EncodeError
from smpp.pdu import GenericNack, Pdu, QuerySm, QuerySmResp, SubmitSm
from smpp.receipt import Habits
from smpp.receipt import Receipt as CarrierReceipt
from tests.unit.gateway.operators.test_smpp import Gateway, a_config, a_message
from tests.unit.gateway.operators.test_smpp_pairs import until, working
from tests.unit.gateway.services.rig import OURS, PHONE

SUBMIT = SubmitSm(source_addr_ton=5, source_addr="ACME", destination_addr=PHONE[1:])


def refs(parts: Unreceipted, now: float) -> list[str]:
    return [part.ref for part in parts.due(now)]


class TestWhen:
    """The memory: pure, with the time given."""

    def test_after_the_time_and_not_before(self) -> None:
        parts = Unreceipted(100.0)
        parts.accepted("a", SUBMIT, 0.0)
        parts.accepted("b", SUBMIT, 50.0)
        assert (refs(parts, 99.9), refs(parts, 100.0), refs(parts, 150.0)) == ([], ["a"], ["a", "b"])

    def test_not_when_its_receipt_has_come(self) -> None:
        parts = Unreceipted(100.0)
        parts.accepted("a", SUBMIT, 0.0)
        parts.receipted("a")
        parts.receipted("never seen")
        assert (refs(parts, 1e9), len(parts)) == ([], 0)

    def test_the_pauses_grow_and_end(self) -> None:
        parts = Unreceipted(100.0)
        parts.accepted("a", SUBMIT, 0.0)
        asked_at, now = [], 0.0
        for _ in range(10_000):
            now += 50.0
            for part in list(parts.due(now)):
                asked_at.append(now)
                parts.is_asked(part)
                parts.again(part, now)
        assert asked_at == [100.0 * (2**tries - 1) for tries in range(1, TRIES + 1)]
        assert len(parts) == 0

    def test_a_ref_that_comes_again_is_the_newer_part(self) -> None:
        parts = Unreceipted(100.0)
        parts.accepted("a", SUBMIT, 0.0)
        parts.accepted("a", SUBMIT, 60.0)
        assert (refs(parts, 150.0), refs(parts, 160.0)) == ([], ["a"])

    def test_memory_is_bounded_and_who_was_asked_most_goes_first(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(smpp_query, "REMEMBERED", 2)
        parts = Unreceipted(100.0)
        for ref in "ab":
            parts.accepted(ref, SUBMIT, 0.0)
        second = list(parts.due(100.0))[1]
        parts.is_asked(second)
        parts.again(second, 100.0)
        parts.accepted("c", SUBMIT, 100.0)
        assert (refs(parts, 1e9), parts.forgotten) == (["a", "c"], 1)


class Carrier:
    """Takes questions as a pool does; `full` after so many."""

    def __init__(self, full: int = 1000) -> None:
        self.full = full
        self.asked: list[tuple[QuerySm, Callable[[Pdu | None], None]]] = []

    def ask(self, pdu: Pdu, on_reply: Callable[[Pdu | None], None]) -> bool:
        assert isinstance(pdu, QuerySm)
        if "\0" in pdu.message_id:
            raise EncodeError("message_id", "has a NUL")
        if len(self.asked) >= self.full:
            return False
        self.asked.append((pdu, on_reply))
        return True


class Rig:
    """An inquiry with what it tells."""

    def __init__(self, **fields: Any) -> None:
        self.told: list[CarrierReceipt] = []
        self.settled: list[Callable[[bool], bool]] = []
        self.metrics = Metrics()
        config = a_config(query_after_s=100.0, **fields)
        self.inquiry = Inquiry(config, Habits(config.unknown_is_final), self.metrics, self.tell)

    def tell(self, receipt: CarrierReceipt, settled: Callable[[bool], bool]) -> None:
        self.told.append(receipt)
        self.settled.append(settled)

    def accepted(self, *refs: str) -> None:
        for ref in refs:
            part = Part(b"m", 1, 1, 1, encode_submit_body(SUBMIT))
            self.inquiry.accepted(part, ref, 0.0)

    def count(self, result: str) -> float:
        return self.metrics.queries.of("alpha", result).total


class TestAnswers:
    """What becomes of them."""

    def test_it_asks_with_the_address_as_it_was_written(self) -> None:
        rig, carrier = Rig(), Carrier()
        rig.accepted("7F")
        rig.inquiry.turn(carrier, 100.0)
        rig.inquiry.turn(carrier, 100.0)
        ((question, _),) = carrier.asked
        assert (question.message_id, question.source_addr, question.source_addr_ton) == ("7F", "ACME", 5)

    @pytest.mark.parametrize(
        ("state", "final", "unknown_is_final"),
        [
            (MessageState.DELIVERED, True, False),
            (MessageState.UNDELIVERABLE, True, False),
            (MessageState.EXPIRED, True, False),
            (MessageState.ENROUTE, False, False),
            (MessageState.ACCEPTED, False, False),
            (MessageState.UNKNOWN, False, False),
            (MessageState.UNKNOWN, True, True),
            (99, False, False),
        ],
    )
    def test_a_final_state_is_a_receipt(self, state: int, final: bool, unknown_is_final: bool) -> None:
        rig, carrier = Rig(unknown_is_final=unknown_is_final), Carrier()
        rig.accepted("7")
        rig.inquiry.turn(carrier, 100.0)
        carrier.asked[0][1](QuerySmResp(message_id="7", message_state=state, error_code=13))
        assert [(each.ref, each.error, each.source) for each in rig.told] == [("7", "13", "ACME")] * final
        assert (rig.count("final"), rig.count("not_yet")) == (final, not final)
        assert len(rig.inquiry.unreceipted) == (not final)

    @pytest.mark.parametrize(
        ("reply", "result"),
        [
            (None, "unanswered"),
            (QuerySmResp(status=Status.ESME_RQUERYFAIL), "refused"),
            (QuerySmResp(status=Status.ESME_RINVMSGID), "refused"),
            (QuerySmResp(), "refused"),  # a body that could not be read
        ],
    )
    def test_no_state_means_asking_again(self, reply: Pdu | None, result: str) -> None:
        rig, carrier = Rig(), Carrier()
        rig.accepted("7")
        for turn in range(1, TRIES + 1):
            rig.inquiry.turn(carrier, 1e6 * turn)
            carrier.asked.pop()[1](reply)
        assert (rig.count(result), rig.count("given_up"), rig.told) == (TRIES, 1, [])

    @pytest.mark.parametrize("refusal", [GenericNack, QuerySmResp])
    def test_a_carrier_that_does_not_know_the_question_is_not_asked_again(self, refusal: type[Pdu]) -> None:
        rig, carrier = Rig(), Carrier()
        rig.accepted("7", "8")
        rig.inquiry.turn(carrier, 100.0)
        for _, reply in carrier.asked:
            reply(refusal(status=Status.ESME_RINVCMDID))
        rig.accepted("9")
        rig.inquiry.turn(carrier, 1e9)
        assert (len(carrier.asked), len(rig.inquiry.unreceipted), rig.inquiry.known) == (2, 0, False)

    def test_a_store_that_is_down_means_asking_again(self) -> None:
        rig, carrier = Rig(), Carrier()
        rig.accepted("7")
        rig.inquiry.turn(carrier, 100.0)
        carrier.asked[0][1](QuerySmResp(message_id="7", message_state=MessageState.DELIVERED))
        assert rig.settled[0](False)
        rig.inquiry.turn(carrier, 299.0)
        assert len(carrier.asked) == 1
        rig.inquiry.turn(carrier, 300.0)
        assert len(carrier.asked) == 2

    def test_what_finds_no_room_is_asked_at_the_next_turn(self) -> None:
        rig, carrier = Rig(), Carrier(full=1)
        rig.accepted("1", "2", "3")
        rig.inquiry.turn(carrier, 100.0)
        carrier.full = 3
        rig.inquiry.turn(carrier, 101.0)
        assert [question.message_id for question, _ in carrier.asked] == ["1", "2", "3"]

    def test_a_turn_asks_a_few(self) -> None:
        rig, carrier = Rig(), Carrier()
        rig.accepted(*map(str, range(3 * A_TURN)))
        rig.inquiry.turn(carrier, 100.0)
        assert len(carrier.asked) == A_TURN

    def test_the_id_of_a_receipt_may_be_written_otherwise(self) -> None:
        rig, carrier = Rig(), Carrier()
        rig.accepted("1f")
        rig.inquiry.receipted("31")
        rig.inquiry.turn(carrier, 1e9)
        assert carrier.asked == []

    def test_an_id_that_can_not_be_written_is_let_go(self) -> None:
        rig, carrier = Rig(), Carrier()
        rig.accepted("a\0b", "", "7")
        rig.inquiry.turn(carrier, 100.0)
        assert [question.message_id for question, _ in carrier.asked] == ["7"]


class TestOverTcp:
    """With the simulated carrier."""

    async def test_a_lost_receipt_is_asked_for(self) -> None:
        gateway = Gateway()
        lost = {"receipts": False, "rules": [{"to": PHONE[-4:], "state": "UNDELIV", "err": "1"}]}
        async with working(gateway, lost, query_after_s=0.02, error_reasons={"1": "absent"}) as (
            simulator,
            operator,
        ):
            (part,) = operator.parts(a_message())
            operator.submit([part], gateway.outcome)
            await gateway.until(lambda: gateway.receipts)
            assert gateway.outcomes == [(part, Accepted("1000"))]
            (receipt,) = gateway.receipts
            assert (receipt.ref, receipt.sender, receipt.recipient) == ("1000", OURS, PHONE)
            assert (receipt.state, receipt.reason) == (PartState.FAILED, Reason.ABSENT)
            assert gateway.acknowledges[0](True)
            assert simulator.counters.questions == 1

    async def test_nothing_is_asked_where_the_receipt_comes(self) -> None:
        gateway = Gateway()
        async with working(gateway, {}, query_after_s=0.3) as (simulator, operator):
            operator.submit(operator.parts(a_message()), gateway.outcome)
            await gateway.until(lambda: gateway.receipts)
            inquiry = operator._inward.inquiry
            assert inquiry is not None
            await until(lambda: len(inquiry.unreceipted) == 0)
            inquiry.turn(operator._pool, 1e12)
            assert simulator.counters.questions == 0

    async def test_a_carrier_without_query_sm_keeps_its_bind(self) -> None:
        gateway = Gateway()
        async with working(gateway, {"receipts": False, "questions": False}, query_after_s=0.02) as (
            _,
            operator,
        ):
            operator.submit(operator.parts(a_message()), gateway.outcome)
            inquiry = operator._inward.inquiry
            assert inquiry is not None
            await until(lambda: not inquiry.known)
            assert operator.up
            assert gateway.receipts == []


def test_a_part_that_is_asked_no_receipt_for_is_not_asked_for() -> None:
    with pytest.raises(ValueError, match="query_after_s asks for receipts that have not come"):
        a_config(query_after_s=600.0, receipts="none")
