"""Addresses: E.164 numbers, short codes and alphanumeric senders; what they are, why they are not, how to
hide them.

E.164 with its plus is the only form inside the gateway. What a tenant writes otherwise (a back office pastes
local numbers) goes through `normalise`, the one place that needs the numbering plans of the world.
"""

import re
from contextlib import suppress
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

import phonenumbers

from routing.alphabet import fits_gsm7, septets
from routing.errors import NumberError

# ITU-T E.164, 6.2.1: at most 15 digits, and no country code begins with 0. No lower bound is written there:
# the shortest international numbers in use have 7 digits (Niue and Tokelau: three of country code, four of
# subscriber).
_E164 = re.compile(r"\+[1-9][0-9]{6,14}").fullmatch
_SHORT_CODE = re.compile(r"[0-9]{3,8}").fullmatch
_DIGITS = re.compile(r"[0-9]+").fullmatch
_LETTER = re.compile(r"[A-Za-z]").search
_LINK = re.compile(r"\s*tel:", re.IGNORECASE).match  # RFC 3966, 3: as address books export numbers
_DECIMAL = re.compile(r"\s*(\+?[0-9]+)\.0\s*").fullmatch  # as a column of numbers leaves a table

MIN_E164_DIGITS = 7
MAX_E164_DIGITS = 15
MAX_ALPHANUMERIC_SEPTETS = 11  # 3GPP TS 23.040, 9.1.2.5: ten octets hold eleven septets
MAX_SHOWN_CHARACTERS = 40
MAX_INPUT_CHARACTERS = 40


_E164_IN_WORDS = f"write '+' and {MIN_E164_DIGITS} to {MAX_E164_DIGITS} digits, country code first"
_HINTS = (
    ("00", "write '+' in place of the leading 00"),
    ("0", "write '+' and the country code in place of the leading 0"),
    ("+0", "a country code does not begin with 0"),
    ("+", f"after '+' come {MIN_E164_DIGITS} to {MAX_E164_DIGITS} digits"),
    ("", "begin with '+' and the country code"),
)


class SenderKind(Enum):
    """What a sender is."""

    E164 = "e164"
    SHORT_CODE = "short_code"
    ALPHANUMERIC = "alphanumeric"


class TonNpi(NamedTuple):
    """Type of number and numbering plan of an address (SMPP 3.4, 5.2.5 and 5.2.6)."""

    ton: int
    npi: int


INTERNATIONAL = TonNpi(1, 1)
ALPHANUMERIC = TonNpi(5, 0)
SHORT_CODE = TonNpi(3, 0)
UNKNOWN = TonNpi(0, 1)


def is_e164(text: str) -> bool:
    """Tell whether a text is a number as E.164 writes it: a plus and 7 to 15 digits, the first not 0.

    The form alone: a number that nobody has is still a number, and its carrier says so.
    """
    return _E164(text) is not None


def why_not_e164(text: str) -> str:
    """Return the sentence that tells a person that this is not an E.164 number."""
    return f"Value '{_shown(text)}' is not a valid E.164 number"


def e164_hint(text: str) -> str:
    """Return what to change to make the text an E.164 number."""
    digits = re.sub(r"[\s().\-/]", "", text)
    if digits != text and is_e164(digits):
        return "write the number without spaces, brackets or dashes"
    for beginning, hint in _HINTS:
        if digits.startswith(beginning) and _DIGITS(digits.removeprefix("+")):
            return hint
    return _E164_IN_WORDS


def _shown(text: str) -> str:
    """Make a hostile value fit for a sentence: one line, bounded, nothing that a terminal obeys."""
    cut = text if len(text) <= MAX_SHOWN_CHARACTERS else text[: MAX_SHOWN_CHARACTERS - 1] + "…"
    return "".join(c if c.isprintable() else "\ufffd" for c in cut)


def normalise(text: str, country: str | None = None) -> str:
    """Bring a number as people write it into E.164.

    `country` (ISO 3166-1 alpha-2) says where a number without its country code is; a number with a plus, or
    with that country's international prefix, does not need it. Raises NumberError with a sentence that says
    why not. The length must be one that the country has; whether the range is assigned is not asked, because
    new ranges reach carriers before they reach a library's tables. Some 65,000 answers are cached.
    """
    number, fault = _normalised(text, None if country is None else country.upper())
    if number is None:
        raise NumberError(fault)
    return number


