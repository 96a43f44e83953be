"""The contacts dialect's requests in the core's words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

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
from http_api.page import Cursors
from http_api.parameters import UNKNOWN, Parameters, Wrong
from routing import numbers
from routing.errors import NumberError

MAX_LIMIT: Final = 100
DEFAULT_LIMIT: Final = 20
MAX_NUMBER_CHARS: Final = 64  # as people write numbers
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
    given, caller = Parameters(request.query, ()), request.authenticated
    limit = given.limit(DEFAULT_LIMIT, MAX_LIMIT)
    query = ListQuery(caller.account, caller.env, limit, sub_tenant=caller.sub_tenant, labels=(label,))
    return given.page(caller, query, cursors, _refused_query, fixed=True)


def parse_list(request: Request, cursors: Cursors) -> ListQuery:
    """The page of the account's messages that a query string asks for. Raises `RequestFault` with all that is wrong."""
    given, caller = Parameters(request.query, _FILTERS, ("status",)), request.authenticated
    words = given.words("status", STATUS_OF_WORD)
    query = ListQuery(
        caller.account,
        caller.env,
        given.limit(DEFAULT_LIMIT, MAX_LIMIT),
        status=frozenset(STATUS_OF_WORD[word] for word in words) or None,
        recipient=_recipient(given.address("recipient", MAX_NUMBER_CHARS), caller),
        created_after=given.time("from"),
        created_before=given.end("to"),
        sub_tenant=caller.sub_tenant,
    )
    return given.page(caller, query, cursors, _refused_query)


_FILTERS: Final = ("recipient", "status", "from", "to")


def _recipient(text: str | None, caller: Caller) -> str | None:
    """The number that is looked for, as it may be written in a send; what is none is no message's recipient."""
    try:
        return None if text is None else numbers.normalise(text, caller.policy.country)
    except NumberError:
        return text


def _refused_query(wrong: Iterable[Wrong]) -> RequestFault:
    return _invalid(
        f"property {each.name} should not exist"  # as the framework's validation says it
        if each.says.startswith(UNKNOWN)
        else f"{each.name or 'the query'} {each.says}"
        for each in wrong
    )


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
