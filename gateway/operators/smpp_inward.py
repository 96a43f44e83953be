"""What comes from a carrier over SMPP: answers, receipts, messages from phones, links that come and go.

Each becomes one of the core's outcomes, receipts and inbound messages.
"""

from __future__ import annotations

import logging
from dataclasses import fields
from datetime import datetime, timedelta
from functools import lru_cache, partial
from hashlib import blake2b
from time import monotonic
from typing import Any

import structlog

from gateway.domain.outcome import Accepted, Doubt, Outcome, Part, SessionFault, Throttled
from gateway.domain.receipt import Inbound, Receipt
from gateway.metrics import Metrics
from gateway.operators.smpp_config import Config
from gateway.operators.smpp_pace import SmppPace
from gateway.operators.smpp_profile import Coding, receipt_groups
from gateway.operators.smpp_query import Inquiry
from gateway.operators.smpp_words import loss_of, outcome_of, state_of
from gateway.ports import Acknowledge, Clock, OnOutcome, Reports
from routing import numbers
from routing.numbers import MIN_E164_DIGITS
from routing.payloads import DefaultAlphabet, read
from routing.udh import Udh
from smpp.bind import BindPhase, BindRole, BindState
from smpp.client import Client
from smpp.constants import EsmClass, Status, Tag, status_name
from smpp.message_ids import IdRule, Learner
from smpp.pdu import AlertNotification, DataSm, DeliverSm, tlv_int
from smpp.pool import Pool
from smpp.receipt import Habits
from smpp.receipt import Receipt as CarrierReceipt
from smpp.receipt import parse as parse_receipt

log = structlog.get_logger("gateway.smpp")

_ROK = Status.ESME_ROK
_REFUSED = Status.ESME_RX_T_APPN  #: the carrier keeps it and sends it again (promise 3)