@lru_cache(maxsize=65_536)
def _normalised(text: str, country: str | None) -> tuple[str | None, str]:
    written = _by_hand(text)
    fault = _fault_of_text(written, country)
    if fault:
        return None, fault
    shown = _shown(text)
    try:
        parsed = _parsed(written, country)
    except phonenumbers.NumberParseException:
        where = "and has no country code" if country is None else f"in {country}"
        return None, f"'{shown}' is not a phone number {where}"
    if parsed.extension:
        return None, f"'{shown}' has an extension, which a message cannot reach"
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    possible = (
        phonenumbers.is_possible_number_with_reason(parsed) == phonenumbers.ValidationResult.IS_POSSIBLE
    )
    if not possible or not is_e164(number):
        return None, f"'{shown}' has not as many digits as a number of +{parsed.country_code}"
    return number, ""


def _by_hand(text: str) -> str:
    """A number that a program has written, as a person would. The 0 of 1701234567.0 would make another number of it."""
    decimal = _DECIMAL(text)
    if decimal is not None:
        return decimal[1]
    link = _LINK(text)
    return text if link is None else text[link.end() :]


def _parsed(text: str, country: str | None) -> phonenumbers.PhoneNumber:
    """As the country's plan reads it. People write 00 for the plus, also where the plan has other international
    prefixes: in Colombia's, 00573001234567 is 005 and a Russian number. So 00 is a plus where only that makes a number
    in use."""
    parsed = phonenumbers.parse(text, country)
    digits = text.lstrip()
    if digits.startswith("00") and not phonenumbers.is_valid_number(parsed):
        with suppress(phonenumbers.NumberParseException):
            international = phonenumbers.parse("+" + digits[2:], None)
            if phonenumbers.is_valid_number(international):
                return international
    return parsed


def _fault_of_text(text: str, country: str | None) -> str:
    if len(text) > MAX_INPUT_CHARACTERS:
        return f"'{_shown(text)}' is longer than any phone number"
    if any(c.isalpha() for c in text):
        return f"'{_shown(text)}' has letters, a phone number has none"
    if country is not None and country not in phonenumbers.SUPPORTED_REGIONS:
        return f"'{_shown(country)}' is not an ISO 3166-1 alpha-2 country code"
    return ""


def mask(address: str) -> str:
    """Hide the middle of an address for logs: "+4477*****123".

    At least half of the characters are hidden; of a long number the country and the last three digits stay. A
    name (letters and at most four digits) is no person's number and stays as it is.
    """
    if _LETTER(address) and sum(c.isdigit() for c in address) <= 4:
        return _shown(address)
    length = len(address)
    head, tail = (5, 3) if length >= 13 else (length // 3, length // 6)
    return _shown(address[:head] + "*" * (length - head - tail) + address[length - tail :])


def kind_of_sender(text: str) -> SenderKind | None:
    """Tell what a sender is, or None when it is none: `why_not_sender` then says why.

    A short code has 3 to 8 digits. An alphanumeric sender has up to 11 characters, at least one of them a
    letter, each both ASCII, which is all that an SMPP address holds (3.4, 3.1), and GSM 03.38, which is what
    the air holds; characters of the extension table count two. It neither begins nor ends with a space.
    """
    if _E164(text):
        return SenderKind.E164
    if _SHORT_CODE(text):
        return SenderKind.SHORT_CODE
    # Whatever is longer has more septets than a name may have, and is not kept.
    return SenderKind.ALPHANUMERIC if len(text) <= MAX_ALPHANUMERIC_SEPTETS and _is_name(text) else None


def why_not_sender(text: str) -> str:
    """Return the sentence that tells a person why this is no sender; empty when it is one."""
    if kind_of_sender(text) is not None:
        return ""
    if not text:
        return "The sender is empty"
    shown = _shown(text)
    if text.startswith("+") or _DIGITS(text):
        return f"Sender '{shown}' is neither an E.164 number nor a short code of 3 to 8 digits"
    return f"Sender '{shown}' {_fault_of_name(text)}"


@lru_cache(maxsize=4096)  # an account has few names and sends under them with every message
def _is_name(text: str) -> bool:
    return not _fault_of_name(text)


def _fault_of_name(text: str) -> str:
    if not text.isascii() or not text.isprintable() or not fits_gsm7(text):
        return "has signs that no sender can have: keep to letters, digits and spaces"
    if not _LETTER(text):
        return "has no letter: an alphanumeric sender needs at least one"
    if text != text.strip():
        return "begins or ends with a space"
    if septets(text) > MAX_ALPHANUMERIC_SEPTETS:
        return f"is longer than {MAX_ALPHANUMERIC_SEPTETS} characters"
    return ""


def ton_npi(address: str) -> TonNpi:
    """Derive type of number and numbering plan from an address; a carrier's own table may say otherwise.

    E.164: 1/1. Letters: 5/0. Short code: 3/0 (network specific), as carriers mostly ask. Longer digits
    without a plus may be national or international, so the carrier decides: 0/1.
    """
    if _E164(address):
        return INTERNATIONAL
    if _SHORT_CODE(address):
        return SHORT_CODE
    return UNKNOWN if _DIGITS(address) else ALPHANUMERIC
