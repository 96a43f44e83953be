"""The orchestrator's requests in the core's words: `Send`, or `Refusal` with every bad field by its place.

Only shapes are read here. What an address, a sender or a text must be is decided by the core's gates, in its order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import orjson
from pydantic import TypeAdapter, ValidationError

from gateway.domain import ids
from gateway.domain.account import Caller
from gateway.domain.addresses import is_private_host
from gateway.domain.send import FieldError, Refusal, Send, Why
from gateway.ports import ListQuery
from http_api.dialects.orchestrator.schema import (
    MAX_BODY_CHARS,
    MAX_BULK,
    MAX_METADATA_BYTES,
    SendRequest,
)
from http_api.dialects.orchestrator.words import CLASSES_OF_TYPE, DIALECT, STATUS_OF_WORD
from http_api.errors import Fault, RequestFault
from http_api.exchange import Request
from http_api.json_body import field_errors
from http_api.page import CursorError, Cursors, same_filters
from http_api.times import read_time

MAX_LIMIT: Final = 100
DEFAULT_LIMIT: Final = 20
# Measured for the document's example: 1.4 us; `SendRequest.model_validate`, which adds options, 1.8.
_VALIDATOR: Final = TypeAdapter(SendRequest).validator


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator of the gateway decides about requests of this dialect."""

    allow_private_callbacks: bool = False  #: `webhooks.allow_private_addresses`


def parse_send(document: object, rules: Rules, prefix: str = "") -> Send | Refusal:
    """One message from its decoded body. `prefix` is its place in a larger body."""
    try:
        request = _VALIDATOR.validate_python(document)
    except ValidationError as error:
        return _refusal(field_errors(error, prefix))
    metadata: str | None = None
    faults: list[FieldError] = []
    if request.metadata:
        encoded = orjson.dumps(request.metadata)
        if len(encoded) > MAX_METADATA_BYTES:
            faults.append(
                FieldError(f"{prefix}/metadata", f"It has more than {MAX_METADATA_BYTES} bytes as JSON.")
            )
        metadata = encoded.decode()
    if request.callback_url:
        wrong = why_not_callback(request.callback_url, rules.allow_private_callbacks)
        if wrong is not None:
            faults.append(FieldError(f"{prefix}/callbackUrl", wrong))
    if faults:
        return _refusal(tuple(faults))
    priority, message_class = CLASSES_OF_TYPE[request.message_type]
    return Send(
        DIALECT,
        request.to,
        request.sender or None,
        request.body,
        priority,
        message_class,
        request.callback_url or None,
        metadata,
        max_body_chars=MAX_BODY_CHARS,
    )


def parse_bulk(document: object, rules: Rules) -> list[Send | Refusal]:
    """The messages of a bulk, in order. Raises `RequestFault` when the envelope is no envelope."""
    messages = document.get("messages") if isinstance(document, dict) else None
    if not isinstance(messages, list):
        where = "/messages" if isinstance(document, dict) else ""
        raise _invalid(where, "The body must be an object with a list 'messages'.")
    if not 1 <= len(messages) <= MAX_BULK:
        raise _invalid("/messages", f"It has {len(messages)} messages; 1 to {MAX_BULK} are taken.")
    return [parse_send(message, rules, f"/messages/{index}") for index, message in enumerate(messages)]


def parse_message_id(request: Request) -> bytes | None:
    """The message that a path names; None when what it names is no id in the form in which we give them."""
    message_id = ids.parse(request.tail)
    return message_id if message_id is not None and ids.text(message_id) == request.tail.lower() else None


