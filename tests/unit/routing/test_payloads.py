"""What goes on the wire in every style and alphabet decodes back to the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import udh
from routing.alphabet import BASIC, EXTENSION, mend
from routing.errors import PayloadError
from routing.payloads import DefaultAlphabet, Payload, Sar, SplitStyle, payloads, read

PIECES = ("a", "hello ", "@", "é", "Δ", "\r", "\n", "€", "[x]", "ж", "😀", "e\u0301", "y" * 60, "Σ" * 50)
gsm_texts = st.text(st.sampled_from(BASIC.replace("\x1b", "") + "".join(EXTENSION.values())), max_size=500)
mixed_texts = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
wild_texts = st.text(st.characters(exclude_categories=()), max_size=300)
texts = st.one_of(gsm_texts, mixed_texts, wild_texts)
styles = st.sampled_from(SplitStyle)
default_alphabets = st.sampled_from(DefaultAlphabet)
classes = st.sampled_from((None, 0, 1, 2, 3))


def text_of(payload: Payload, default_alphabet: DefaultAlphabet) -> str:
    octets = payload.short_message if payload.message_payload is None else payload.message_payload
    content = read(octets, payload.data_coding, payload.udhi, default_alphabet)
    assert content.text is not None
    assert content.fault is None
    return content.text


@given(texts, styles, default_alphabets, classes, st.integers(0, 0xFFFF))
def test_what_is_written_reads_back(
    text: str, style: SplitStyle, default_alphabet: DefaultAlphabet, message_class: int | None, reference: int
) -> None:
    written = payloads(text, style, default_alphabet, message_class, reference)
    parts = [text_of(payload, default_alphabet) for payload in written]
    if default_alphabet is DefaultAlphabet.GSM7_PACKED:
        # The CR rule may cost or double a CR at the end of a part.
        assert "".join(parts).replace("\r", "") == mend(text).replace("\r", "")
    else:
        assert "".join(parts) == mend(text)


@given(texts, styles, default_alphabets)
def test_parts_are_numbered_joined_and_fit(
    text: str, style: SplitStyle, default_alphabet: DefaultAlphabet
) -> None:
    written = payloads(text, style, default_alphabet, None, 0x1234)
    assert [payload.part for payload in written] == list(range(1, len(written) + 1))
    assert {payload.total for payload in written} == {len(written)}
    for payload in written:
        assert len(payload.short_message) <= 254
        if payload.data_coding == 8 or default_alphabet is DefaultAlphabet.GSM7_PACKED:
            assert len(payload.short_message) <= 140
        if len(written) == 1:
            assert (payload.udhi, payload.sar) == (False, None)
        elif style is SplitStyle.SAR:
            assert payload.sar == Sar(0x1234, payload.total, payload.part)
            assert not payload.udhi
        else:
            assert payload.udhi
            concat = udh.parse(payload.short_message).concat
            bits, reference = (8, 0x34) if style is SplitStyle.UDH8 else (16, 0x1234)
            assert concat == udh.Concat(reference, payload.total, payload.part, bits)


def test_one_short_text() -> None:
    assert payloads("hi @ €") == (Payload(b"hi \x00 \x1be", 0, False, None, None, 1, 1),)
    assert payloads("привет") == (Payload("привет".encode("utf-16-be"), 8, False, None, None, 1, 1),)


def test_a_long_text_with_each_header() -> None:
    text = "a" * 161
    first, second = payloads(text, SplitStyle.UDH8, reference=7)
    assert first.short_message == bytes.fromhex("050003070201") + b"a" * 153
    assert second.short_message == bytes.fromhex("050003070202") + b"a" * 8
    first, second = payloads(text, SplitStyle.UDH16, reference=7)
    assert first.short_message == bytes.fromhex("06080400070201") + b"a" * 152
    assert len(payloads("ж" * 133, SplitStyle.UDH16)) == 3
    assert len(payloads("ж" * 133, SplitStyle.UDH8)) == 2


def test_sar_leaves_the_header_to_the_carrier() -> None:
    first, second = payloads("a" * 161, SplitStyle.SAR, reference=300)
    assert (first.short_message, first.sar) == (b"a" * 153, Sar(300, 2, 1))
    assert (second.short_message, second.sar) == (b"a" * 8, Sar(300, 2, 2))


def test_message_payload_holds_a_long_text_and_short_message_a_short_one() -> None:
    (whole,) = payloads("a" * 161, SplitStyle.MESSAGE_PAYLOAD)
    assert (whole.short_message, whole.message_payload, whole.total) == (b"", b"a" * 161, 1)
    (short,) = payloads("a" * 160, SplitStyle.MESSAGE_PAYLOAD)
    assert (short.short_message, short.message_payload) == (b"a" * 160, None)
    with pytest.raises(PayloadError, match="a message_payload has at most 65535"):
        payloads("ж" * 40_000, SplitStyle.MESSAGE_PAYLOAD)


def test_packed_septets_begin_on_a_boundary_after_the_header() -> None:
    first, second = payloads("a" * 161, default_alphabet=DefaultAlphabet.GSM7_PACKED)
    assert len(first.short_message) == 140
    # One fill bit, then the septets of "a" (0x61): 0x61 << 1 with the low bit of the next one above.
    assert first.short_message[6] == 0xC2
    assert len(second.short_message) == 6 + (1 + 8 * 7 + 7) // 8
    (alone,) = payloads("a" * 160, default_alphabet=DefaultAlphabet.GSM7_PACKED)
    assert len(alone.short_message) == 140


@pytest.mark.parametrize("text", ["a" * 159 + "\r", "a" * 152 + "\r" + "a" * 20])
def test_a_full_packed_part_that_ends_in_cr_stays_within_140_octets(text: str) -> None:
    written = payloads(text, default_alphabet=DefaultAlphabet.GSM7_PACKED)
    assert len(written[0].short_message) == 140


@pytest.mark.parametrize(
    ("text", "default_alphabet", "octets", "data_coding"),
    [
        ("a@ñ", DefaultAlphabet.GSM7_UNPACKED, b"a\x00\x7d", 0),
        ("a@ñ", DefaultAlphabet.LATIN1, b"a@\xf1", 0),
        ("a@ñ", DefaultAlphabet.UTF8, b"a@\xc3\xb1", 0),
        ("a@ñ", DefaultAlphabet.ASCII, "a@ñ".encode("utf-16-be"), 8),
        ("a[b]", DefaultAlphabet.ASCII, b"a[b]", 0),
        ("5€", DefaultAlphabet.LATIN1, "5€".encode("utf-16-be"), 8),
        ("5€", DefaultAlphabet.UTF8, "5€".encode(), 0),
        # In Latin-1 but not in GSM 03.38: the carrier could not send it in 7 bits.
        ("façade", DefaultAlphabet.LATIN1, "façade".encode("utf-16-be"), 8),
    ],
)
def test_default_alphabets(
    text: str, default_alphabet: DefaultAlphabet, octets: bytes, data_coding: int
) -> None:
    (payload,) = payloads(text, default_alphabet=default_alphabet)
    assert (payload.short_message, payload.data_coding) == (octets, data_coding)


def test_utf8_that_outgrows_short_message_goes_out_as_ucs2() -> None:
    written = payloads("Σ" * 160, default_alphabet=DefaultAlphabet.UTF8)
    assert [payload.data_coding for payload in written] == [8, 8, 8]


@pytest.mark.parametrize(("message_class", "gsm", "ucs2"), [(None, 0, 8), (0, 0x10, 0x18), (3, 0x13, 0x1B)])
def test_message_class(message_class: int | None, gsm: int, ucs2: int) -> None:
    assert payloads("hi", message_class=message_class)[0].data_coding == gsm
    assert payloads("привет", message_class=message_class)[0].data_coding == ucs2


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(PayloadError, match="Message class 4"):
        payloads("hi", message_class=4)
    with pytest.raises(PayloadError, match="Reference 65536"):
        payloads("hi", reference=0x10000)
    with pytest.raises(PayloadError, match="256 parts"):
        payloads("a" * (153 * 255 + 1))
    assert len(payloads("a" * (153 * 255))) == 255


@pytest.mark.parametrize(
    ("octets", "data_coding", "text"),
    [
        (b"a\x00", 0x00, "a@"),
        (b"a@", 0x01, "a@"),
        (b"a\xff", 0x01, "a\\xff"),
        (b"se\xf1or", 0x03, "señor"),
        ("Привет".encode("iso8859_5"), 0x06, "Привет"),
        ("שלום".encode("iso8859_8"), 0x07, "שלום"),
        ("ж".encode("utf-16-be"), 0x08, "ж"),
        ("한".encode("euc_kr"), 0x0E, "한"),
        (b"a\x00", 0x0F, "a@"),
        (b"a\x00", 0x11, "a@"),
        ("ж".encode("utf-16-be"), 0x18, "ж"),
        (b"a\x00", 0xC8, "a@"),
        ("ж".encode("utf-16-be"), 0xE0, "ж"),
        (b"a\x00", 0xF1, "a@"),
        (b"\x00\x01", 0x02, None),
        (b"\x00\x01", 0x04, None),
        (b"\x00\x01", 0x14, None),
        (b"\x00\x01", 0x20, None),
        (b"\x00\x01", 0xF5, None),
    ],
)
def test_data_codings_of_what_carriers_send(octets: bytes, data_coding: int, text: str | None) -> None:
    assert read(octets, data_coding) == (text, octets, None, None)


def test_a_header_that_cannot_be_read_leaves_the_text() -> None:
    content = read(b"hello", 0x01, udhi=True)
    assert (content.text, content.udh) == ("hello", None)
    assert content.fault is not None
    assert "UDH" in content.fault


@given(st.binary(max_size=200), st.integers(0, 255), st.booleans(), default_alphabets)
def test_any_octets_are_read(
    octets: bytes, data_coding: int, udhi: bool, default_alphabet: DefaultAlphabet
) -> None:
    content = read(octets, data_coding, udhi, default_alphabet)
    assert content.text is None or isinstance(content.text.encode("utf-16-be"), bytes)
    assert octets.endswith(content.octets)
