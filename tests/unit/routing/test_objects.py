"""A link, a business card, an appointment: octets that other implementations have published or made."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import PayloadError
from routing.objects import Signal, vcalendar, vcard, wap_push
from routing.udh import Ports, Udh

WSP = "dc0601ae"
MAIL = ("http://www.xyz.com/email/123/abc.wml", "You have 4 new emails")  # the example of WAP-167, 8.4
CARD = """BEGIN:VCARD
VERSION:2.1
N:Bloggs;Joe
TEL;HOME:123456789
TEL;CELL:123456789
EMAIL;TYPE=internet:me@mycompany.com
NOTE:a card of two parts
END:VCARD"""
APPOINTMENT = (
    "BEGIN:VCALENDAR\nVERSION:1.0\nBEGIN:VEVENT\nDTSTART:20041130T123000Z\nEND:VEVENT\nEND:VCALENDAR\n"
)


def test_golden_octets_of_a_link() -> None:
    # As BulkSMS prints it in the documentation of its HTTP interface.
    (payload,) = wap_push("http://www.bulksms.com", "Visit BulkSMS.com homepage").payloads()
    assert (payload.udhi, payload.data_coding) == (True, 4)
    assert payload.short_message.hex() == (
        "0605040b8423f0dc0601ae02056a0045c60d0362756c6b736d732e636f6d000103"
        "56697369742042756c6b534d532e636f6d20686f6d6570616765000101"
    )


def test_golden_octets_of_a_link_with_times_and_a_signal() -> None:
    # The document part is what libwbxml 0.11.8 (`xml2wbxml -v 1.2`) makes of the same Service Indication.
    content = wap_push(
        *MAIL, datetime(1999, 6, 25, 15, 23, 15, tzinfo=UTC), datetime(1999, 6, 30, tzinfo=UTC), Signal.HIGH
    )
    assert content.data.hex() == WSP + (
        "02056a0045c60d0378797a008503656d61696c2f3132332f6162632e776d6c00"
        "0ac3071999062515231510c3041999063008"
        "0103596f7520686176652034206e657720656d61696c73000101"
    )


@pytest.mark.parametrize(
    ("url", "octets"),
    [
        ("https://a.example/x", b"\x0e\x03a.example/x\0"),
        ("https://www.a.org/", b"\x0f\x03a\0\x88"),
        ("http://b.net/.com/x", b"\x0c\x03b\0\x87\x03.com/x\0"),
        ("http://b.example/.com/x", b"\x0c\x03b.example/.com/x\0"),
        ("wap.example.edu/x", b"\x0b\x03wap.example\0\x86\x03x\0"),
        ("http://ü.example", "\x0c\x03ü.example\0".encode()),
    ],
)
def test_addresses_by_tokens(url: str, octets: bytes) -> None:
    assert wap_push(url, "t").data[10:] == octets + b"\x01\x03t\0\x01\x01"


def test_times_are_written_in_utc_without_the_zeros_at_their_end() -> None:
    evening = datetime(2026, 12, 31, 23, 30, tzinfo=timezone(timedelta(hours=-1)))
    assert (
        wap_push("http://a", "t", expires=evening)
        .data[10:]
        .startswith(b"\x0c\x03a\0\x10\xc3\x06\x20\x27\x01\x01\x00\x30")
    )


@given(st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=255))
def test_any_title_is_in_the_octets(title: str) -> None:
    data = wap_push("http://a", title).data
    assert data.endswith(b"\x01\x03" + title.encode("utf-8", "replace") + b"\0\x01\x01")


def test_a_long_link_is_cut_with_its_ports() -> None:
    first, second = wap_push("http://a/" + "x" * 150, "t").payloads(reference=0x3F)
    assert first.short_message[:12].hex() == "0b00033f020105040b8423f0"
    assert second.short_message[:12].hex() == "0b00033f020205040b8423f0"


def test_golden_octets_of_a_business_card() -> None:
    # The header as SMS Server Tools and IntelliSMS print it.
    first, second = vcard(CARD).payloads(reference=1)
    assert Udh(vcard(CARD).elements).encode().hex() == "06050423f40000"
    assert first.short_message[:12].hex() == "0b0003010201050423f40000"
    joined = first.short_message[12:] + second.short_message[12:]
    assert joined == CARD.replace("\n", "\r\n").encode() + b"\r\n"


def test_an_appointment() -> None:
    (payload,) = vcalendar(APPOINTMENT).payloads()
    assert (
        payload.short_message == bytes.fromhex("06050423f50000") + APPOINTMENT.replace("\n", "\r\n").encode()
    )
    assert Udh(vcalendar(APPOINTMENT).elements).ports == Ports(9205, 0)


def test_a_text_keeps_its_lines() -> None:
    mixed = "begin:vcard\rN:a\u2028b\r\nend:vcard"
    assert vcard(mixed).data == "begin:vcard\r\nN:a\u2028b\r\nend:vcard\r\n".encode()


@pytest.mark.parametrize(
    ("url", "title", "words"),
    [
        ("", "t", "URL is empty"),
        ("http://a\0", "t", "URL is empty or has a NUL"),
        ("http://a", "", "title is empty"),
        ("http://a", "t\0", "title is empty or has a NUL"),
        ("http://" + "a" * 1024, "t", "URL has 1031"),
        ("http://a", "t" * 256, "title has 256"),
        ("http://" + "a" * 1000, "\U0001f600" * 255, "makes 16 parts; phones put at most 10"),
    ],
)
def test_links_that_are_refused(url: str, title: str, words: str) -> None:
    with pytest.raises(PayloadError, match=words):
        wap_push(url, title)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(PayloadError, match="needs a zone"):
        wap_push("http://a", "t", created=datetime(2026, 1, 1))  # noqa: DTZ001 # what is refused


@pytest.mark.parametrize("text", ["", "hello", "BEGIN:VCARD\nEND:VCARD", "BEGIN:VCARD\nN:a", APPOINTMENT])
def test_what_is_no_card_is_refused(text: str) -> None:
    with pytest.raises(PayloadError, match="must begin with BEGIN:VCARD and end with END:VCARD"):
        vcard(text)


def test_a_card_is_bounded_and_has_no_nul() -> None:
    with pytest.raises(PayloadError, match="phones put at most 10"):
        vcard("BEGIN:VCARD\nNOTE:" + "x" * 1300 + "\nEND:VCARD")
    with pytest.raises(PayloadError, match="NUL"):
        vcard("BEGIN:VCARD\nN:a\0b\nEND:VCARD")
