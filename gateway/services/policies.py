"""What an account may set for its environments, read from the text that a person types: one parser per field.

`trunkline account set NAME key=value` and the admin API share this table; a test compares it with `Policy`.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import phonenumbers

from gateway.domain.account import ACCOUNT_NAME, Billing, Policy, WebhookFormat
from gateway.domain.event import CHOSEN
from gateway.domain.money import PLACES, is_kept, read
from gateway.domain.words import Reason
from gateway.errors import Refused
from routing import numbers
from routing.national import Language

MAX_REPLY_CHARS = 480  #: three segments of GSM-7 at most, or seven of UCS-2
MAX_URL_CHARS = 2048
MAX_THRESHOLDS = 20  #: of a balance

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


def changed(policy: Policy, settings: Mapping[str, str]) -> Policy:
    """The policy with these settings, as a person writes them. Raises `Refused` for the first one that is wrong."""
    values: dict[str, Any] = {name: parse(name, text) for name, text in settings.items()}
    return replace(policy, **values)


def parse(name: str, text: str) -> object:
    """One setting's value. Raises `Refused`: an unknown name lists the known ones, a bad value says how to write it."""
    parser = PARSERS.get(name)
    if parser is None:
        close = difflib.get_close_matches(name, PARSERS, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise Refused(f"an account has no setting '{name}': {hint}it has {', '.join(sorted(PARSERS))}")
    try:
        return parser(text.strip())
    except ValueError as error:
        raise Refused(f"{name}={text}: {error}") from error


def as_text(value: object) -> str:
    """A setting's value as a person writes it; parsing gives the value again."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Collection) and not isinstance(value, str):
        return ",".join(sorted(str(item) for item in value))
    return str(value)


def parse_flag(text: str) -> bool:
    """Yes or no. Raises `ValueError`."""
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValueError("write true or false")


def _url(text: str) -> str | None:
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or len(text) > MAX_URL_CHARS:
        raise ValueError("write a whole URL, like https://example.com/hooks, or nothing for none")
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("write other signs than printable ASCII percent-encoded")
    return text


def _sender(text: str) -> str | None:
    return _one_sender(text) if text else None


def _senders(text: str) -> frozenset[str] | None:
    return frozenset(_one_sender(item.strip()) for item in text.split(",")) if text else None


def _one_sender(text: str) -> str:
    if numbers.kind_of_sender(text) is None:
        raise ValueError(numbers.why_not_sender(text))
    return text


def _rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise ValueError("write messages per second, like 25 or 0.5; 0 is unlimited") from error
    if not math.isfinite(value) or value < 0:
        raise ValueError("write messages per second, like 25 or 0.5; 0 is unlimited")
    return value


def _reply(text: str) -> str:
    if not text or len(text) > MAX_REPLY_CHARS:
        raise ValueError(f"write 1 to {MAX_REPLY_CHARS} characters; stop_replies=false sends no reply at all")
    return text


def _words(known: Collection[str]) -> Callable[[str], frozenset[str]]:
    def read(text: str) -> frozenset[str]:
        words = frozenset(word.strip() for word in text.split(",")) if text else frozenset()
        unknown = sorted(words - set(known))
        if unknown:
            raise ValueError(f"'{unknown[0]}' is none of {', '.join(known)}")
        return words

    return read


def _amount(text: str) -> Decimal:
    value = read(text)
    if value is None:
        raise ValueError("write an amount, like 250 or 12.50")
    if not is_kept(value) or value < 0:
        raise ValueError(
            f"write an amount that is not negative and has at most {PLACES} decimals, like 12.50"
        )
    return value


def _optional_amount(text: str) -> Decimal | None:
    return _amount(text) if text else None


def _thresholds(text: str) -> frozenset[Decimal]:
    found = frozenset(_threshold(item.strip()) for item in text.split(",")) if text else frozenset()
    if len(found) > MAX_THRESHOLDS:
        raise ValueError(f"write at most {MAX_THRESHOLDS} amounts")
    return found


def _threshold(text: str) -> Decimal:
    """A balance to be told of: below zero, too, for those who pay later."""
    negative = text.startswith("-")
    value = _amount(text.removeprefix("-"))
    return -value if negative else value


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ValueError("write a whole number, like 20; 0 is no limit")
    return int(text)


def _in_a_row(text: str) -> int:
    value = _count(text)
    if value == 1:
        raise ValueError("write 2 or more, for every number would be the first of a series; 0 is no limit")
    return value


def _seconds(text: str) -> int:
    value = _count(text)
    if not 60 <= value <= 86_400:
        raise ValueError("write seconds between 60 and 86400")
    return value


def _country(text: str) -> str | None:
    return _one_country(text) if text else None


def _countries(text: str) -> frozenset[str] | None:
    return frozenset(_one_country(item.strip()) for item in text.split(",")) if text else None


def _one_country(text: str) -> str:
    if text not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(
            f"'{text}' is no country: write ISO 3166-1 codes of two capital letters, like DE,AT,CH"
        )
    return text


def _plan(text: str) -> str | None:
    if text and ACCOUNT_NAME.fullmatch(text) is None:
        raise ValueError("write the name of a rate plan, like standard, or nothing: then it is not metered")
    return text or None


def _billing(text: str) -> Billing:
    known = [member.value for member in Billing]
    if text not in known:
        raise ValueError(f"write one of {', '.join(known)}")
    return Billing(text)


def _format(text: str) -> str:
    known = [member.value for member in WebhookFormat]
    if text not in known:
        raise ValueError(f"write one of {', '.join(known)}")
    return text


PARSERS: dict[str, Callable[[str], object]] = {
    "webhook_url": _url,
    "webhook_format": _format,
    "webhook_events": _words([kind.value for kind in CHOSEN]),
    "default_sender": _sender,
    "allowed_senders": _senders,
    "rate_per_s": _rate,
    "stop_replies": parse_flag,
    "stop_reply_text": _reply,
    "start_reply_text": _reply,
    "help_reply_text": _reply,
    "suppress_on": _words([reason.value for reason in Reason]),
    "smart_replacement": parse_flag,
    "national_languages": _words([language.value for language in Language]),
    "country": _country,
    "rate_plan": _plan,
    "billing": _billing,
    "credit_limit": _amount,
    "refund_undelivered": parse_flag,
    "spend_per_day": _optional_amount,
    "allowed_countries": _countries,
    "max_segments": _count,
    "recipient_per_h": _count,
    "prefix_per_h": _count,
    "numbers_in_a_row": _in_a_row,
    "alert_url": _url,
    "alert_balance": _thresholds,
    "alert_failures": _count,
    "alert_window_s": _seconds,
    "resend_limit": _count,
}
"""Every field of `Policy`; lists are separated by commas, nothing means none (of what is allowed: any)."""