def parse_list(request: Request, cursors: Cursors) -> ListQuery:
    """The page that a query string asks for. Raises `RequestFault` with every bad parameter."""
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True, max_num_fields=100):
        given.setdefault(name, []).append(value)
    caller, faults = request.authenticated, []
    for name, values in given.items():
        if name not in _PARAMETERS:
            faults.append(FieldError(_shown(name), "There is no such parameter."))
        elif len(values) > 1 and name != "status":
            faults.append(FieldError(name, "It is given more than once."))
    limit = _limit(given, faults)
    query = _filters(caller, given, limit, faults)
    if faults:
        raise RequestFault(Fault.INVALID, _summary(faults), fields=tuple(faults))
    if "cursor" not in given:
        return query
    try:
        continued = cursors.read(caller, given["cursor"][0], limit)
    except CursorError as error:
        raise _invalid("cursor", str(error)) from error
    if _FILTERS & given.keys() and not same_filters(query, continued):
        raise _invalid("cursor", "It belongs to a list with other filters.")
    return continued


_FILTERS: Final = frozenset({"status", "to", "created_after", "created_before"})
_PARAMETERS: Final = _FILTERS | {"cursor", "limit"}


def _limit(given: dict[str, list[str]], faults: list[FieldError]) -> int:
    text = given.get("limit", [str(DEFAULT_LIMIT)])[0]
    if text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MAX_LIMIT:
        return int(text)
    faults.append(FieldError("limit", f"It must be a number from 1 to {MAX_LIMIT}."))
    return DEFAULT_LIMIT


def _filters(caller: Caller, given: dict[str, list[str]], limit: int, faults: list[FieldError]) -> ListQuery:
    words = given.get("status", [])
    if any(word not in STATUS_OF_WORD for word in words):
        faults.append(FieldError("status", f"It must be one of {', '.join(STATUS_OF_WORD)}."))
    recipient = given.get("to", [None])[0]
    if recipient is not None:
        recipient = recipient.replace(" ", "+", 1)  # a plus that was not encoded arrives as a space
    times = {}
    for name in ("created_after", "created_before"):
        text = given.get(name, [None])[0]
        times[name] = None if text is None else read_time(text.replace(" ", "+"))
        if text is not None and times[name] is None:
            faults.append(FieldError(name, "It must be a time like 2026-04-18T10:00:00Z, not before 1970."))
    return ListQuery(
        caller.account,
        caller.env,
        limit,
        status=frozenset(STATUS_OF_WORD[word] for word in words if word in STATUS_OF_WORD) or None,
        recipient=recipient,
        created_after=times["created_after"],
        created_before=times["created_before"],
        sub_tenant=caller.sub_tenant,
    )


@lru_cache(maxsize=4096)  # a tenant has few callback URLs and repeats them with every message
def why_not_callback(url: str, allow_private: bool) -> str | None:
    """Why a callback URL is not taken; None when it is. A name is resolved and checked at delivery."""
    if not url.isascii() or not url.isprintable() or " " in url:
        return "It must be a URL in ASCII: other characters percent-encoded, the host in punycode."
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "It is not a URL that can be read."
    if parts.scheme not in ("http", "https") or not host:
        return "It must be an http or https URL with a host."
    if "@" in parts.netloc or "%" in parts.netloc or "\\" in url or port == 0:
        return "It must name a plain host and port, without user or password."
    if not allow_private and is_private_host(host):
        return "It points to a private address."
    return None


def _refusal(faults: Sequence[FieldError]) -> Refusal:
    return Refusal(Why.INVALID, _summary(faults), tuple(faults))


def _summary(faults: Sequence[FieldError]) -> str:
    first = faults[0]
    detail = f"{first.pointer}: {first.detail}" if first.pointer else first.detail
    return detail if len(faults) == 1 else f"{len(faults)} fields are not valid; the first is {detail}"


def _invalid(where: str, detail: str) -> RequestFault:
    fault = FieldError(where, detail)
    return RequestFault(Fault.INVALID, _summary((fault,)), fields=(fault,))


def _shown(name: str) -> str:
    """A parameter's name as the caller wrote it, fit for an answer."""
    return "".join(char if char.isprintable() else "\ufffd" for char in name[:100]) or "?"
