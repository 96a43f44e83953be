"""Receipts as carriers and gateways write them: each text names its source, a thread or a carrier's documentation.

Where a carrier documents its word alone, the text around it is the usual one; the last three are no single carrier's.
"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp.constants import EsmClass, MessageState, Tag
from smpp.pdu import DataSm, DeliverSm
from smpp.receipt import STATES, Habits, Receipt, parse

DELIVERED, EXPIRED, UNDELIVERABLE = MessageState.DELIVERED, MessageState.EXPIRED, MessageState.UNDELIVERABLE
ACCEPTED, ENROUTE, UNKNOWN = MessageState.ACCEPTED, MessageState.ENROUTE, MessageState.UNKNOWN


def receipt_of(text: str | bytes, esm_class: int = EsmClass.DELIVERY_RECEIPT, **tlvs: bytes) -> Receipt:
    receipt = parse(deliver(text, esm_class, **tlvs))
    assert receipt is not None
    return receipt


def deliver(text: str | bytes, esm_class: int = 0, **tlvs: bytes) -> DeliverSm:
    return DeliverSm(
        source_addr="447700900123",
        destination_addr="ACME",
        esm_class=esm_class,
        short_message=text.encode("latin-1") if isinstance(text, str) else text,
        tlvs={Tag[name.upper()]: value for name, value in tlvs.items()},
    )


# (where it was read, the text, id, stat, state, err, final)
VENDORS: list[tuple[str, str, str, str, MessageState | None, str, bool]] = [
    (
        "SMPP 3.4, appendix B",
        "id:0123456789 sub:001 dlvrd:001 submit date:0106291538 done date:0106291539 stat:DELIVRD err:0 Text:hello",
        *("0123456789", "DELIVRD", DELIVERED, "0", True),
    ),
    (
        "Apache Camel, smpp component",
        (
            "id:2 sub:001 dlvrd:001 submit date:0908312310 done date:0908312311 "
            "stat:DELIVRD err:xxx Text:Hello SMPP world!"
        ),
        *("2", "DELIVRD", DELIVERED, "xxx", True),
    ),
    (
        "Adobe Campaign, SMPP account settings",
        (
            "id:1234567890 sub:001 dlvrd:001 submit date:1608011415 done date:1608011417 stat:DELIVRD err:000 "
            "Text:Hello Adobe world"
        ),
        *("1234567890", "DELIVRD", DELIVERED, "000", True),
    ),
    (
        "Vonage: sixteen digits",
        (
            "id:0000000012345678 sub:001 dlvrd:001 submit date:1601010100 done date:1601010101 stat:DELIVRD err:000 "
            "text:none"
        ),
        *("0000000012345678", "DELIVRD", DELIVERED, "000", True),
    ),
    (
        "Vonage: FAILED",
        "id:2a1f0f1d sub:001 dlvrd:000 submit date:2609051430 done date:2609051447 stat:FAILED err:051 text:none",
        *("2a1f0f1d", "FAILED", None, "051", True),
    ),
    (
        "opentelecoms-org/jsmpp#62: no sub, no dlvrd",
        "id:1526758174 submit date:1701240904 done date:1701240904 stat:DELIVRD err:000 text:hellow",
        *("1526758174", "DELIVRD", DELIVERED, "000", True),
    ),
    (
        "uudashr/jsmpp#67: no text either",
        "id:0654354026 submit date:2302101454 done date:2302101454 stat:DELIVRD err:000",
        *("0654354026", "DELIVRD", DELIVERED, "000", True),
    ),
    (
        "jookies/jasmin#70, Clickatell: seconds",
        (
            "id:a29f6845555647139e5c8f3b817f2c9a sub:001 dlvrd:001 submit date:141023215253 done date:141023215259 "
            "stat:DELIVRD err:000 text:"
        ),
        *("a29f6845555647139e5c8f3b817f2c9a", "DELIVRD", DELIVERED, "000", True),
    ),
    (
        "jookies/jasmin#1239, Jasmin itself: a UUID, two digits of err",
        "id:1298d520-b783-49d9-87af-643d7bf13304 submit date:2411051159 done date:2411051159 stat:DELIVRD err:00",
        *("1298d520-b783-49d9-87af-643d7bf13304", "DELIVRD", DELIVERED, "00", True),
    ),
    (
        "jookies/jasmin#447: FAILED, done date of zeros",
        (
            "id:1216080510463401720 sub:001 dlvrd:001 submit date:1608051046 done date:0000000000 "
            "stat:FAILED err:002 Text:"
        ),
        *("1216080510463401720", "FAILED", None, "002", True),
    ),
    (
        "jookies/jasmin#418: an id with hyphens",
        (
            "id:SAR-2347039245475-1EEDF843-2-1 sub:001 dlvrd:000 submit date:1604142325 done date:1604142326 "
            "stat:UNDELIV err:001 text:"
        ),
        *("SAR-2347039245475-1EEDF843-2-1", "UNDELIV", UNDELIVERABLE, "001", True),
    ),
    (
        "jookies/jasmin#916: accepted, not final",
        (
            "id:1101C1-C9D03D-F000 sub:000 dlvrd:000 submit date:2010290238 done date:2010290238 "
            "stat:ACCEPTD err:000 text:"
        ),
        *("1101C1-C9D03D-F000", "ACCEPTD", ACCEPTED, "000", False),
    ),
    (
        "onlinecity/php-smpp#70: four digits of err",
        (
            "id:117062714244798261 sub:001 dlvrd:001 submit date:1706271624 done date:1706271624 stat:DELIVRD err:0000 "
            "text:H\x1bello world"
        ),
        *("117062714244798261", "DELIVRD", DELIVERED, "0000", True),
    ),
    (
        "onlinecity/php-smpp#29: a blank after the colon",
        "id:1234 sub:1 dlvrd:001 submit date:1404171000 done date:1404171001 stat:EXPIRED err: 0 text: hi",
        *("1234", "EXPIRED", EXPIRED, "0", True),
    ),
    (
        "funbox/smppex#46: dates in the absolute format of 7.1.1, no text",
        (
            "id:rdwjwxns18krxr9936ey96ymcw sub:000 dlvrd:000 submit date:180711070003912+ done date:180711070000012+ "
            "stat:UNDELIV err:000"
        ),
        *("rdwjwxns18krxr9936ey96ymcw", "UNDELIV", UNDELIVERABLE, "000", True),
    ),
    (
        "python-smpplib PR 90",
        (
            "id:6C7C7DE28BB3E961947700000000FE37 sub:001 dlvrd:000 submit date:1907311208 done date:1907311208 "
            "stat:UNDELIV err:001 text:Ceci est un tet."
        ),
        *("6C7C7DE28BB3E961947700000000FE37", "UNDELIV", UNDELIVERABLE, "001", True),
    ),
    (
        "linxGnu/gosmpp#124",
        (
            "id:123A456B sub:1 dlvrd:1 submit date:1702281424 done date:1702281424 stat:DELIVRD err:0 "
            "text: hello how are you there"
        ),
        *("123A456B", "DELIVRD", DELIVERED, "0", True),
    ),
    (
        "vumi#897: dots for numbers",
        "id:foo sub:... dlvrd:... submit date:200101010030 done date:200101020030 stat:FAILED err:042 text:Meep",
        *("foo", "FAILED", None, "042", True),
    ),
    (
        "smppcenter.com",
        (
            "id:64567564356765435676 sub:001 dlvrd:001 submit date:190608165232 done date:190608165237 stat:DELIVRD "
            "err:000 text:Hello World"
        ),
        *("64567564356765435676", "DELIVRD", DELIVERED, "000", True),
    ),
    (
        "e-com-net.com/article/2299106",
        (
            "id:0911897980 sub:001 dlvrd:000 submit date:1201121551 done date:1201121551 "
            "stat:UNDELIV err:075 text:-PROFILE"
        ),
        *("0911897980", "UNDELIV", UNDELIVERABLE, "075", True),
    ),
    (
        "LINK Mobility: sub and dlvrd always 000",
        "id:e731049e9fc84e61 sub:000 dlvrd:000 submit date:2609051430 done date:2609051431 stat:DELIVRD err:000 text:",
        *("e731049e9fc84e61", "DELIVRD", DELIVERED, "000", True),
    ),
    (
        "Infobip: ENROUTE in an ordinary receipt",
        "id:44191696 sub:001 dlvrd:000 submit date:2609051430 done date:2609051430 stat:ENROUTE err:000",
        *("44191696", "ENROUTE", ENROUTE, "000", False),
    ),
    (
        "CM.com",
        "id:5be9f816f19992a78c8e26442f8afa50 submit date:2609051430 done date:2609051433 stat:DELIVRD err:000",
        *("5be9f816f19992a78c8e26442f8afa50", "DELIVRD", DELIVERED, "000", True),
    ),
    (
        "Telesign: hexadecimal err",
        (
            "id:e9ca671b2497d778d771938333dc0c52 sub:001 dlvrd:000 submit date:260905143000 done date:260905143010 "
            "stat:UNKNOWN err:4A6 text:"
        ),
        *("e9ca671b2497d778d771938333dc0c52", "UNKNOWN", UNKNOWN, "4A6", False),
    ),
    (
        "Melrose Labs: SCHEDLD",
        "id:33647f6c sub:001 dlvrd:000 submit date:2609051430 done date:2609051430 stat:SCHEDLD err:000 text:",
        *("33647f6c", "SCHEDLD", MessageState.SCHEDULED, "000", False),
    ),
    (
        "SMS Central: BUFFRED",
        "id:8812 sub:001 dlvrd:000 submit date:2609051430 done date:2609051430 stat:BUFFRED err:0 text:",
        *("8812", "BUFFRED", ENROUTE, "0", False),
    ),
    (
        "SMS Central: NOCRED",
        "id:8812 sub:001 dlvrd:000 submit date:2609051430 done date:2609051430 stat:NOCRED err:500 text:",
        *("8812", "NOCRED", None, "500", True),
    ),
    (
        "PSWinCom: BARRED",
        "id:77 sub:001 dlvrd:000 submit date:2609051430 done date:2609051430 stat:BARRED err:000 text:",
        *("77", "BARRED", None, "000", True),
    ),
    (
        "any order",
        "stat:DELIVRD err:000 done date:2609051431 dlvrd:001 submit date:2609051430 sub:001 id:f5c98a862c8d6014 text:",
        *("f5c98a862c8d6014", "DELIVRD", DELIVERED, "000", True),
    ),
    (
        "a capital Id, more blanks, underscores, commas",
        "Id:A1,  Sub:001,  Dlvrd:001,  Submit_Date:2609051430,  Done_Date:2609051431,  Stat:DELIVRD,  Err:000,  Text:x",
        *("A1", "DELIVRD", DELIVERED, "000", True),
    ),
    (
        "words spelled out",
        "id:A2 stat:Undeliverable err:34",
        *("A2", "Undeliverable", UNDELIVERABLE, "34", True),
    ),
]


@pytest.mark.parametrize("case", VENDORS, ids=[row[0] for row in VENDORS])
def test_the_texts_of_vendors(case: tuple[str, str, str, str, MessageState | None, str, bool]) -> None:
    _, text, ref, word, state, error, final = case
    receipt = receipt_of(text)
    assert (receipt.ref, receipt.word, receipt.state) == (ref, word, state)
    assert (receipt.error, receipt.final) == (error, final)


def test_all_of_an_ordinary_receipt() -> None:
    text = "id:42 sub:001 dlvrd:001 submit date:2609051430 done date:260905143145 stat:DELIVRD err:000 text:hi there"
    assert receipt_of(
        text, network_error_code=b"\x03\x00\x22", user_message_reference=b"\x02\x01"
    ) == Receipt(
        ref="42",
        other_ref=None,
        state=DELIVERED,
        word="DELIVRD",
        error="000",
        final=True,
        network_error="3:34",
        submitted_at="2609051430",
        done_at="260905143145",
        text="hi there",
        source="ACME",
        destination="447700900123",
        user_message_reference=513,
    )


# Letters that no key consists of, so that the values stay what they are in any order.
tokens = st.text("0123456789ABCFGHJKQXYZ-", min_size=1, max_size=20)
digits = st.text("0123456789", min_size=1, max_size=14)


@given(tokens, digits, digits, st.sampled_from(sorted(STATES)), tokens, st.permutations(range(5)))
def test_the_order_and_the_blanks_do_not_matter(
    ref: str, submitted: str, done: str, word: str, error: str, order: list[int]
) -> None:
    error = error.replace("-", "")
    pairs = [f"id:{ref}", f"submit date:{submitted}", f"done date:{done}", f"stat:{word}", f"err:{error}"]
    ordinary = receipt_of(" ".join([*pairs, "text:abc"]))
    assert (ordinary.ref, ordinary.submitted_at, ordinary.done_at) == (ref, submitted, done)
    assert (ordinary.word, ordinary.error, ordinary.text) == (word, error, "abc")
    shuffled = "  ".join([pairs[place] for place in order] + ["text: abc"])
    assert receipt_of(shuffled) == ordinary


@given(st.binary(max_size=255), st.sampled_from((0, 4, 0x20, 0x24, 0x44, 8)), st.booleans())
def test_arbitrary_octets_do_no_harm(octets: bytes, esm_class: int, as_payload: bool) -> None:
    tlvs = {"message_payload": octets, "message_state": octets[:2], "network_error_code": octets[:4]}
    pdu = deliver(b"" if as_payload else octets, esm_class, **(tlvs if as_payload else {}))
    marked = esm_class in (4, 0x20, 0x44)
    assert (parse(pdu) is not None) or not marked


# Parameters


def test_the_parameters_alone_are_enough() -> None:
    receipt = receipt_of("", receipted_message_id=b"3a9f\0", message_state=b"\x05")
    assert (receipt.ref, receipt.state, receipt.word, receipt.final) == ("3a9f", UNDELIVERABLE, "", True)


def test_the_parameters_win_over_the_text() -> None:
    # Telesign: message_state 9 with stat:UNKNOWN, which has no word for it
    receipt = receipt_of(
        "id:e9ca671b sub:001 dlvrd:000 submit date:2609051430 done date:2609051430 stat:UNKNOWN err:4A6 text:",
        receipted_message_id=b"e9ca671b\0",
        message_state=b"\x09",
    )
    assert (receipt.state, receipt.word, receipt.final) == (MessageState.SKIPPED, "UNKNOWN", True)
    assert receipt.other_ref is None


def test_another_id_in_the_text_is_kept() -> None:
    receipt = receipt_of("id:0123456789 stat:DELIVRD", receipted_message_id=b"0123456789-7\0")
    assert (receipt.ref, receipt.other_ref) == ("0123456789-7", "0123456789")


def test_the_same_id_in_another_notation_is_no_other_id() -> None:
    receipt = receipt_of("id:862224236 stat:DELIVRD", receipted_message_id=b"33647f6c\0")
    assert (receipt.ref, receipt.other_ref) == ("33647f6c", None)


@pytest.mark.parametrize("octets", [b"", b"\x63", b"\x00\x02"])
def test_a_state_that_is_none_leaves_it_to_the_text(octets: bytes) -> None:
    assert receipt_of("id:1 stat:EXPIRED", message_state=octets).state is EXPIRED


@pytest.mark.parametrize(
    ("octets", "error"), [(b"\x03\x00\x22", "3:34"), (b"\x00\x00\x01", "0:1"), (b"34", "3334"), (b"", None)]
)
def test_the_network_error(octets: bytes, error: str | None) -> None:
    assert receipt_of("id:1 stat:UNDELIV", network_error_code=octets).network_error == error


def test_a_data_sm_carries_its_text_as_a_parameter() -> None:
    pdu = DataSm(
        source_addr="447700900123",
        destination_addr="ACME",
        esm_class=EsmClass.DELIVERY_RECEIPT,
        tlvs={Tag.MESSAGE_PAYLOAD: b"id:7 sub:001 dlvrd:001 stat:DELIVRD err:000"},
    )
    receipt = parse(pdu)
    assert receipt is not None
    assert (receipt.ref, receipt.state, receipt.source) == ("7", DELIVERED, "ACME")


# What is a receipt, and whether it is the last


def test_an_intermediate_notification_is_never_final() -> None:
    assert receipt_of("id:1 stat:DELIVRD", EsmClass.INTERMEDIATE).final is False


def test_unknown_is_final_where_the_caller_says_so() -> None:
    pdu = deliver("id:1 stat:UNKNOWN", EsmClass.DELIVERY_RECEIPT)
    by_default, asked = parse(pdu), parse(pdu, Habits(unknown_is_final=True))
    assert by_default is not None
    assert by_default.final is False
    assert asked == replace(by_default, final=True)


def test_a_marked_receipt_without_an_id_is_still_one() -> None:
    receipt = receipt_of("sub:001 dlvrd:001 stat:DELIVRD err:000 text:")
    assert (receipt.ref, receipt.state) == ("", DELIVERED)


def test_a_marked_receipt_without_anything_settles_nothing() -> None:
    receipt = receipt_of("Message delivered to handset")
    assert (receipt.ref, receipt.state, receipt.final) == ("", None, False)


@pytest.mark.parametrize(
    "text",
    [
        "id:1234567890 sub:001 dlvrd:001 submit date:1608011415 done date:1608011417 stat:DELIVRD err:000 Text:Hello",
        "id:1234567890 stat:FAILED err:12",
        "\n stat:REJECTD err:9 id:77",
    ],
)
def test_an_unmarked_receipt_is_recognised_by_its_text(text: str) -> None:
    assert receipt_of(text, esm_class=0).final is True


def test_an_unmarked_receipt_is_recognised_by_its_parameters() -> None:
    assert (
        receipt_of("", 0, receipted_message_id=b"7\0", message_state=b"\x00").state is MessageState.SCHEDULED
    )
    assert receipt_of("stat:DELIVRD", 0, receipted_message_id=b"7\0").ref == "7"


@pytest.mark.parametrize(
    "text",
    [
        "Hello",
        "STOP",
        "my id: 12 and the stat: DELIVRD err: 0",  # a person may write so
        "id:12 stat:DELIVRD",  # too little to settle a message
        "id:12 stat:i am fine err:0",
        "id:12 stat:R2D2 err:0",
        "sub:001 dlvrd:001 stat:DELIVRD err:000 text:",  # of which message?
        "id: stat:DELIVRD err:000",
        "",
    ],
)
def test_an_ordinary_message_is_no_receipt(text: str) -> None:
    assert parse(deliver(text)) is None


@pytest.mark.parametrize("kind", [EsmClass.DELIVERY_ACK, EsmClass.USER_ACK, EsmClass.CONVERSATION_ABORT])
def test_an_acknowledgement_of_the_handset_is_no_receipt(kind: EsmClass) -> None:
    assert parse(deliver("id:1 sub:001 stat:DELIVRD err:000", kind)) is None


def test_an_id_alone_among_the_parameters_is_no_receipt() -> None:
    assert parse(deliver("hello", receipted_message_id=b"7\0")) is None


# Texts that try to be something else


def test_what_a_person_wrote_does_not_count() -> None:
    receipt = receipt_of("id:1 stat:UNDELIV err:1 text:id:2 stat:DELIVRD err:0")
    assert (receipt.ref, receipt.word, receipt.error) == ("1", "UNDELIV", "1")
    assert receipt.text == "id:2 stat:DELIVRD err:0"


def test_the_first_of_a_repeated_key_counts() -> None:
    assert receipt_of("id:1 id:2 stat:EXPIRED stat:DELIVRD").word == "EXPIRED"


def test_a_text_before_the_rest_ends_at_the_next_key() -> None:
    receipt = receipt_of("text:hi there id:1 stat:DELIVRD")
    assert (receipt.text, receipt.ref, receipt.state) == ("hi there", "1", DELIVERED)


def test_a_receipt_in_utf_16_is_read() -> None:
    text = (
        "id:1 sub:001 dlvrd:001 submit date:2609051430 done date:2609051431 stat:DELIVRD err:000 text:héllo"
    )
    assert receipt_of(text.encode("utf-16-be")) == receipt_of(text)


def test_terminators_and_line_ends_do_not_matter() -> None:
    receipt = receipt_of("id:1 sub:001 dlvrd:001\r\nstat:DELIVRD err:000 text:hi\0\0")
    assert (receipt.ref, receipt.word, receipt.error, receipt.text) == ("1", "DELIVRD", "000", "hi")
