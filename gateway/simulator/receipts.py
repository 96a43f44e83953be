"""What the simulated carrier delivers, as deliver_sm: receipts in any vendor's words, and inbound messages."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import fields
from types import MappingProxyType

from gateway.simulator.profile import FinalState, IdStyle, Outcome, Profile, ReceiptText
from gateway.simulator.taken import STATE_OF
from routing.payloads import SplitStyle, payloads, read
from smpp.constants import EsmClass, Npi, Tag, Ton
from smpp.pdu import DataSm, DeliverSm, SmeAddress, SubmitMulti, SubmitSm

_STATE_OCTET = {word: bytes([state]) for word, state in STATE_OF.items()}
_UDHI = int(EsmClass.UDHI)  # flags as plain numbers: an enum's `&` takes longer than the rest of a receipt
_GSM = 3  # network_error_code's network type. SMPP 3.4, 5.3.2.31
_TEXT_CHARACTERS = 20  # SMPP 3.4, appendix B

# id, dlvrd, submit date, done date, stat, err, text.
_FORMS: Mapping[ReceiptText, str] = MappingProxyType(
    {
        ReceiptText.STANDARD: "id:%s sub:001 dlvrd:%s submit date:%s done date:%s stat:%s err:%s text:%s",
        ReceiptText.SECONDS: "id:%s sub:001 dlvrd:%s submit date:%s done date:%s stat:%s err:%s text:%s",
        ReceiptText.NO_SUB: "id:%s%.0s submit date:%s done date:%s stat:%s err:%s text:%s",
        ReceiptText.NO_TEXT: "id:%s sub:001 dlvrd:%s submit date:%s done date:%s stat:%s err:%s%.0s",
        ReceiptText.SHORT_ERR: "id:%s sub:001 dlvrd:%s submit date:%s done date:%s stat:%s err:%s text:%s",
        ReceiptText.CAPITALS: "ID:%s SUB:001 DLVRD:%s SUBMIT DATE:%s DONE DATE:%s STAT:%s ERR:%s TEXT:%s",
        ReceiptText.COMMAS: "id:%s, sub:001, dlvrd:%s, submit date:%s, done date:%s, stat:%s, err:%s, text:%s",
        ReceiptText.EMPTY: "",
    }
)


class ReceiptWriter:
    """Writes message ids and receipts as one carrier does. Times are Unix seconds."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._form = _FORMS[profile.receipt_text]
        self._short_err = profile.receipt_text is ReceiptText.SHORT_ERR
        self._date_form = "%y%m%d%H%M%S" if profile.receipt_text is ReceiptText.SECONDS else "%y%m%d%H%M"
        self._dates: dict[int, str] = {}
        self.answer_id, self._receipt_id = _ID_FORMS[profile.ids]

    def final(self, number: int, submit: SubmitSm | DataSm, outcome: Outcome, at: float) -> DeliverSm:
        """The final receipt of the message with this number."""
        return self._receipt(number, submit, outcome.state, outcome.err, at)

    def intermediate(self, number: int, submit: SubmitSm | DataSm, at: float) -> DeliverSm:
        """The news that the message was accepted: a state that is not final."""
        return self._receipt(number, submit, "ACCEPTD", "000", at)

    def _receipt(self, number: int, submit: SubmitSm | DataSm, word: str, err: str, at: float) -> DeliverSm:
        ref = self._receipt_id(number)
        tlvs: dict[int, bytes] = {}
        if self._profile.receipt_tlvs:
            tlvs[Tag.RECEIPTED_MESSAGE_ID] = ref.encode() + b"\0"
            if word in _STATE_OCTET:
                tlvs[Tag.MESSAGE_STATE] = _STATE_OCTET[word]
            if err != "000" and err.isdecimal():
                tlvs[Tag.NETWORK_ERROR_CODE] = bytes([_GSM]) + (int(err) & 0xFFFF).to_bytes(2, "big")
        if Tag.USER_MESSAGE_REFERENCE in submit.tlvs:
            tlvs[Tag.USER_MESSAGE_REFERENCE] = submit.tlvs[Tag.USER_MESSAGE_REFERENCE]
        return DeliverSm(
            service_type=submit.service_type,
            source_addr_ton=submit.dest_addr_ton,
            source_addr_npi=submit.dest_addr_npi,
            source_addr=submit.destination_addr,
            dest_addr_ton=submit.source_addr_ton,
            dest_addr_npi=submit.source_addr_npi,
            destination_addr=submit.source_addr,
            esm_class=self._profile.receipt_esm_class,
            short_message=self._text(ref, submit, word, err, at),
            tlvs=tlvs,
        )

    def _text(self, ref: str, submit: SubmitSm | DataSm, word: str, err: str, at: float) -> bytes:
        if not self._form:
            return b""
        date = self._date(at)
        delivered = "001" if word == FinalState.DELIVRD else "000"
        err = err[-2:] if self._short_err else err
        beginning = _beginning(submit)
        return (self._form % (ref, delivered, date, date, word, err, beginning)).encode("ascii", "replace")

    def _date(self, at: float) -> str:
        second = int(at)
        date = self._dates.get(second)
        if date is None:
            self._dates.clear()
            date = self._dates[second] = time.strftime(self._date_form, time.gmtime(second))
        return date


