"""GSM 03.38 against tables that others wrote, and every codec there and back."""

import pytest
from aiosmpplib.codec import GSM_BASIC_DECODE_MAP, GSM_EXTENDED_DECODE_MAP, GSM7BitPackedCodec
from hypothesis import given
from hypothesis import strategies as st
from smpplib.gsm import gsm_encode

from routing.alphabet import (
    BASIC,
    ESCAPE,
    EXTENSION,
    decode_gsm7,
    decode_ucs2,
    encode_ascii,
    encode_gsm7,
    encode_latin1,
    encode_ucs2,
    fits_gsm7,
    mend,
    pack7,
    septets,
    unpack7,
)
from routing.errors import AlphabetError

GSM_CHARACTERS = BASIC.replace("\x1b", "") + "".join(EXTENSION.values())
gsm_texts = st.text(st.sampled_from(GSM_CHARACTERS), max_size=200)
any_texts = st.text(st.characters(exclude_categories=()), max_size=200)


def test_the_tables_are_those_of_an_independent_implementation() -> None:
    assert {code: c for code, c in enumerate(BASIC) if code != ESCAPE} == {
        code: c for code, c in GSM_BASIC_DECODE_MAP.items() if code != ESCAPE
    }
    assert EXTENSION == GSM_EXTENDED_DECODE_MAP


@given(st.text(st.sampled_from(GSM_CHARACTERS.replace("§", "").replace("\f", "")), max_size=200))
def test_octets_are_those_of_a_second_implementation(text: str) -> None:
    # smpplib knows neither § nor the form feed.
    assert encode_gsm7(text) == gsm_encode(text)


def test_no_other_character_of_unicode_fits() -> None:
    fitting = {chr(code) for code in range(0x110000) if fits_gsm7(chr(code))}
    assert fitting == set(GSM_CHARACTERS)


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("", b""),
        ("@", b"\x00"),
        ("a@b", b"a\x00b"),
        ("£$¥", b"\x01\x02\x03"),
        ("Ç", b"\x09"),
        ("ΔΦΓΛΩΠΨΣΘΞ", b"\x10\x12\x13\x14\x15\x16\x17\x18\x19\x1a"),
        ("_", b"\x11"),
        ("[€]", b"\x1b\x3c\x1b\x65\x1b\x3e"),
        ("^{}\\~|\f", b"\x1b\x14\x1b\x28\x1b\x29\x1b\x2f\x1b\x3d\x1b\x40\x1b\x0a"),
        ("\r\n", b"\r\n"),
    ],
)
def test_known_octets(text: str, octets: bytes) -> None:
    assert encode_gsm7(text) == octets
    assert septets(text) == len(octets)
    assert decode_gsm7(octets) == text


@pytest.mark.parametrize(
    "text", ["`", "\0", "\x1b", "\t", "ç", "Ω\u0301", "\u0391", "\u2019", "😀", "\ufffe", "\ud83d"]
)
def test_what_the_alphabet_lacks(text: str) -> None:
    # U+0391 is the Greek capital alpha, which only looks like the Latin letter.
    assert not fits_gsm7(text)
    with pytest.raises(AlphabetError):
        encode_gsm7(text)
    with pytest.raises(AlphabetError):
        septets(text)


def test_an_error_names_the_first_character_and_its_place_but_not_the_text() -> None:
    with pytest.raises(
        AlphabetError, match=r"^Character U\+1F600 at position 7 is not in the GSM 03.38"
    ) as caught:
        encode_gsm7("secret€😀`")
    assert caught.value.position == 7


@given(gsm_texts)
def test_gsm7_there_and_back(text: str) -> None:
    octets = encode_gsm7(text)
    assert decode_gsm7(octets) == text
    assert septets(text) == len(octets)
    assert not octets or max(octets) < 0x80


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"a\x1b", "a "),
        (b"\x1b\x1ba", " a"),
        (b"\x1bab", "ab"),
        (b"\x1b\x00", "@"),
        (b"\x80\xff", "\\x80\\xff"),
        (b"\x1b\xff", "\\xff"),
        (b"\x1b\ne", "\fe"),
    ],
)
def test_gsm7_from_a_careless_carrier(octets: bytes, text: str) -> None:
    assert decode_gsm7(octets) == text


@given(st.binary(max_size=200))
def test_any_octets_are_readable(octets: bytes) -> None:
    for text in (decode_gsm7(octets), decode_gsm7(unpack7(octets)), decode_ucs2(octets)):
        text.encode("utf-8")


@given(gsm_texts, st.integers(0, 6))
def test_packing_there_and_back(text: str, fill_bits: int) -> None:
    unpacked = encode_gsm7(text)
    packed = pack7(unpacked, fill_bits)
    assert unpack7(packed, fill_bits, count=len(unpacked)) == unpacked
    # The CR rule may cost or add a CR at the end, which shows nothing.
    assert unpack7(packed, fill_bits).rstrip(b"\r") == unpacked.rstrip(b"\r")


@given(gsm_texts)
def test_packed_octets_are_those_of_an_independent_implementation(text: str) -> None:
    unpacked = encode_gsm7(text)
    while len(unpacked) % 8 == 7 or text.endswith("\r"):  # it does not know the CR rule
        text, unpacked = text + "a", unpacked + b"a"
    assert pack7(unpacked) == GSM7BitPackedCodec().encode(text)[0]


def test_packing_known_octets() -> None:
    assert pack7(b"hellohello") == bytes.fromhex("e8329bfd4697d9ec37")
    assert len(pack7(b"a" * 160)) == 140


def test_seven_spare_bits_hold_a_carriage_return() -> None:
    assert pack7(b"1234567") == bytes.fromhex("31d98c56b3dd1a")  # 0x1a is a CR, one bit up
    assert unpack7(pack7(b"1234567")) == b"1234567"
    assert unpack7(pack7(b"123456\x00\x00")) == b"123456\x00\x00"


def test_a_final_carriage_return_on_the_boundary_survives() -> None:
    assert len(pack7(b"1234567\r")) == 7 + 1
    assert unpack7(pack7(b"1234567\r")) == b"1234567\r\r"


@given(any_texts)
def test_ucs2_there_and_back(text: str) -> None:
    assert decode_ucs2(encode_ucs2(text)) == mend(text)
    assert len(encode_ucs2(text)) == 2 * sum(1 + (c > "\uffff") for c in text)


@given(st.text(max_size=200))
def test_a_text_without_lone_surrogates_needs_no_mending(text: str) -> None:
    assert mend(text) == text


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("a\ud83d", "a\ufffd"),
        ("\ude00a", "\ufffda"),
        ("\ud83d\ude00", "😀"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
    ],
)
def test_surrogates_are_joined_or_replaced(text: str, mended: str) -> None:
    assert mend(text) == mended
    assert encode_ucs2(text) == mended.encode("utf-16-be")


def test_ucs2_cut_short() -> None:
    assert decode_ucs2(b"\x04\x1f\x04") == "П\\x04"
    assert decode_ucs2(b"\xd8\x3d") == "\\xd8\\x3d"


def test_latin1_and_ascii() -> None:
    assert encode_latin1("señor §") == b"se\xf1or \xa7"
    assert encode_ascii("plain") == b"plain"
    with pytest.raises(AlphabetError, match=r"U\+20AC at position 1 is not in the Latin-1 alphabet"):
        encode_latin1("5€")
    with pytest.raises(AlphabetError, match=r"U\+00F1 at position 2 is not in the ASCII alphabet"):
        encode_ascii("seño")
