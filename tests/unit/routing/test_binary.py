"""Octets for an application of the phone: written whole, cut with their header, joined again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import udh
from routing.binary import Binary, binary
from routing.errors import PayloadError, UdhError
from routing.payloads import Payload, Sar, SplitStyle, read

PORTS = udh.ports16(2948, 9200)
WAP = bytes.fromhex("0605040b8423f0")

contents = st.builds(
    Binary,
    st.binary(max_size=1500),
    st.sampled_from(((), (PORTS,), (PORTS, udh.Element(0x70, b"\x01\x02")))),
)


def octets_of(payload: Payload) -> bytes:
    return payload.short_message if payload.message_payload is None else payload.message_payload


@given(contents, st.sampled_from(SplitStyle), st.integers(0, 0xFFFF))
def test_parts_joined_are_the_octets(content: Binary, style: SplitStyle, reference: int) -> None:
    written = content.payloads(style, reference=reference)
    joined = b""
    for payload in written:
        found = read(octets_of(payload), payload.data_coding, payload.udhi)
        assert (found.text, found.fault) == (None, None)
        joined += found.octets
        ours = (
            ()
            if found.udh is None
            else tuple(
                each
                for each in found.udh.elements
                if each.identifier not in (udh.CONCAT_8BIT, udh.CONCAT_16BIT)
            )
        )
        assert ours == content.elements
        if payload.message_payload is None:
            assert len(payload.short_message) <= 140
    assert joined == content.data
    assert [payload.part for payload in written] == list(range(1, len(written) + 1))
    if style is SplitStyle.UDH8:
        assert len(written) == content.segments


@given(contents, st.integers(0, 0xFFFF))
def test_no_content_takes_more_parts_than_it_must(content: Binary, reference: int) -> None:
    written = content.payloads(SplitStyle.UDH8, reference=reference)
    if len(written) > 1:
        assert all(len(payload.short_message) == 140 for payload in written[:-1])
        assert written[-1].short_message[written[-1].short_message[0] + 1 :] != b""


def test_golden_octets_of_a_header_that_joins_and_addresses() -> None:
    content = binary(b"x" * 150, WAP)
    assert content.elements == (PORTS,)
    first, second = content.payloads(reference=0x3F)
    assert first.short_message == bytes.fromhex("0b00033f0201 05040b8423f0") + b"x" * 128
    assert second.short_message == bytes.fromhex("0b00033f0202 05040b8423f0") + b"x" * 22
    assert (first.udhi, first.data_coding) == (True, 4)
    wide, _ = content.payloads(SplitStyle.UDH16, reference=0x3F)
    assert wide.short_message == bytes.fromhex("0c0804003f0201 05040b8423f0") + b"x" * 127
    (alone,) = binary(b"x" * 133, WAP).payloads()
    assert alone.short_message == WAP + b"x" * 133
    assert len(binary(b"x" * 134, WAP).payloads()) == 2


def test_without_a_header() -> None:
    assert binary(b"\x00\xff").payloads() == (Payload(b"\x00\xff", 4, False, None, None, 1, 1),)
    assert [len(part.short_message) for part in binary(b"x" * 141).payloads()] == [140, 6 + 7]
    first, second = binary(b"x" * 141).payloads(SplitStyle.SAR, reference=9)
    assert (first.short_message, first.sar, first.udhi) == (b"x" * 134, Sar(9, 2, 1), False)
    assert (second.short_message, second.sar) == (b"x" * 7, Sar(9, 2, 2))


def test_a_header_of_ours_stands_beside_no_sar() -> None:
    written = binary(b"x" * 200, WAP).payloads(SplitStyle.SAR, reference=9)
    assert all(payload.sar is None and payload.udhi for payload in written)


def test_message_payload_takes_the_header_along() -> None:
    (whole,) = binary(b"x" * 200, WAP).payloads(SplitStyle.MESSAGE_PAYLOAD)
    assert (whole.message_payload, whole.udhi, whole.short_message) == (WAP + b"x" * 200, True, b"")
    (short,) = binary(b"x", WAP).payloads(SplitStyle.MESSAGE_PAYLOAD)
    assert (short.short_message, short.message_payload) == (WAP + b"x", None)
    with pytest.raises(PayloadError, match="a message_payload has at most 65535"):
        binary(b"x" * 65_530, WAP).payloads(SplitStyle.MESSAGE_PAYLOAD)


@pytest.mark.parametrize(("message_class", "coding"), [(None, 0x04), (0, 0xF4), (1, 0xF5), (3, 0xF7)])
def test_message_class(message_class: int | None, coding: int) -> None:
    (payload,) = binary(b"x").payloads(message_class=message_class)
    assert payload.data_coding == coding


def test_a_tenant_who_splits_on_its_own_gets_one_part() -> None:
    header = bytes.fromhex("0500034a0201")
    (payload,) = binary(b"x" * 134, header).payloads(reference=7)
    assert payload.short_message == header + b"x" * 134
    with pytest.raises(PayloadError, match="which joins parts itself"):
        binary(b"x" * 135, header).payloads()


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(PayloadError, match="Message class 4"):
        binary(b"x").payloads(message_class=4)
    with pytest.raises(PayloadError, match="256 parts"):
        binary(b"x" * (134 * 255 + 1)).payloads()
    assert len(binary(b"x" * (134 * 255)).payloads()) == 255
    with pytest.raises(PayloadError, match="leaves no room"):
        Binary(b"x" * 20, (udh.Element(0x70, b"y" * 133),)).payloads()
    with pytest.raises(UdhError, match="says 7 octets and has 8"):
        binary(b"x", WAP + b"\x00")
    with pytest.raises(UdhError, match="the user data has 3"):
        binary(b"x", WAP[:3])