class FromCarrier:
    """The pool's reports, in the core's words. `pool` and `pace` are set once they exist."""

    pool: Pool
    pace: SmppPace

    def __init__(self, config: Config, metrics: Metrics, clock: Clock) -> None:
        self.config = config
        self._operator = config.id
        self.up = False
        self.reports: Reports | None = None
        self.on_outcome: OnOutcome | None = None
        self.inquiry: Inquiry | None = None
        self._metrics = metrics
        self._submit_seconds = metrics.submit_seconds.of(config.id)
        self._submits_ok = metrics.submits.of(config.id, status_name(_ROK))
        self._habits = Habits(
            config.unknown_is_final,
            receipt_groups(config.receipt_pattern) if config.receipt_pattern else None,
            config.receipt_states,
        )
        if config.query_after_s:
            self.inquiry = Inquiry(config, self._habits, metrics, self._receipt)
        # Once it is known how this carrier writes ids, nobody compares them any more.
        self._learner = Learner() if config.message_ids is IdRule.ANY else None
        self.learned: IdRule | None = None
        self._clock = clock
        self._bound: set[int] = set()  # of those that parts can be given to
        self._held: set[tuple[int, BindRole]] = set()  # bound, or closing and its end not told yet
        self._bound_anew: datetime | None = None
        self._error_reasons = {
            **config.error_reasons,
            **{key.lstrip("0"): reason for key, reason in config.error_reasons.items()},
        }

    def answered(self, tag: Any, status: int, message_id: str) -> None:
        """A submit_sm_resp."""
        self._submit_seconds.observe(monotonic() - tag.written_at)
        if status == 0:  # ESME_ROK, as nearly all
            self._submits_ok.total += 1
            if self._learner is not None:
                self._learner.answered(message_id)
            if self.inquiry is not None and tag.receipt:
                self.inquiry.accepted(tag, message_id, monotonic())
            assert self.on_outcome is not None  # a part has come through `SmppOperator.submit`
            self.on_outcome(tag, Accepted(message_id, tag.receipt))
            return
        self._metrics.submits.add(self._operator, status_name(status))
        outcome = outcome_of(status, self.config.status_classes, 1.0)
        if isinstance(outcome, Throttled):
            self.pool.slow_down()
        elif isinstance(outcome, SessionFault):
            self._bind_anew(outcome.error)
        self._outcome(tag, outcome)

    def _bind_anew(self, error: str) -> None:
        """The carrier takes a bind for something else than we do. Unbinding and binding mends that, or it is the
        carrier's to mend: not more often than the longest pause between tries to connect."""
        now = self._clock()
        if self._bound_anew is not None and now < self._bound_anew + timedelta(
            seconds=self.config.reconnect_max_s
        ):
            return
        self._bound_anew = now
        log.warning("bind refused a part, binding anew", operator=self.config.id, status=error)
        self.pool.rebind(None)

    def timed_out(self, tag: Any) -> None:
        """No answer in time: in doubt, until a late one comes."""
        self._metrics.submits.add(self.config.id, "no_answer")
        self._outcome(tag, Doubt(f"no answer within {self.config.response_timeout_s:g} s"))

    def lost(self, written: list[Any], unwritten: list[Any]) -> None:
        """A bind ended with these parts in its hands."""
        for tag in written:
            self._outcome(tag, Doubt("the link was lost before the answer"))
        self.pace.forget(unwritten)
        for tag in unwritten:
            self._outcome(tag, SessionFault("the link was lost before it was written"))

    def _outcome(self, part: Part, outcome: Outcome) -> None:
        assert self.on_outcome is not None  # a part has come through `SmppOperator.submit`
        self.on_outcome(part, outcome)

    def room(self) -> None:
        """A slot, a token or a bind is free again."""
        if self.reports is not None:
            self.reports.room(self.config.id)

    def bind_changed(self, state: BindState) -> None:
        """A bind came or went."""
        connection = (state.index, state.role)
        if state.phase is BindPhase.BOUND:
            self._held.add(connection)
        if state.role is not BindRole.RECEIVER:
            (self._bound.add if state.phase is BindPhase.BOUND else self._bound.discard)(state.index)
        if state.phase not in (BindPhase.BOUND, BindPhase.CLOSING) and connection in self._held:
            self._held.discard(connection)
            self._metrics.bind_losses.add(self.config.id, loss_of(state.last_error))
        away = state.phase is BindPhase.WAITING
        log.log(
            logging.WARNING if away else logging.INFO,
            "bind",
            operator=self.config.id,
            bind=state.index,
            role=state.role.value,
            state=state.phase.value,
            error=None if state.phase is BindPhase.BOUND else state.last_error or None,
        )
        if self.up is not bool(self._bound):
            self.up = bool(self._bound)
            if self.reports is not None:
                self.reports.changed(self.config.id)

    def alerted(self, pdu: AlertNotification) -> None:
        """A phone is there again. The carrier sends what waits for it by itself, so that is all."""
        self._metrics.alerts.add(self._operator)
        log.debug("alert_notification", operator=self._operator, number=numbers.mask(pdu.source_addr))

    def called(self, peer: str, *, welcome: bool) -> None:
        """Somebody has said outbind to us."""
        if welcome:
            log.info("outbind", operator=self._operator, peer=peer)
            return
        self._metrics.bad_input.add("smpp", "refused_outbind")
        log.warning(
            "outbind refused",
            operator=self._operator,
            peer=peer,
            hint="it is not the carrier, or outbind_system_id and outbind_password are not what the carrier says",
        )

    def delivered(self, pdu: DeliverSm | DataSm, client: Client) -> None:
        """A deliver_sm or data_sm: a receipt or an inbound message."""
        assert self.reports is not None
        acknowledge = partial(_acknowledge, client, pdu)
        receipt = parse_receipt(pdu, self._habits)
        if receipt is None:
            self.reports.inbound(self._inbound(pdu), acknowledge)
            return
        if self._learner is not None and self._learner.receipted(receipt.ref):
            self._learned(self._learner)
        if self.inquiry is not None and receipt.final:
            self.inquiry.receipted(receipt.ref)
        self._receipt(receipt, acknowledge)

    def _receipt(self, receipt: CarrierReceipt, acknowledge: Acknowledge) -> None:
        """What the carrier says of a part, in a receipt or when it was asked."""
        assert self.reports is not None
        state, reason = state_of(receipt, self._error_reasons)
        words = receipt.word or (receipt.state.name if receipt.state is not None else "no state")
        error = f"{words} err:{receipt.error}" if receipt.error else words
        if receipt.network_error is not None:
            error += f" network:{receipt.network_error}"
        self.reports.receipt(
            Receipt(
                self._operator,
                receipt.ref,
                _sender(receipt.source),
                _core_number(receipt.destination, 1),
                state,
                reason,
                error,
                self._clock(),
                receipt.user_message_reference,
            ),
            acknowledge,
        )

    def _learned(self, learner: Learner) -> None:
        """The first receipts have shown how the carrier writes ids."""
        self.learned, self._learner = learner.rule, None
        tell = log.debug if learner.rule is IdRule.AS_IS else log.info  # as everybody expects: no news
        tell(
            "message ids known",
            operator=self._operator,
            message_ids=str(learner.rule),
            hint=f'write message_ids = "{learner.rule}" to have no other form looked for',
        )

    def _inbound(self, pdu: DeliverSm | DataSm) -> Inbound:
        octets = pdu.tlvs.get(Tag.MESSAGE_PAYLOAD, b"")
        if not octets and isinstance(pdu, DeliverSm):
            octets = pdu.short_message
        coding, alphabet = _read_as(pdu.data_coding, self.config)
        content = read(octets, coding, bool(pdu.esm_class & EsmClass.UDHI), alphabet)
        reference, total, number = _concat(pdu, content.udh)
        return Inbound(
            self.config.id,
            _core_number(pdu.source_addr, pdu.source_addr_ton),
            _core_number(pdu.destination_addr, pdu.dest_addr_ton),
            content.text if content.text is not None else content.octets.hex(),
            self._clock(),
            reference,
            total,
            number,
            content.octets if content.text is None else None,
            _fingerprint(pdu),
        )


