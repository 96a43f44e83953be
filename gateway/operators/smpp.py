"""The SMPP operator: a message as submit_sm parts over a pool of binds, and a carrier's receipts and messages back.

SMPP's words end in this module and `smpp_words`.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr

from gateway.domain import ids
from gateway.domain.message import Message
from gateway.domain.outcome import Accepted, Doubt, Part, SessionFault, Throttled
from gateway.domain.receipt import Inbound, Receipt
from gateway.domain.words import Reason
from gateway.errors import OperatorError
from gateway.metrics import Metrics
from gateway.operators.settings import OperatorSettings
from gateway.operators.smpp_words import StatusClass, outcome_of, state_of
from gateway.ports import Acknowledge, Clock, Journal, OnOutcome, Reports
from routing import numbers
from routing.payloads import DefaultAlphabet, Payload, SplitStyle, payloads, read
from smpp.bind import BindState, Delivery
from smpp.codec import encode_submit_body
from smpp.constants import EsmClass, Status, Tag, status_name
from smpp.pdu import DataSm, DeliverSm, SubmitSm, tlv_int
from smpp.pool import Pool, PoolConfig
from smpp.receipt import parse as parse_receipt

kind = "smpp"

CAPABILITIES: dict[str, str | bool] = {
    "text": True,
    "receipts": True,
    "inbound": True,
    "whole_message": "no: parts of 140 octets, unless split = message_payload",
    "media": "no: SMPP carries no MMS",
    "cancel": "no: cancel_sm is not answered alike by carriers",
}


def _status_number(value: object) -> object:
    """A command_status as people write it: 88, "0x58" or "ESME_RTHROTTLED"."""
    if isinstance(value, str):
        if value in Status.__members__:
            return int(Status[value])
        try:
            return int(value, 0)
        except ValueError as error:
            raise ValueError(f"{value!r} is no command_status: write 0x58 or ESME_RTHROTTLED") from error
    return value


StatusNumber = Annotated[int, BeforeValidator(_status_number)]


class Config(OperatorSettings):
    """An operator that is reached by SMPP 3.4."""

    kind: Literal["smpp"] = Field("smpp", description="SMPP 3.4 over TCP")
    host: str = Field(description="name or address of the SMSC")
    port: int = Field(2775, ge=1, le=65535, description="its port; 2775 is registered for SMPP")
    system_id: str = Field(max_length=15, description="the name that the carrier has given us")
    password: SecretStr = Field(SecretStr(""), description='as "${NAME}" from the environment, or password_file')
    password_file: Path | None = Field(None, description="a file that holds the password, instead of it")
    system_type: str = Field("", max_length=12, description="only where the carrier asks for one")
    bind: Literal["transceiver"] = Field("transceiver", description="transmitter+receiver comes later")
    binds: int = Field(1, ge=1, le=64, description="binds to hold at the same time, as one pool")
    rate_per_s: float = Field(0.0, ge=0, description="parts per second over all binds; 0: no limit")
    tls: bool = Field(False, description="TLS 1.2 or newer")
    tls_ca_file: Path | None = Field(None, description="the carrier's own certificate authority, PEM")
    tls_cert_file: Path | None = Field(None, description="our client certificate and its key, PEM")
    enquire_link_s: float = Field(30.0, ge=1, description="idle seconds after which the link is asked")
    response_timeout_s: float = Field(30.0, ge=1, description="seconds to wait for an answer")
    connect_timeout_s: float = Field(10.0, gt=0, description="seconds to wait for a connection")
    session_init_s: float = Field(30.0, gt=0, description="seconds to wait for the answer to a bind")
    inactivity_s: float = Field(0.0, ge=0, description="seconds without any message before the bind ends; 0: never")
    reconnect_max_s: float = Field(60.0, ge=1, description="longest pause between tries to connect")
    timeouts_in_a_row: int = Field(5, ge=1, description="unanswered parts in a row that end a bind")
    default_alphabet: DefaultAlphabet = Field(
        DefaultAlphabet.GSM7_UNPACKED, description="what data_coding 0 means there: gsm7, gsm7_packed, latin1, ascii, utf8"
    )
    split: SplitStyle = Field(
        SplitStyle.UDH8, description="how long texts are joined: udh8, udh16, sar or message_payload"
    )
    service_type: str = Field("", max_length=5, description="only where the carrier asks for one")
    source_ton: int | None = Field(None, ge=0, le=255, description="type of number of senders; left out: by the sender")
    source_npi: int | None = Field(None, ge=0, le=255, description="numbering plan of senders")
    dest_ton: int | None = Field(None, ge=0, le=255, description="type of number of recipients; left out: 1")
    dest_npi: int | None = Field(None, ge=0, le=255, description="numbering plan of recipients; left out: 1")
    plus_sign: bool = Field(False, description="write numbers with their +")
    user_message_reference: bool = Field(
        False, description="send our own reference with each part, for carriers that return it with the receipt"
    )
    unknown_is_final: bool = Field(False, description="take receipts that say UNKNOWN as final")
    status_classes: dict[StatusNumber, StatusClass] = Field(
        default_factory=dict, description='what a command_status means here, as {"0x45" = "fail"}'
    )
    error_reasons: dict[str, Reason] = Field(
        default_factory=dict, description='what the `err` of a receipt means here, as {"011" = "invalid_number"}'
    )


@dataclass(slots=True)
class Wiring:
    """What an operator needs of the gateway."""

    journal: Journal
    metrics: Metrics
    clock: Clock
    may_write: Any  # () -> bool


class SmppOperator:
    """One carrier over SMPP."""

    def __init__(self, config: Config, wiring: Wiring) -> None:
        self.config = config
        self._journal = wiring.journal
        self._metrics = wiring.metrics
        self._clock = wiring.clock
        self._reports: Reports | None = None
        self._on_outcome: OnOutcome | None = None
        self._error_reasons = {
            **config.error_reasons,
            **{key.lstrip("0"): reason for key, reason in config.error_reasons.items()},
        }
        self._up = False
        self._pool = Pool(
            pool_config(config), self, before_write=self._before_write, may_write=wiring.may_write
        )

    # --- the Operator protocol

    @property
    def id(self) -> str:
        """Its name in routes and commands."""
        return self.config.id

    @property
    def up(self) -> bool:
        """At least one bind is bound."""
        return self._up

    @property
    def window(self) -> int:
        """Parts that may be unanswered over all binds."""
        return self.config.window * self.config.binds

    async def run(self, reports: Reports) -> None:
        """Keep the binds until cancelled."""
        self._reports = reports
        await self._pool.run()

    async def drain(self, timeout_s: float) -> None:
        """Let the window empty, then unbind."""
        await self._pool.drain(timeout_s)

    def room(self) -> int:
        """Parts that may be written at this moment."""
        return self._pool.room()

    def rebind(self) -> None:
        """Unbind all and bind anew."""
        self._pool.rebind(None)

    def kick(self) -> None:
        """Writing may go on: answers were recorded."""
        self._pool.kick()

    def states(self) -> list[dict[str, object]]:
        """Its binds, for people."""
        return [
            {
                "bind": state.index,
                "state": state.phase.value,
                "since": state.since.isoformat(timespec="seconds"),
                "window_used": state.window_used,
                "window": self.config.window,
                "last_error": state.last_error or None,
                "reconnect_at": state.reconnect_at.isoformat(timespec="seconds") if state.reconnect_at else None,
            }
            for state in self._pool.states()
        ]

    def parts(self, message: Message) -> list[Part]:
        """Its submit_sm bodies, in order."""
        config = self.config
        split = payloads(
            message.body,
            config.split,
            config.default_alphabet,
            message.message_class,
            # Another reference after the first hand-over to another operator: the phone must not join two splits.
            (message.concat_ref + len(message.tried)) & 0xFFFF,
        )
        return [
            Part(message.id, message.attempts, p.part, p.total, self._body(message, p)) for p in split
        ]

    def _body(self, message: Message, payload: Payload) -> bytes:
        config = self.config
        source = numbers.ton_npi(message.sender)
        tlvs: dict[int, bytes] = {}
        if payload.message_payload is not None:
            tlvs[Tag.MESSAGE_PAYLOAD] = payload.message_payload
        if payload.sar is not None:
            tlvs[Tag.SAR_MSG_REF_NUM] = payload.sar.reference.to_bytes(2, "big")
            tlvs[Tag.SAR_TOTAL_SEGMENTS] = bytes((payload.sar.total,))
            tlvs[Tag.SAR_SEGMENT_SEQNUM] = bytes((payload.sar.part,))
        if config.user_message_reference:
            tlvs[Tag.USER_MESSAGE_REFERENCE] = ids.user_reference(message.id, payload.part).to_bytes(2, "big")
        return encode_submit_body(
            SubmitSm(
                service_type=config.service_type,
                source_addr_ton=source.ton if config.source_ton is None else config.source_ton,
                source_addr_npi=source.npi if config.source_npi is None else config.source_npi,
                source_addr=self._wire(message.sender),
                dest_addr_ton=1 if config.dest_ton is None else config.dest_ton,
                dest_addr_npi=1 if config.dest_npi is None else config.dest_npi,
                destination_addr=self._wire(message.recipient),
                esm_class=EsmClass.UDHI if payload.udhi else 0,
                registered_delivery=1,  # a final receipt for every part
                data_coding=payload.data_coding,
                short_message=payload.short_message,
                tlvs=tlvs,
            )
        )

    def _wire(self, address: str) -> str:
        return address if self.config.plus_sign else address.removeprefix("+")

    def submit(self, parts: Sequence[Part], on_outcome: OnOutcome) -> None:
        """Give the parts of one message to one bind, in order."""
        self._on_outcome = on_outcome
        self._pool.submit([(part.payload, part) for part in parts])

    # --- what the pool reports

    def _before_write(self, parts: list[Any]) -> None:
        self._journal.written(parts)

    def answered(self, tag: Any, status: int, message_id: str) -> None:
        """A submit_sm_resp."""
        self._metrics.submits.add(self.config.id, status_name(status))
        if status == Status.ESME_ROK:
            self._outcome(tag, Accepted(message_id))
            return
        outcome = outcome_of(status, self.config.status_classes, 1.0)
        if isinstance(outcome, Throttled):
            self._metrics.throttle_pauses.add(self.config.id)
            self._pool.slow_down()
        self._outcome(tag, outcome)

    def timed_out(self, tag: Any) -> None:
        """No answer in time: in doubt, until a late one comes."""
        self._metrics.submits.add(self.config.id, "no_answer")
        self._outcome(tag, Doubt(f"no answer within {self.config.response_timeout_s:g} s"))

    def lost(self, written: list[Any], unwritten: list[Any]) -> None:
        """A bind ended with these parts in its hands."""
        for tag in written:
            self._outcome(tag, Doubt("the link was lost before the answer"))
        for tag in unwritten:
            self._outcome(tag, SessionFault("the link was lost before it was written"))

    def _outcome(self, part: Part, outcome: Any) -> None:
        assert self._on_outcome is not None
        self._on_outcome(part, outcome)

    def room_made(self) -> None:
        """A slot, a token or a bind is free again."""
        if self._reports is not None:
            self._reports.room(self.config.id)

    def bind_changed(self, state: BindState) -> None:
        """A bind came or went."""
        up = any(bind.phase.value == "bound" for bind in self._pool.states())
        if up != self._up and self._reports is not None:
            self._up = up
            self._reports.changed(self.config.id)

    def delivered(self, delivery: Delivery) -> None:
        """A deliver_sm or data_sm: a receipt or an inbound message."""
        assert self._reports is not None
        pdu = delivery.pdu
        acknowledge = self._acknowledger(delivery)
        receipt = parse_receipt(pdu, unknown_is_final=self.config.unknown_is_final)
        if receipt is None:
            self._reports.inbound(self._inbound(pdu), acknowledge)
            return
        state, reason = state_of(receipt, self._error_reasons)
        words = receipt.word or (receipt.state.name if receipt.state is not None else "no state")
        error = f"{words} err:{receipt.error}" if receipt.error else words
        if receipt.network_error is not None:
            error += f" network:{receipt.network_error}"
        self._reports.receipt(
            Receipt(
                self.config.id,
                receipt.ref,
                _core_number(receipt.source, 0),
                _core_number(receipt.destination, 1),
                state,
                reason,
                error,
                self._clock(),
                receipt.user_message_reference,
            ),
            acknowledge,
        )

    def _acknowledger(self, delivery: Delivery) -> Acknowledge:
        pool = self._pool

        def acknowledge(durable: bool) -> bool:
            # 0x64 ESME_RX_T_APPN: the carrier keeps it and sends it again (promise 3).
            return pool.acknowledge(delivery, Status.ESME_ROK if durable else Status.ESME_RX_T_APPN)

        return acknowledge

    def _inbound(self, pdu: DeliverSm | DataSm) -> Inbound:
        octets = pdu.tlvs.get(Tag.MESSAGE_PAYLOAD) or getattr(pdu, "short_message", b"")
        content = read(
            octets, pdu.data_coding, bool(pdu.esm_class & EsmClass.UDHI), self.config.default_alphabet
        )
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
            _fingerprint(pdu, octets),
        )


def pool_config(config: Config) -> PoolConfig:
    """The operator's configuration as the pool takes it. Raises OperatorError when files can't be read."""
    try:
        password = config.password.get_secret_value()
        if config.password_file is not None:
            password = config.password_file.read_text().rstrip("\r\n")
        context = _tls_context(config) if config.tls else None
    except (OSError, ssl.SSLError) as error:
        raise OperatorError(f"operator {config.id}: {error}") from error
    return PoolConfig(
        host=config.host,
        port=config.port,
        system_id=config.system_id,
        password=password,
        system_type=config.system_type,
        binds=config.binds,
        window=config.window,
        rate_per_s=config.rate_per_s,
        enquire_link_s=config.enquire_link_s,
        response_timeout_s=config.response_timeout_s,
        session_init_s=config.session_init_s,
        inactivity_s=config.inactivity_s,
        connect_timeout_s=config.connect_timeout_s,
        reconnect_max_s=config.reconnect_max_s,
        timeouts_in_a_row=config.timeouts_in_a_row,
        tls=context,
    )


def _tls_context(config: Config) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(config.tls_ca_file) if config.tls_ca_file else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if config.tls_cert_file is not None:
        context.load_cert_chain(config.tls_cert_file)
    return context


_SHORTEST_INTERNATIONAL = 9
"""Digits without a plus and without a type of number: from here on taken as an international number."""


def _core_number(address: str, ton: int) -> str:
    """A carrier's address in the core's form: E.164 with its plus where it is a number, else as it came."""
    digits = address.removeprefix("+")
    if not digits.isascii() or not digits.isdigit():
        return address
    digits = digits.removeprefix("00")
    return f"+{digits}" if ton == 1 or len(digits) >= _SHORTEST_INTERNATIONAL else digits


def _concat(pdu: DeliverSm | DataSm, udh: Any) -> tuple[int | None, int, int]:
    """Reference, total and number of a part of a long message: from its header or its sar_* parameters."""
    if udh is not None and udh.concat is not None:
        return udh.concat.reference, udh.concat.total, udh.concat.part
    reference = tlv_int(pdu, Tag.SAR_MSG_REF_NUM)
    total, number = tlv_int(pdu, Tag.SAR_TOTAL_SEGMENTS), tlv_int(pdu, Tag.SAR_SEGMENT_SEQNUM)
    if reference is None or not total or not number or number > total:
        return None, 1, 1
    return reference, total, number


def _fingerprint(pdu: DeliverSm | DataSm, octets: bytes) -> bytes:
    """A digest of all fields but the sequence number: what tells a repetition of an unanswered PDU."""
    tlvs: Mapping[int, bytes] = pdu.tlvs
    fields = (
        pdu.service_type,
        pdu.source_addr_ton,
        pdu.source_addr,
        pdu.dest_addr_ton,
        pdu.destination_addr,
        pdu.esm_class,
        pdu.data_coding,
        octets,
        sorted(tlvs.items()),
    )
    return blake2b(repr(fields).encode(), digest_size=16).digest()
