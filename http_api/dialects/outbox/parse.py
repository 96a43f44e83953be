"""The outbox's requests in the core's words. Only shapes are read here: the core's gates decide the rest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import orjson
from pydantic import TypeAdapter, ValidationError

from gateway.domain.labels import TAG, USER
from gateway.domain.send import FieldError, Refusal, Send, Why
from gateway.ports import ListQuery
from http_api.dialects.outbox.schema import (
    MAX_DATA_BYTES,
    MAX_MESSAGE_CHARS,
    MAX_RESENDS,
    MAX_SCHEDULE_DAYS,
    MAX_TAG_CHARS,
    OutboxSend,
)
from http_api.dialects.outbox.words import DIALECT, WORDS, statuses_of
from http_api.errors import Fault, RequestFault
from http_api.exchange import Request
from http_api.json_body import field_errors
from http_api.page import Cursors
from http_api.parameters import Parameters, Wrong
from http_api.times import read_time

MAX_LIMIT: Final = 100
DEFAULT_LIMIT: Final = 20
MAX_EXPORT_ROWS: Final = 2_000
"""Some 40 us each: more at once would keep other callers waiting."""
DEFAULT_EXPORT_ROWS: Final = 1_000
MAX_TAG_FILTERS: Final = 3
_MAX_ADDRESS_CHARS: Final = 32
_MAX_USER_CHARS: Final = 195
_MAX_DEPTH: Final = 10
_BEYOND: Final = 2.0**63
"""Whole numbers from here on may have been read as floats, whatever digits they had."""
_VALIDATOR: Final = TypeAdapter(OutboxSend).validator


def parse_send(document: object, now: datetime) -> Send | Refusal:
    """One SMS from its decoded body."""
    try:
        request = _VALIDATOR.validate_python(document)
    except ValidationError as error:
        return _refusal(field_errors(error, ""))
    faults: list[FieldError] = []
    metadata = _custom_data(request.custom_data, faults) if request.custom_data else None
    scheduled_at = None
    if request.scheduled_at is not None:
        scheduled_at = _scheduled(request.scheduled_at, now, faults)
    if faults:
        return _refusal(faults)
    return Send(
        DIALECT,
        request.recipient_phone_number,
        request.sender_id,
        request.message,
        metadata=metadata,
        scheduled_at=scheduled_at,
        max_body_chars=MAX_MESSAGE_CHARS,
        labels=tuple(TAG + tag for tag in dict.fromkeys(request.tags or ())),
    )


def _custom_data(given: dict[str, object], faults: list[FieldError]) -> str | None:
    """The object as JSON, to be echoed as it came. Text that can't be stored or written is refused."""
    wrong = _why_not_data(given, _MAX_DEPTH)
    encoded = b""
    if wrong is None:
        try:
            encoded = orjson.dumps(given)
        except (
            orjson.JSONEncodeError
        ):  # half of a surrogate pair; such a body's whole numbers have all their digits
            wrong = "It has a text or a number that can not be written as JSON in UTF-8."
    if wrong is None and len(encoded) > MAX_DATA_BYTES:
        wrong = f"It has more than {MAX_DATA_BYTES} bytes as JSON."
    if wrong is None:
        return encoded.decode()
    faults.append(FieldError("/customData", wrong))
    return None


def _why_not_data(value: object, depth: int) -> str | None:
    if isinstance(value, str):
        return "It has a NUL character." if "\0" in value else None
    if isinstance(value, float) and abs(value) >= _BEYOND:
        return "It has a number beyond 64 bits, which would lose digits: write it as a text."
    if not isinstance(value, dict | list):
        return None
    if not depth:
        return f"It is nested more than {_MAX_DEPTH} levels deep."
    items = [*value, *value.values()] if isinstance(value, dict) else value
    return next((wrong for item in items if (wrong := _why_not_data(item, depth - 1)) is not None), None)


def _scheduled(text: str, now: datetime, faults: list[FieldError]) -> datetime | None:
    when = read_time(text)
    if when is None:
        faults.append(FieldError("/scheduledAt", "It must be a time like 2026-04-18T10:00:00Z."))
    elif not now < when <= now + timedelta(days=MAX_SCHEDULE_DAYS):
        faults.append(FieldError("/scheduledAt", f"It must lie within the next {MAX_SCHEDULE_DAYS} days."))
    return when


