"""Numbers and senders: what they are, the sentence when they are not, and what logs show of them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import NumberError
from routing.numbers import (
    SenderKind,
    e164_hint,
    is_e164,
    kind_of_sender,
    mask,
    normalise,
    ton_npi,
    why_not_e164,
    why_not_sender,
)

numbers = st.from_regex(r"\A\+[1-9][0-9]{6,14}\Z")
texts = st.text(st.characters(exclude_categories=()), max_size=60)

NOT_E164 = [
    ("", "write '+' and 7 to 15 digits, country code first"),
    ("00447700900123", "write '+' in place of the leading 00"),
    ("07700900123", "write '+' and the country code in place of the leading 0"),
    ("447700900123", "begin with '+' and the country code"),
    ("+0447700900123", "a country code does not begin with 0"),
    ("+44 7700 900123", "write the number without spaces, brackets or dashes"),
    ("+1 (415) 555-2671", "write the number without spaces, brackets or dashes"),
    ("+123456", "after '+' come 7 to 15 digits"),
    ("+1234567890123456", "after '+' come 7 to 15 digits"),
    ("+44770090012a", "write '+' and 7 to 15 digits, country code first"),
    ("+4477009001\uff123", "write '+' and 7 to 15 digits, country code first"),
    ("+447700900123\n", "write the number without spaces, brackets or dashes"),
    ("Acme", "write '+' and 7 to 15 digits, country code first"),
]


@pytest.mark.parametrize("number", ["+447700900123", "+14155552671", "+6834123", "+123456789012345"])
def test_e164(number: str) -> None:
    assert is_e164(number)


@pytest.mark.parametrize(("text", "hint"), NOT_E164)
def test_not_e164_and_what_to_do_about_it(text: str, hint: str) -> None:
    assert not is_e164(text)
    assert e164_hint(text) == hint


def test_the_sentence_is_that_of_the_contract() -> None:
    # contract 000, "Error Response Shape"
    assert why_not_e164("00447700900123") == "Value '00447700900123' is not a valid E.164 number"


def test_a_sentence_shows_no_more_of_a_hostile_value_than_it_must() -> None:
    assert why_not_e164("x" * 10_000) == f"Value '{'x' * 39}…' is not a valid E.164 number"
    assert (
        why_not_e164("a\r\n\x1b[31m\ud800")
        == f"Value 'a{chr(0xFFFD) * 3}[31m\ufffd' is not a valid E.164 number"
    )


@given(st.text(alphabet="+0123456789 -a\uff11", max_size=20))
def test_the_fast_check_is_the_definition(text: str) -> None:
    digits = text[1:]
    expected = text[:1] == "+" and digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15
    assert is_e164(text) == (expected and digits[0] != "0")


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("07700 900123", "GB", "+447700900123"),
        ("(07700) 900-123", "gb", "+447700900123"),
        ("0044 7700 900123", "GB", "+447700900123"),
        ("+44 7700 900123", None, "+447700900123"),
        ("+44 7700 900123", "US", "+447700900123"),
        ("447700900123", "GB", "+447700900123"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("011 44 7700 900123", "US", "+447700900123"),
        ("0151 12345678", "DE", "+4915112345678"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("3123456789", "IT", "+393123456789"),
        ("3001234567", "CO", "+573001234567"),
        ("573001234567", "CO", "+573001234567"),
        ("00573001234567", "CO", "+573001234567"),  # not 005 and Russia, as Colombia's plan has it
        ("00 57 300 1234567", "CO", "+573001234567"),
        ("tel:+57-300-123-4567", None, "+573001234567"),
        (" TEL:3001234567", "CO", "+573001234567"),
        (
            "3001234567.0",
            "CO",
            "+573001234567",
        ),  # not +5730012345670, which has a length that Colombia has, too
        ("1701234567.0", "DE", "+491701234567"),
        ("+573001234567.0\n", None, "+573001234567"),
        ("300.123.45.67", "CO", "+573001234567"),
        ("0015 1 202 555 0123", "BR", "+12025550123"),  # 0015: a Brazilian carrier's international prefix
    ],
)
def test_local_numbers(text: str, country: str | None, number: str) -> None:
    assert normalise(text, country) == number


@pytest.mark.parametrize(
    ("text", "country", "sentence"),
    [
        ("07700900123", None, "'07700900123' is not a phone number and has no country code"),
        ("", "GB", "'' is not a phone number in GB"),
        ("12", "GB", "'12' has not as many digits as a number of +44"),
        ("077009001234567", "GB", "'077009001234567' has not as many digits as a number of +44"),
        ("07700900123", "XX", "'XX' is not an ISO 3166-1 alpha-2 country code"),
        ("call 07700900123", "GB", "'call 07700900123' has letters, a phone number has none"),
        ("07700900123;ext=5", "GB", "'07700900123;ext=5' has letters, a phone number has none"),
        ("tel:07700900123;ext=5", "GB", "'07700900123;ext=5' has letters, a phone number has none"),
        ("tel:", "GB", "'tel:' is not a phone number in GB"),
        ("3.001234567E9", "CO", "'3.001234567E9' has letters, a phone number has none"),
        ("07700900123#5", "GB", "'07700900123#5' has an extension, which a message cannot reach"),
        ("0" * 41, "GB", f"'{'0' * 39}…' is longer than any phone number"),
    ],
)
def test_what_is_no_number_is_refused_with_a_sentence(text: str, country: str | None, sentence: str) -> None:
    for _ in range(2):  # the second answer comes from the cache
        with pytest.raises(NumberError, match=f"^{re.escape(sentence)}$"):
            normalise(text, country)


@given(texts, st.sampled_from([None, "GB", "US", "DE", "IT", "??"]))
def test_whatever_is_normalised_is_e164(text: str, country: str | None) -> None:
    try:
        outcome = normalise(text, country)
    except NumberError as error:
        outcome = str(error)
    assert is_e164(outcome) or (outcome.isprintable() and outcome.startswith("'"))


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("+447700900123", "+4477*****123"),
        ("+14155552671", "+141******71"),
        ("+6834123", "+6*****3"),
        ("447700900123", "4477******23"),
        ("12345", "1****"),
        ("", ""),
        ("Acme", "Acme"),
        ("Acme 24", "Acme 24"),
        ("tel447700900123", "tel44*******123"),
    ],
)
def test_masks(address: str, masked: str) -> None:
    assert mask(address) == masked


@given(numbers)
def test_a_mask_hides_the_middle_and_keeps_the_length(number: str) -> None:
    masked = mask(number)
    assert len(masked) == len(number)
    assert masked.count("*") >= 5
    assert number not in masked


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("+447700900999", SenderKind.E164),
        ("123", SenderKind.SHORT_CODE),
        ("12345678", SenderKind.SHORT_CODE),
        ("Acme", SenderKind.ALPHANUMERIC),
        ("A", SenderKind.ALPHANUMERIC),
        ("Acme & Sons", SenderKind.ALPHANUMERIC),
        ("24-7 Taxi", SenderKind.ALPHANUMERIC),
        ("Acme[1]234", None),
        ("Acme[1]23", SenderKind.ALPHANUMERIC),
    ],
)
def test_kinds_of_sender(text: str, kind: SenderKind | None) -> None:
    assert kind_of_sender(text) is kind


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The sender is empty"),
        ("12", "Sender '12' is neither an E.164 number nor a short code of 3 to 8 digits"),
        (
            "447700900999",
            "Sender '447700900999' is neither an E.164 number nor a short code of 3 to 8 digits",
        ),
        ("+0123", "Sender '+0123' is neither an E.164 number nor a short code of 3 to 8 digits"),
        ("Acme Limited", "Sender 'Acme Limited' is longer than 11 characters"),
        (" Acme", "Sender ' Acme' begins or ends with a space"),
        ("12-34", "Sender '12-34' has no letter: an alphanumeric sender needs at least one"),
        (
            "Café",
            "Sender 'Café' has signs that no sender can have: keep to letters, digits and spaces",
        ),
        (
            "Ac`me",
            "Sender 'Ac`me' has signs that no sender can have: keep to letters, digits and spaces",
        ),
        (
            "Ac\nme",
            "Sender 'Ac\ufffdme' has signs that no sender can have: keep to letters, digits and spaces",
        ),
    ],
)
def test_why_a_sender_is_none(text: str, sentence: str) -> None:
    assert kind_of_sender(text) is None
    assert why_not_sender(text) == sentence


@given(texts)
def test_a_sender_has_a_kind_or_a_reason(text: str) -> None:
    assert (kind_of_sender(text) is None) == (why_not_sender(text) != "")


@pytest.mark.parametrize(
    ("address", "ton", "npi"),
    [
        ("+447700900123", 1, 1),
        ("Acme", 5, 0),
        ("24-7 Taxi", 5, 0),
        ("12345", 3, 0),
        ("447700900123", 0, 1),
        ("", 5, 0),
    ],
)
def test_ton_npi(address: str, ton: int, npi: int) -> None:
    assert ton_npi(address) == (ton, npi)
