"""A message as the submit_sm bodies of one carrier, written as its profile says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import orjson

from gateway.domain import ids
from gateway.domain.message import Message
from gateway.domain.outcome import Part
from gateway.operators.smpp_config import Config
from gateway.operators.smpp_profile import (
    AddressKind,
    Coding,
    Flash,
    InterfaceVersion,
    Receipts,
    ReceiptsFor,
    Validity,
)
from gateway.ports import Clock
from routing import numbers
from routing.payloads import DATA_CODING_DEFAULT, DATA_CODING_UCS2, Payload, SplitStyle, payloads
from smpp import times
from smpp.codec import decode_body, encode_submit_body
from smpp.constants import CommandId, EsmClass, Tag
from smpp.pdu import SubmitSm

_UDHI = int(EsmClass.UDHI)
_MS_DISPLAY = b"\x01"  # dest_addr_subunit: SMPP 3.4, 5.3.2.1

_REGISTERED = {Receipts.FINAL: 0x01, Receipts.INTERMEDIATE: 0x11, Receipts.NONE: 0x00}  # SMPP 3.4, 5.2.17

_KIND_OF: dict[numbers.TonNpi, AddressKind] = {
    numbers.INTERNATIONAL: AddressKind.INTERNATIONAL,
    numbers.SHORT_CODE: AddressKind.SHORT_CODE,
    numbers.ALPHANUMERIC: AddressKind.ALPHANUMERIC,
    numbers.UNKNOWN: AddressKind.OTHER,
}


@dataclass(frozen=True, slots=True)
class Written:
    """What of a part a person wants to see."""

    data_coding: int
    udhi: bool
    octets: bytes


def written(part: Part) -> Written:
    """A part of a `PartWriter`, as its carrier gets it."""
    assert isinstance(part.payload, bytes)
    pdu = decode_body(CommandId.SUBMIT_SM, 0, 1, part.payload)
    assert isinstance(pdu, SubmitSm)
    octets = pdu.short_message or pdu.tlvs.get(Tag.MESSAGE_PAYLOAD, b"")
    return Written(pdu.data_coding, bool(pdu.esm_class & _UDHI), octets)


class PartWriter:
    """Parts for one carrier. `clock` is read where the carrier is told how long a message is worth sending."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self.config = config
        self._clock = clock
        self._submit = SubmitSm(service_type=config.service_type)
        self._registered = _REGISTERED[config.receipts]
        self._every_part = config.receipts_for is ReceiptsFor.ALL and config.receipts is not Receipts.NONE
        self._flash_coding = config.flash is Flash.DATA_CODING
        self._codings = {
            standard: config.data_codings[coding]
            for standard, coding in ((DATA_CODING_DEFAULT, Coding.GSM7), (DATA_CODING_UCS2, Coding.UCS2))
            if coding in config.data_codings
        }
        self._languages = frozenset(config.national_languages)
        self._has_validity = config.validity is not Validity.NONE
        self._fixed = {tlv.tag: tlv.encode(tlv.value) for tlv in config.tlvs.values() if tlv.value}
        self._of_metadata = [tlv for tlv in config.tlvs.values() if tlv.metadata]
        self._has_tlvs = config.interface_version is not InterfaceVersion.V33 and (
            config.user_message_reference
            or config.flash is Flash.TLV
            or config.split in (SplitStyle.SAR, SplitStyle.MESSAGE_PAYLOAD)
            or bool(config.tlvs)
        )
        # An account has few senders, and sends under them with every message; recipients come once.
        self._source = lru_cache(maxsize=4096)(self._source_of)
        self._international = config.dest_numbering.get(AddressKind.INTERNATIONAL, numbers.INTERNATIONAL)

    def parts(self, message: Message) -> list[Part]:
        """Its submit_sm bodies, in order."""
        submit = self._submit  # the same one each time: to make it costs as much as to encode it
        submit.source_addr_ton, submit.source_addr_npi, submit.source_addr = self._source(message.sender)
        submit.dest_addr_ton, submit.dest_addr_npi, submit.destination_addr = self._dest(message.recipient)
        if self._has_validity:
            submit.validity_period = self._validity(message)
        own = self._own_tlvs(message) if self._has_tlvs else {}
        parts = []
        for payload in self._split(message):
            coding, part, total = payload.data_coding, payload.part, payload.total
            submit.esm_class = _UDHI if payload.udhi else 0
            submit.data_coding = self._codings.get(coding, coding)
            asks = self._every_part or self._asks(part, total)
            submit.registered_delivery = self._registered if asks else 0
            submit.short_message = payload.short_message
            submit.tlvs = self._tlvs(message, payload, own) if self._has_tlvs else own
            body = encode_submit_body(submit)
            parts.append(Part(message.id, message.attempts, part, total, body, asks))
        return parts

    def _split(self, message: Message) -> tuple[Payload, ...]:
        config = self.config
        message_class = message.message_class
        if message_class == 0 and not self._flash_coding:
            message_class = None
        # Another reference after the first hand-over to another operator: the phone must not join two splits.
        reference = (message.concat_ref + len(message.tried)) & 0xFFFF
        body, alphabet = message.body, config.default_alphabet
        split = payloads(body, config.split, alphabet, message_class, reference, self._languages)
        whole = split[0].message_payload
        if whole is not None and len(whole) > config.max_payload_octets:
            split = payloads(body, SplitStyle.UDH8, alphabet, message_class, reference)
        return split

    def _asks(self, part: int, total: int) -> bool:
        """Whether a receipt is asked for this part, where it is not for all."""
        if self.config.receipts is Receipts.NONE:
            return False
        return part == (1 if self.config.receipts_for is ReceiptsFor.FIRST else total)

    def _validity(self, message: Message) -> str:
        if self.config.validity is Validity.ABSOLUTE:
            return times.absolute(message.expires_at)
        return times.relative((message.expires_at - self._clock()).total_seconds())

    def _own_tlvs(self, message: Message) -> dict[int, bytes]:
        """What all parts of the message carry: fixed values, and those that its metadata has in their place."""
        tlvs = dict(self._fixed)
        if self.config.flash is Flash.TLV and message.message_class == 0:
            tlvs[Tag.DEST_ADDR_SUBUNIT] = _MS_DISPLAY
        if self._of_metadata and message.metadata is not None:
            metadata = orjson.loads(message.metadata)
            for tlv in self._of_metadata:
                value = metadata.get(tlv.metadata)
                if value is not None and not isinstance(value, (dict, list)):
                    try:
                        tlvs[tlv.tag] = tlv.encode(str(value))
                    except (ValueError, OverflowError):
                        continue  # no value of this type: the carrier says what it misses
        return tlvs

    def _tlvs(self, message: Message, payload: Payload, own: dict[int, bytes]) -> dict[int, bytes]:
        """The optional parameters of a part."""
        tlvs = dict(own)
        if payload.message_payload is not None:
            tlvs[Tag.MESSAGE_PAYLOAD] = payload.message_payload
        if payload.sar is not None:
            tlvs[Tag.SAR_MSG_REF_NUM] = payload.sar.reference.to_bytes(2, "big")
            tlvs[Tag.SAR_TOTAL_SEGMENTS] = bytes((payload.sar.total,))
            tlvs[Tag.SAR_SEGMENT_SEQNUM] = bytes((payload.sar.part,))
        if self.config.user_message_reference:
            tlvs[Tag.USER_MESSAGE_REFERENCE] = ids.user_reference(message.id, payload.part).to_bytes(2, "big")
        return tlvs

    def _source_of(self, sender: str) -> tuple[int, int, str]:
        """A sender's type of number, numbering plan and address."""
        usual = numbers.ton_npi(sender)
        ton, npi = self.config.source_numbering.get(_KIND_OF[usual], usual)
        return ton, npi, self._wire(sender)

    def _dest(self, recipient: str) -> tuple[int, int, str]:
        """The same of a recipient: an international number, but for a short code that has written to us."""
        if recipient.startswith("+"):
            ton, npi = self._international
        else:
            usual = numbers.ton_npi(recipient)
            ton, npi = self.config.dest_numbering.get(_KIND_OF[usual], usual)
        return ton, npi, self._wire(recipient)

    def _wire(self, address: str) -> str:
        return address if self.config.plus_sign else address.removeprefix("+")
