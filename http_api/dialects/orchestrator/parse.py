"""The orchestrator's requests in the core's words: `Send`, or `Refusal` with every bad field by its place.

Only shapes are read here. What an address, a sender or a text must be is decided by the core's gates, in its order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

import orjson
from pydantic import TypeAdapter, ValidationError

from gateway.domain import ids
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
from http_api.page import Cursors
from http_api.parameters import Parameters, Wrong

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


_FILTERS: Final = ("status", "to", "created_after", "created_before")


def parse_list(request: Request, cursors: Cursors) -> ListQuery:
    """The page that a query string asks for. Raises `RequestFault` with every bad parameter."""
    given, caller = Parameters(request.query, _FILTERS, ("status",)), request.authenticated
    words = given.words("status", STATUS_OF_WORD)
    query = ListQuery(
        caller.account,
        caller.env,
        given.limit(DEFAULT_LIMIT, MAX_LIMIT),
        status=frozenset(STATUS_OF_WORD[word] for word in words) or None,
        recipient=given.recipient("to"),
        created_after=given.time("created_after"),
        created_before=given.time("created_before"),
        sub_tenant=caller.sub_tenant,
    )
    return given.page(caller, query, cursors, _refused_query)


def _refused_query(wrong: Sequence[Wrong]) -> RequestFault:
    faults = [FieldError(each.name, f"It {each.says}.") for each in wrong]
    return RequestFault(Fault.INVALID, _summary(faults), fields=tuple(faults))


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
