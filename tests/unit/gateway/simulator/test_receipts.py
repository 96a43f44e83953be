"""What the simulated carrier delivers, read back by the product's own receipt parser and by eye."""

import calendar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.simulator.profile import FinalState, IdStyle, Outcome, Profile, ReceiptText
from gateway.simulator.receipts import ReceiptWriter, inbound, text_of
from routing.payloads import read
from smpp.constants import Tag
from smpp.message_ids import answered_as
from smpp.pdu import DeliverSm, SubmitSm
from smpp.receipt import Habits, parse

AT = float(calendar.timegm((2026, 4, 18, 10, 0, 7)))
SUBMIT = SubmitSm(
    source_addr="447700900999",
    source_addr_ton=1,
    destination_addr="12025550123",
    dest_addr_ton=1,
    dest_addr_npi=1,
    short_message=b"Your code is 123456 and more",
)


def written(outcome: Outcome | None = None, submit: SubmitSm = SUBMIT, **profile: object) -> DeliverSm:
    writer = ReceiptWriter(Profile.model_validate(profile))
    return writer.final(255, submit, outcome or Outcome(), AT)


DATES = "submit date:2604181000 done date:2604181000"
LONG_DATES = "submit date:260418100007 done date:260418100007"
SAID = "text:Your code is 123456 "


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (ReceiptText.STANDARD, f"id:255 sub:001 dlvrd:001 {DATES} stat:DELIVRD err:000 {SAID}"),
        (ReceiptText.SECONDS, f"id:255 sub:001 dlvrd:001 {LONG_DATES} stat:DELIVRD err:000 {SAID}"),
        (ReceiptText.NO_SUB, f"id:255 {DATES} stat:DELIVRD err:000 {SAID}"),
        (ReceiptText.NO_TEXT, f"id:255 sub:001 dlvrd:001 {DATES} stat:DELIVRD err:000"),
        (ReceiptText.SHORT_ERR, f"id:255 sub:001 dlvrd:001 {DATES} stat:DELIVRD err:00 {SAID}"),
        (
            ReceiptText.CAPITALS,
            (
                "ID:255 SUB:001 DLVRD:001 SUBMIT DATE:2604181000 DONE DATE:2604181000 STAT:DELIVRD ERR:000"
                " TEXT:Your code is 123456 "
            ),
        ),
        (
            ReceiptText.COMMAS,
            "id:255, sub:001, dlvrd:001, submit date:2604181000, done date:2604181000, stat:DELIVRD, err:000, "
            + SAID,
        ),
        (ReceiptText.EMPTY, ""),
    ],
)
def test_each_form_is_what_carriers_write(form: ReceiptText, text: str) -> None:
    assert written(receipt_text=form).short_message == text.encode()


@pytest.mark.parametrize("form", ReceiptText)
def test_the_product_reads_each_form(form: ReceiptText) -> None:
    found = parse(written(Outcome(state=FinalState.UNDELIV, err="027"), receipt_text=form))
    assert found is not None
    assert (found.ref, found.source, found.destination) == ("255", "447700900999", "12025550123")
    assert found.network_error == "3:27"


@pytest.mark.parametrize("state", FinalState)
def test_each_state_is_final_for_the_product(state: FinalState) -> None:
    found = parse(written(Outcome(state=state)), Habits(unknown_is_final=True))
    assert found is not None
    assert (found.word, found.final) == (state.value, True)


@pytest.mark.parametrize("style", IdStyle)
def test_the_two_ids_of_a_message_belong_together(style: IdStyle) -> None:
    profile = Profile(ids=style)
    writer = ReceiptWriter(profile)
    found = parse(writer.final(0xABCDEF, SUBMIT, Outcome(), AT))
    assert found is not None
    assert found.ref in answered_as(writer.answer_id(0xABCDEF))


@pytest.mark.parametrize(
    ("style", "answer", "receipt"),
    [
        (IdStyle.HEX_THEN_DECIMAL, "ff", "255"),
        (IdStyle.DECIMAL_THEN_HEX, "255", "ff"),
        (IdStyle.PADDED_THEN_BARE, "0000000000000255", "255"),
        (IdStyle.PADDED, "0000000000000255", "0000000000000255"),
        (IdStyle.UPPER_THEN_LOWER, "FF", "ff"),
    ],
)
def test_ids_are_written_in_their_style(style: IdStyle, answer: str, receipt: str) -> None:
    assert ReceiptWriter(Profile(ids=style)).answer_id(255) == answer
    assert written(ids=style).tlvs[Tag.RECEIPTED_MESSAGE_ID] == receipt.encode() + b"\0"


def test_the_addresses_are_swapped_with_their_numbering() -> None:
    pdu = written()
    assert (pdu.source_addr, pdu.source_addr_ton, pdu.source_addr_npi) == ("12025550123", 1, 1)
    assert (pdu.destination_addr, pdu.dest_addr_ton, pdu.dest_addr_npi) == ("447700900999", 1, 0)


def test_the_reference_of_the_esme_comes_back() -> None:
    submit = SubmitSm(source_addr="1", destination_addr="2", tlvs={Tag.USER_MESSAGE_REFERENCE: b"\x01\x02"})
    found = parse(written(submit=submit))
    assert found is not None
    assert found.user_message_reference == 0x0102


def test_an_intermediate_receipt_is_not_final() -> None:
    found = parse(ReceiptWriter(Profile()).intermediate(255, SUBMIT, AT))
    assert found is not None
    assert (found.word, found.final) == ("ACCEPTD", False)


def test_a_ucs2_text_begins_in_ascii() -> None:
    submit = SubmitSm(
        source_addr="1", destination_addr="2", data_coding=8, short_message="Häé".encode("utf-16-be")
    )
    assert written(submit=submit).short_message.endswith(b"text:H??")
    assert text_of(submit) == "Häé"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=1000))
def test_an_inbound_text_comes_whole(text: str) -> None:
    parts = inbound("+12025550100", "+447700900999", text, 7)
    contents = [read(part.short_message, part.data_coding, bool(part.esm_class & 0x40)) for part in parts]
    assert "".join(content.text or "" for content in contents) == text
    if len(parts) > 1:
        joined = [content.udh.concat for content in contents if content.udh is not None]
        assert [(one.reference, one.total, one.part) for one in joined if one is not None] == [
            (7, len(parts), number) for number in range(1, len(parts) + 1)
        ]


@pytest.mark.parametrize(
    ("address", "ton", "npi", "written_as"),
    [("+12025550100", 1, 1, "12025550100"), ("Bank", 5, 0, "Bank"), ("12345", 3, 0, "12345")],
)
def test_an_inbound_address_tells_its_kind(address: str, ton: int, npi: int, written_as: str) -> None:
    (part,) = inbound(address, "+447700900999", "hi", 1)
    assert (part.source_addr_ton, part.source_addr_npi, part.source_addr) == (ton, npi, written_as)
