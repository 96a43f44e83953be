"""The contacts dialect's requests in the core's words."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final, NamedTuple
from urllib.parse import parse_qsl

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from gateway.domain.account import Caller
from gateway.domain.labels import BATCH
from gateway.domain.send import FieldError, Send
from gateway.ports import ListQuery
from gateway.services.contacts import known_country
from http_api.dialects.contacts.schema import (
    MAX_CONTACTS,
    MAX_MESSAGE_CHARS,
    SmsContactsMessagePayload,
    TermsPayload,
)
from http_api.dialects.contacts.words import DEFAULT_TYPE, DIALECT, PRIORITY_OF_TYPE, STATUS_OF_WORD
from http_api.errors import Fault, RequestFault
from http_api.exchange import Request
from http_api.json_body import MAX_ERRORS
from http_api.page import CursorError, Cursors, same_filters
from http_api.times import read_time
from routing import numbers
from routing.errors import NumberError

MAX_LIMIT: Final = 100
DEFAULT_LIMIT: Final = 20
QUEUE_PREFIX: Final = "sms-queue-"  # as document 003 prints one

_PAYLOAD: Final = TypeAdapter(SmsContactsMessagePayload).validator
_TERMS: Final = TypeAdapter(TermsPayload).validator
_COUNTRY: Final = "country must be a valid ISO31661 Alpha2 code"

# After the words of class-validator, by which callers of the framework know what to mend.
_SENTENCES: Final = {
    "missing": "is required",
    "string_type": "must be a string",
    "string_too_short": "should not be empty",
    "string_too_long": f"must be shorter than or equal to {MAX_MESSAGE_CHARS} characters",
    "string_pattern_mismatch": "must not contain a NUL character",
    "string_unicode": "must not contain half of a surrogate pair",
    "list_type": "must be an array",
    "too_long": f"must contain no more than {MAX_CONTACTS} elements",
    "literal_error": f"must be one of the following values: {', '.join(PRIORITY_OF_TYPE)}",
    "model_type": "must be an object",
    "dict_type": "must be an object",
}


class Batch(NamedTuple):
    """What is asked for: a text, to whom, and where their numbers are (None: in the account's own country)."""

    text: Send
    contacts: list[str]
    country: str | None


def parse_batch(document: object) -> Batch:
    """A body of `POST /api/messages/sms/contacts`. Raises `RequestFault` with every bad field."""
    faults: list[str] = []
    payload = None
    try:
        payload = _PAYLOAD.validate_python(document)
    except ValidationError as error:
        faults = _sentences(error)
    country = document.get("country") if isinstance(document, dict) else None
    if isinstance(country, str) and known_country(country) is None:
        faults.append(_COUNTRY)
    if payload is None or faults:
        raise _invalid(faults)
    return Batch(
        Send(
            DIALECT,
            "",
            None,
            payload.message,
            PRIORITY_OF_TYPE[payload.type or DEFAULT_TYPE],
            max_body_chars=MAX_MESSAGE_CHARS,
        ),
        payload.contacts,
        None if payload.country is None else known_country(payload.country),
    )


def parse_terms(document: object) -> str:
    """The version that a body of `POST /api/terms` accepts. Raises `RequestFault`."""
    try:
        version: str = _TERMS.validate_python(document).version
    except ValidationError as error:
        raise _invalid(_sentences(error)) from None
    return version


def parse_queue_id(request: Request) -> str | None:
    """The batch that a path names, as its label has it; None when what it names is no id that we give."""
    prefix, found, batch = request.tail.partition(QUEUE_PREFIX)
    if prefix or not found or len(batch) != 32 or not set(batch) <= set("0123456789abcdef"):
        return None
    return BATCH + batch


def parse_queue(request: Request, label: str, cursors: Cursors) -> ListQuery:
    """The page of a batch that a query string asks for. Raises `RequestFault` with every bad parameter."""
    given, faults = _given(request, {"limit", "cursor"})
    caller = request.authenticated
    limit = _limit(given, faults)
    if faults:
        raise _invalid(faults)
    query = ListQuery(caller.account, caller.env, limit, sub_tenant=caller.sub_tenant, labels=(label,))
    return _continued(caller, query, given, cursors, filtered=True)


def parse_list(request: Request, cursors: Cursors) -> ListQuery:
    """The page of the account's messages that a query string asks for. Raises `RequestFault` with all that is wrong."""
    given, faults = _given(request, {*_FILTERS, "limit", "cursor"})
    caller = request.authenticated
    limit = _limit(given, faults)
    words = given.get("status", [])
    if any(word not in STATUS_OF_WORD for word in words):
        faults.append(f"status must be one of the following values: {', '.join(STATUS_OF_WORD)}")
    after, before = (_time(given, name, faults) for name in ("from", "to"))
    if faults:
        raise _invalid(faults)
    query = ListQuery(
        caller.account,
        caller.env,
        limit,
        status=frozenset(STATUS_OF_WORD[word] for word in words) or None,
        recipient=_recipient(given, caller),
        created_after=after,
        created_before=before,
        sub_tenant=caller.sub_tenant,
    )
    return _continued(caller, query, given, cursors, filtered=bool(_FILTERS & given.keys()))


_FILTERS: Final = frozenset({"recipient", "status", "from", "to"})


def _given(request: Request, known: Collection[str]) -> tuple[dict[str, list[str]], list[str]]:
    """The parameters by name, and what is wrong with their names."""
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True, max_num_fields=100):
        given.setdefault(name, []).append(value)
    faults = []
    for name, values in given.items():
        if name not in known:
            faults.append(f"property {_shown(name)} should not exist")
        elif len(values) > 1 and name != "status":
            faults.append(f"{name} must be given once")
    return given, faults