def _acknowledge(client: Client, pdu: DeliverSm | DataSm, durable: bool) -> bool:
    """As `gateway.ports.Acknowledge` once what came, and by whom, is given."""
    return client.acknowledge(pdu, _ROK if durable else _REFUSED)


# A carrier's own meaning of a data_coding, as the specification's number and what number 0 means with it.
_STANDARD: dict[Coding, tuple[int, DefaultAlphabet | None]] = {
    Coding.GSM7: (0, DefaultAlphabet.GSM7_UNPACKED),
    Coding.GSM7_PACKED: (0, DefaultAlphabet.GSM7_PACKED),
    Coding.UTF8: (0, DefaultAlphabet.UTF8),
    Coding.ASCII: (1, None),
    Coding.LATIN1: (3, None),
    Coding.BINARY: (4, None),
    Coding.CYRILLIC: (6, None),
    Coding.HEBREW: (7, None),
    Coding.UCS2: (8, None),
}


def _read_as(data_coding: int, config: Config) -> tuple[int, DefaultAlphabet]:
    """The data_coding by which to read a carrier's octets, and what 0 means."""
    coding = config.read_codings.get(data_coding)
    if coding is None:
        return data_coding, config.default_alphabet
    number, alphabet = _STANDARD[coding]
    return number, alphabet or config.default_alphabet


_SHORTEST_INTERNATIONAL = 9
"""Digits without a plus and without a type of number: from here on taken as an international number."""


def _core_number(address: str, ton: int) -> str:
    """A carrier's address in the core's form: E.164 with its plus where it is a number, else as it came.

    A short code stays one also where the carrier calls every address international.
    """
    digits = address.removeprefix("+")
    if not digits.isdecimal():  # of Latin-1, which SMPP's texts are read as: 0 to 9 and no others
        return address
    digits = digits.removeprefix("00")
    shortest = MIN_E164_DIGITS if ton == 1 else _SHORTEST_INTERNATIONAL
    return f"+{digits}" if len(digits) >= shortest else digits


@lru_cache(maxsize=4096)
def _sender(address: str) -> str:
    """The sender of a message of ours, which a receipt names: an account has few, recipients come once."""
    return _core_number(address, 0)


def _concat(pdu: DeliverSm | DataSm, udh: Udh | None) -> tuple[int | None, int, int]:
    """Reference, total and number of a part of a long message: from its header or its sar_* parameters."""
    if udh is not None and udh.concat is not None:
        return udh.concat.reference, udh.concat.total, udh.concat.part
    reference = tlv_int(pdu, Tag.SAR_MSG_REF_NUM)
    total, number = tlv_int(pdu, Tag.SAR_TOTAL_SEGMENTS), tlv_int(pdu, Tag.SAR_SEGMENT_SEQNUM)
    if reference is None or not total or not number or number > total:
        return None, 1, 1
    return reference, total, number


def _fingerprint(pdu: DeliverSm | DataSm) -> bytes:
    """A digest of all fields but the sequence number: what tells a repetition of an unanswered PDU."""
    names = [each.name for each in fields(pdu) if each.name not in ("sequence", "tlvs")]
    values = [getattr(pdu, name) for name in names]
    return blake2b(repr((values, sorted(pdu.tlvs.items()))).encode(), digest_size=16).digest()