def inbound(sender: str, recipient: str, text: str, reference: int) -> list[DeliverSm]:
    """A message of a person as its parts, joined by a user data header. `reference` 0 to 255."""
    source_ton, source_npi = _numbering(sender)
    dest_ton, dest_npi = _numbering(recipient)
    return [
        DeliverSm(
            source_addr_ton=source_ton,
            source_addr_npi=source_npi,
            source_addr=sender.lstrip("+"),
            dest_addr_ton=dest_ton,
            dest_addr_npi=dest_npi,
            destination_addr=recipient.lstrip("+"),
            esm_class=_UDHI if payload.udhi else 0,
            data_coding=payload.data_coding,
            short_message=payload.short_message,
        )
        for payload in payloads(text, SplitStyle.UDH8, reference=reference)
    ]


def as_data_sm(pdu: DeliverSm) -> DataSm:
    """The same delivery in data_sm: its text is in message_payload. SMPP 3.4, 4.7.1."""
    return DataSm(
        service_type=pdu.service_type,
        source_addr_ton=pdu.source_addr_ton,
        source_addr_npi=pdu.source_addr_npi,
        source_addr=pdu.source_addr,
        dest_addr_ton=pdu.dest_addr_ton,
        dest_addr_npi=pdu.dest_addr_npi,
        destination_addr=pdu.destination_addr,
        esm_class=pdu.esm_class,
        data_coding=pdu.data_coding,
        tlvs={**pdu.tlvs, Tag.MESSAGE_PAYLOAD: pdu.short_message} if pdu.short_message else dict(pdu.tlvs),
    )


def single(multi: SubmitMulti, to: SmeAddress) -> SubmitSm:
    """What a submit_multi means for one of its destinations."""
    copied = {each.name: getattr(multi, each.name) for each in fields(SubmitSm) if hasattr(multi, each.name)}
    return SubmitSm(
        **copied,
        dest_addr_ton=to.dest_addr_ton,
        dest_addr_npi=to.dest_addr_npi,
        destination_addr=to.destination_addr,
    )


def text_of(submit: SubmitSm | DataSm) -> str:
    """The text of a part without its header; empty for binary data."""
    octets = submit.short_message if isinstance(submit, SubmitSm) else b""
    octets = octets or submit.tlvs.get(Tag.MESSAGE_PAYLOAD, b"")
    return read(octets, submit.data_coding, bool(submit.esm_class & _UDHI)).text or ""


def _beginning(submit: SubmitSm | DataSm) -> str:
    # GSM 03.38 agrees with ASCII in letters and digits, which is all that a receipt needs to show.
    if submit.data_coding == 0 and not submit.esm_class & _UDHI and isinstance(submit, SubmitSm):
        return submit.short_message[:_TEXT_CHARACTERS].decode("latin-1")
    return text_of(submit)[:_TEXT_CHARACTERS]


def _numbering(address: str) -> tuple[int, int]:
    """Type of number and plan by the looks: a name, a short code, or an international number."""
    digits = address.lstrip("+")
    if not (digits.isascii() and digits.isdecimal()):
        return Ton.ALPHANUMERIC, Npi.UNKNOWN
    if len(digits) <= 6:
        return Ton.NETWORK_SPECIFIC, Npi.UNKNOWN
    return Ton.INTERNATIONAL, Npi.ISDN


def _uuid(number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, str(number)))


_decimal = "{:d}".format
_hex = "{:x}".format
_padded = "{:016d}".format

_ID_FORMS: Mapping[IdStyle, tuple[Callable[[int], str], Callable[[int], str]]] = MappingProxyType(
    {
        IdStyle.DECIMAL: (_decimal, _decimal),
        IdStyle.HEX: (_hex, _hex),
        IdStyle.HEX_THEN_DECIMAL: (_hex, _decimal),
        IdStyle.DECIMAL_THEN_HEX: (_decimal, _hex),
        IdStyle.PADDED: (_padded, _padded),
        IdStyle.PADDED_THEN_BARE: (_padded, _decimal),
        IdStyle.UPPER_THEN_LOWER: ("{:X}".format, _hex),
        IdStyle.UUID: (_uuid, _uuid),
    }
)