def _limit(given: dict[str, list[str]], faults: list[str]) -> int:
    text = given.get("limit", [str(DEFAULT_LIMIT)])[0]
    if text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MAX_LIMIT:
        return int(text)
    faults.append(f"limit must be a number from 1 to {MAX_LIMIT}")
    return DEFAULT_LIMIT


def _time(given: dict[str, list[str]], name: str, faults: list[str]) -> datetime | None:
    text = given.get(name, [None])[0]
    if text is None:
        return None
    time = read_time(text.replace(" ", "+"))  # a plus that was not encoded arrives as a space
    if time is None:
        faults.append(f"{name} must be a time like 2026-04-18T10:00:00Z, not before 1970")
    return time


def _recipient(given: dict[str, list[str]], caller: Caller) -> str | None:
    """The number that is looked for, as it may be written in a send; what is none is no message's recipient."""
    text = given.get("recipient", [None])[0]
    if text is None:
        return None
    text = text.replace(" ", "+", 1) if text.startswith(" ") else text
    try:
        return numbers.normalise(text, caller.policy.country)
    except NumberError:
        return text


def _continued(
    caller: Caller, query: ListQuery, given: dict[str, list[str]], cursors: Cursors, *, filtered: bool
) -> ListQuery:
    """The page that follows the one of a cursor, which holds the filters as well; `query` where there is none."""
    if "cursor" not in given:
        return query
    try:
        continued = cursors.read(caller, given["cursor"][0], query.limit)
    except CursorError as error:
        raise _invalid([f"cursor: {error}"]) from error
    if filtered and not same_filters(query, continued):
        raise _invalid(["cursor must be one of a list with the same filters"])
    return continued


def _sentences(error: ValidationError) -> list[str]:
    """Pydantic's errors as sentences. What the caller sent is not repeated."""
    found = error.errors(include_url=False, include_context=False, include_input=False)[:MAX_ERRORS]
    return [_sentence(each) for each in found]


def _sentence(error: ErrorDetails) -> str:
    location = error["loc"]
    name = str(location[0]) if location else "the body"
    if len(location) > 1:
        name = f"each value in {name}"
    says = _SENTENCES.get(error["type"])
    return f"{name} {says}" if says else f"{name}: {error['msg']}"


def _invalid(faults: Iterable[str]) -> RequestFault:
    fields = tuple(FieldError("", fault) for fault in faults)
    return RequestFault(Fault.INVALID, "; ".join(field.detail for field in fields), fields=fields)


def _shown(name: str) -> str:
    """A parameter's name as the caller wrote it, fit for an answer."""
    return "".join(char if char.isprintable() else "\ufffd" for char in name[:100]) or "?"
