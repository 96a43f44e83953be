"""User data headers: built, read, and refused with a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import UdhError
from routing.udh import (
    NATIONAL_LOCKING,
    NATIONAL_SINGLE,
    Concat,
    Element,
    Ports,
    Udh,
    concat8,
    concat16,
    header_length,
    parse,
    ports16,
    with_elements,
)

elements = st.lists(st.builds(Element, st.integers(0, 255), st.binary(max_size=20)), max_size=8).map(tuple)


def test_known_octets() -> None:
    # 3GPP TS 23.040, 9.2.3.24.1 and 9.2.3.24.8
    assert concat8(0x2A, 3, 1) == bytes.fromhex("0500032a0301")
    assert concat16(0x1234, 3, 2) == bytes.fromhex("06080412340302")
    assert Udh((ports16(2948, 9200),)).encode() == bytes.fromhex("0605040b8423f0")


def test_a_long_reference_keeps_its_low_bits() -> None:
    assert parse(concat8(0x1FF, 2, 1)).concat == Concat(0xFF, 2, 1, 8)
    assert parse(concat16(0x1FFFF, 2, 1)).concat == Concat(0xFFFF, 2, 1, 16)


@given(elements)
def test_elements_there_and_back(given_elements: tuple[Element, ...]) -> None:
    header = Udh(given_elements)
    assert parse(header.encode() + b"text") == header
    assert header_length(header.encode() + b"text") == len(header.encode())


def test_unknown_elements_are_kept() -> None:
    header = parse(bytes.fromhex("08 7f01aa 0003070201") + b"hello")
    assert header.elements == (Element(0x7F, b"\xaa"), Element(0, b"\x07\x02\x01"))
    assert header.concat == Concat(7, 2, 1, 8)


@pytest.mark.parametrize("octets", ["050003070001", "050003070200", "050003070203", "0400020701", "00"])
def test_a_concatenation_that_contradicts_itself_is_none(octets: str) -> None:
    assert parse(bytes.fromhex(octets)).concat is None


def test_of_several_the_last_holds() -> None:
    both = Udh((Element(0x00, b"\x01\x02\x01"), Element(0x08, b"\x12\x34\x05\x02")))
    assert both.concat == Concat(0x1234, 5, 2, 16)


def test_ports() -> None:
    assert parse(bytes.fromhex("0605040b8423f0")).ports == Ports(2948, 9200)
    assert parse(bytes.fromhex("0404020102")).ports == Ports(1, 2)
    assert parse(concat8(1, 2, 1)).ports is None


@pytest.mark.parametrize(
    ("octets", "sentence"),
    [
        ("", "the user data is empty"),
        ("0500", "says 6 octets, the user data has 2"),
        ("0300050a", r"element 0x00 says 5 octets, 1 are left"),
    ],
)
def test_what_is_cut_short_is_refused(octets: str, sentence: str) -> None:
    with pytest.raises(UdhError, match=sentence):
        parse(bytes.fromhex(octets))


def test_an_octet_left_over_is_ignored() -> None:
    assert parse(bytes.fromhex("06 0003070201 00")).concat == Concat(7, 2, 1, 8)


@given(st.binary(max_size=40))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    try:
        header = parse(octets)
    except UdhError:
        return
    assert len(header.encode()) <= len(octets)


@pytest.mark.parametrize(("total", "part"), [(0, 0), (2, 0), (2, 3), (256, 1)])
def test_impossible_parts_are_not_written(total: int, part: int) -> None:
    with pytest.raises(UdhError, match=f"Part {part} of {total}"):
        concat8(1, total, part)
    with pytest.raises(UdhError, match=f"Part {part} of {total}"):
        concat16(1, total, part)


def test_what_does_not_fit_is_not_written() -> None:
    with pytest.raises(UdhError, match="longer than 255"):
        Udh((Element(0x70, bytes(200)), Element(0x70, bytes(100)))).encode()
    with pytest.raises(UdhError, match="does not fit"):
        Udh((Element(0x100, b""),)).encode()
    with pytest.raises(UdhError, match="Port 70000"):
        ports16(70000, 0)


def test_the_last_language_that_is_announced_holds() -> None:
    header = parse(bytes.fromhex("0d 240101 250103 240102 2402ffff"))
    assert header.language(NATIONAL_SINGLE) == 2
    assert header.language(NATIONAL_LOCKING) == 3
    assert parse(b"\x00").language(NATIONAL_SINGLE) is None


def test_elements_are_added_behind_the_concatenation() -> None:
    header = concat8(7, 2, 1)
    assert with_elements(header, ()) is header
    added = with_elements(header, (Element(NATIONAL_LOCKING, b"\x01"),))
    assert added == bytes.fromhex("08 0003070201 250101")
    assert parse(added).concat == Concat(7, 2, 1, 8)
