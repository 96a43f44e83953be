"""The classes as data: every command has one, and parameters can be read as what they mean."""

import pytest

from smpp.constants import CommandId, Tag, is_response
from smpp.errors import EncodeError
from smpp.pdu import (
    PDU_CLASSES,
    TLV_INTEGER_OCTETS,
    DeliverSm,
    Pdu,
    SubmitSm,
    int_tlv,
    text_tlv,
    tlv_int,
    tlv_text,
)


def test_every_command_has_a_class() -> None:
    assert set(PDU_CLASSES) == set(CommandId)


def test_every_request_with_a_response_has_its_class() -> None:
    one_way = {CommandId.OUTBIND, CommandId.ALERT_NOTIFICATION}
    requests = {command for command in CommandId if not is_response(command)}
    assert {command for command in requests if command | 0x80000000 not in PDU_CLASSES} == one_way


def test_pdus_do_not_share_their_tlvs() -> None:
    first, second = SubmitSm(), SubmitSm()
    first.tlvs[Tag.SOURCE_PORT] = b"\x00\x01"
    assert second.tlvs == {}


def test_submit_and_deliver_with_equal_fields_are_not_equal() -> None:
    submit: Pdu = SubmitSm(source_addr="1")
    assert submit != DeliverSm(source_addr="1")


@pytest.mark.parametrize(
    ("octets", "number"), [(b"\x02", 2), (b"\x00\x02", 2), (b"\x01\x00", 256), (b"", None), (None, None)]
)
def test_an_integer_tlv_may_have_any_length(octets: bytes | None, number: int | None) -> None:
    pdu = DeliverSm(tlvs={} if octets is None else {Tag.MESSAGE_STATE: octets})
    assert tlv_int(pdu, Tag.MESSAGE_STATE) == number


@pytest.mark.parametrize(
    ("octets", "text"),
    [(b"3a9f\x00", "3a9f"), (b"3a9f", "3a9f"), (b"\xfc\x00\x00", "ü"), (b"", ""), (None, None)],
)
def test_a_text_tlv_may_lack_its_terminator(octets: bytes | None, text: str | None) -> None:
    pdu = DeliverSm(tlvs={} if octets is None else {Tag.RECEIPTED_MESSAGE_ID: octets})
    assert tlv_text(pdu, Tag.RECEIPTED_MESSAGE_ID) == text


@pytest.mark.parametrize("tag", TLV_INTEGER_OCTETS, ids=lambda tag: tag.name)
def test_an_integer_tlv_is_written_in_its_own_length(tag: Tag) -> None:
    octets = int_tlv(tag, 7)
    assert len(octets) == TLV_INTEGER_OCTETS[tag]
    assert tlv_int(SubmitSm(tlvs={tag: octets}), tag) == 7


def test_known_lengths() -> None:
    assert int_tlv(Tag.USER_MESSAGE_REFERENCE, 1) == b"\x00\x01"
    assert int_tlv(Tag.SAR_TOTAL_SEGMENTS, 3) == b"\x03"
    assert int_tlv(Tag.QOS_TIME_TO_LIVE, 60) == b"\x00\x00\x00\x3c"


@pytest.mark.parametrize("value", [-1, 256])
def test_an_integer_tlv_that_does_not_fit_is_refused(value: int) -> None:
    with pytest.raises(EncodeError, match="MESSAGE_STATE"):
        int_tlv(Tag.MESSAGE_STATE, value)


def test_a_text_tlv_outside_latin_1_is_refused() -> None:
    assert text_tlv("a") == b"a\x00"
    with pytest.raises(EncodeError, match="Latin-1"):
        text_tlv("Ω")