def parse_resend(document: object) -> tuple[list[str], bool]:
    """The entries to be sent again, and whether they came as a list. Raises `RequestFault`."""
    if not isinstance(document, dict):
        raise _invalid("", "The body must be an object with 'outboxId' or 'outboxIds'.")
    one, many = document.get("outboxId"), document.get("outboxIds")
    if (one is None) == (many is None):
        raise _invalid("outboxId", "Give either 'outboxId' or a list 'outboxIds'.")
    if one is not None:
        if not isinstance(one, str):
            raise _invalid("outboxId", "It must be a text.")
        return [one], False
    if not isinstance(many, list) or not 1 <= len(many) <= MAX_RESENDS:
        raise _invalid("outboxIds", f"It must be a list of 1 to {MAX_RESENDS} ids.")
    for index, each in enumerate(many):
        if not isinstance(each, str) or not _is_writable(each):
            raise _invalid(f"outboxIds/{index}", "It must be a text in UTF-8.")
    return many, True


def _is_writable(text: str) -> bool:
    return len(text) <= 200 and not any("\ud800" <= char <= "\udfff" for char in text)


def parse_list(request: Request, cursors: Cursors) -> ListQuery:
    """The page that a query string asks for. Raises `RequestFault` with every bad parameter."""
    return _parse_query(request, cursors, DEFAULT_LIMIT, MAX_LIMIT)


def parse_export(request: Request, cursors: Cursors) -> ListQuery:
    """The part of an export that a query string asks for. Raises `RequestFault` with every bad parameter."""
    return _parse_query(request, cursors, DEFAULT_EXPORT_ROWS, MAX_EXPORT_ROWS)


_FILTERS: Final = ("status", "tag", "sender", "recipient", "user", "from", "to")
_REPEATED: Final = ("status", "tag")


def _parse_query(request: Request, cursors: Cursors, default_limit: int, max_limit: int) -> ListQuery:
    given, caller = Parameters(request.query, _FILTERS, _REPEATED), request.authenticated
    tags = list(dict.fromkeys(given.all("tag")))
    if any(not 1 <= len(tag) <= MAX_TAG_CHARS or "\0" in tag for tag in tags):
        given.wrong.append(Wrong("tag", f"must have 1 to {MAX_TAG_CHARS} characters, and no NUL among them"))
    if len(tags) > MAX_TAG_FILTERS:
        given.wrong.append(Wrong("tag", f"must be given at most {MAX_TAG_FILTERS} times"))
    labels = [TAG + tag for tag in tags]
    user = given.text("user", _MAX_USER_CHARS)
    if user is not None:
        labels.append(USER + user)
    query = ListQuery(
        caller.account,
        caller.env,
        given.limit(default_limit, max_limit),
        status=statuses_of(given.words("status", WORDS)) or None,
        recipient=given.recipient("recipient"),
        created_after=given.time("from"),
        created_before=given.end("to"),
        sub_tenant=caller.sub_tenant,
        labels=tuple(labels),
        sender=given.address("sender", _MAX_ADDRESS_CHARS),
    )
    return given.page(caller, query, cursors, refused_query)


def refused_query(wrong: Sequence[Wrong]) -> RequestFault:
    """What is wrong with a query string, in this dialect's words."""
    faults = [FieldError(each.name, f"It {each.says}.") for each in wrong]
    return RequestFault(Fault.INVALID, _summary(faults), fields=tuple(faults))


def _refusal(faults: Sequence[FieldError]) -> Refusal:
    return Refusal(Why.INVALID, _summary(faults), tuple(faults))


def _summary(faults: Sequence[FieldError]) -> str:
    first = faults[0]
    place = first.pointer.removeprefix("/")
    detail = f"{place}: {first.detail}" if place else first.detail
    return detail if len(faults) == 1 else f"{len(faults)} fields are not valid; the first is {detail}"


def _invalid(where: str, detail: str) -> RequestFault:
    fault = FieldError(where, detail)
    return RequestFault(Fault.INVALID, _summary((fault,)), fields=(fault,))
