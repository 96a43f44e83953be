"""The core's answers in the contacts dialect's words. Pure: the same result renders to the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import orjson

from gateway.domain import ids
from gateway.domain.agreement import Agreement
from gateway.domain.labels import BATCH, value_of
from gateway.domain.message import Message
from gateway.domain.send import FieldError, KeyConflict, Refusal
from gateway.domain.words import Status
from gateway.services.contacts import Enqueued
from http_api.codes import Problem
from http_api.dialects.contacts.parse import QUEUE_PREFIX
from http_api.dialects.contacts.words import (
    CHANNEL,
    NOT_CURRENT,
    OF_FAULT,
    OF_WHY,
    PHRASES,
    TERMS,
    WORD_OF_STATUS,
    message_type,
)
from http_api.errors import Fault, RequestFault, retry_after
from http_api.exchange import Request, Response
from http_api.page import next_link
from http_api.times import write_time, write_time_or_none

# What a message is changes from one look to the next, and is nobody else's business.
_NO_STORE: Final = ("Cache-Control", "no-store")


def enqueued(result: Enqueued | Refusal | KeyConflict) -> Response:
    """The answer to a batch: 201, or 200 when there was nobody to write to."""
    if isinstance(result, KeyConflict):
        raise RequestFault(
            Fault.KEY_CONFLICT,
            "The Idempotency-Key was used for another body, path or country within the last 48 hours.",
        )
    if isinstance(result, Refusal):
        return _error(OF_WHY[result.why], result.detail, headers=retry_after(result.retry_after_s))
    document: dict[str, object] = {
        "queueId": QUEUE_PREFIX + result.batch if result.batch else "",
        "channel": CHANNEL,
        "messages": [{"id": ids.text(id_), "recipient": recipient} for id_, recipient in result.messages],
    }
    if result.refused:
        document["refused"] = [
            {"recipient": recipient, "code": OF_WHY[refusal.why].code, "message": refusal.detail}
            for recipient, refusal in result.refused
        ]
    return Response(201 if result.batch else 200, orjson.dumps(document))


def queue(
    request: Request,
    label: str,
    counts: Mapping[Status, int],
    messages: list[Message],
    limit: int,
    cursor: str | None,
) -> Response:
    """A batch as it stands, and a page of its messages."""
    document = {
        "queueId": QUEUE_PREFIX + label.removeprefix(BATCH),
        "channel": CHANNEL,
        "total": sum(counts.values()),
        "counts": {word: counts.get(status, 0) for status, word in WORD_OF_STATUS.items()},
    }
    return _page(request, document, messages, limit, cursor)


def page(request: Request, messages: list[Message], limit: int, cursor: str | None) -> Response:
    """A page of the account's messages."""
    return _page(request, {}, messages, limit, cursor)


def terms(status: int, version: str, agreement: Agreement | None) -> Response:
    """The current terms as the caller stands to them."""
    document = {
        "version": version,
        "accepted": agreement is not None,
        "acceptedAt": None if agreement is None else write_time(agreement.at),
    }
    return Response(status, orjson.dumps(document), headers=(_NO_STORE,))


def terms_missing(version: str) -> Response:
    """The answer to a send by somebody who has not accepted the current terms."""
    detail = f"The current terms (version {version}) are not accepted: POST /api/terms accepts them."
    return _error(TERMS, detail, version=version)


def terms_not_current(version: str, detail: str) -> Response:
    """The answer to an acceptance of other terms than the current ones."""
    return _error(NOT_CURRENT, detail, version=version)


def fault(_request: Request, fault: RequestFault) -> Response:
    """The answer to a fault. What can't be read is a list of sentences, as the framework's validation prints it."""
    problem = OF_FAULT[fault.fault]
    if fault.fields:
        return _error(problem, [_sentence(field) for field in fault.fields], headers=fault.headers)
    return _error(problem, fault.detail, headers=fault.headers)


def _sentence(field: FieldError) -> str:
    place = field.pointer.strip("/")
    return f"{place}: {field.detail}" if place else field.detail


def _error(
    problem: Problem, message: str | list[str], headers: tuple[tuple[str, str], ...] = (), **more: str
) -> Response:
    document = {
        "statusCode": problem.status,
        "message": message,
        "error": PHRASES[problem.status],
        "code": problem.code,
        **more,
    }
    return Response(problem.status, orjson.dumps(document), headers=headers, code=problem.code)


def _page(
    request: Request, document: dict[str, object], messages: list[Message], limit: int, cursor: str | None
) -> Response:
    document["messages"] = [_message(each) for each in messages]
    document["nextCursor"] = cursor
    headers: tuple[tuple[str, str], ...] = (_NO_STORE,)
    if cursor is not None:
        headers = (*headers, next_link(request.path, (("cursor", cursor), ("limit", str(limit)))))
    return Response(200, orjson.dumps(document), headers=headers)


def _message(message: Message) -> dict[str, object]:
    error = message.error
    batch = value_of(message.labels, BATCH)
    return {
        "id": ids.text(message.id),
        "queueId": None if batch is None else QUEUE_PREFIX + batch,
        "channel": CHANNEL,
        "recipient": message.recipient,
        "sender": message.sender,
        "message": message.body,
        "type": message_type(message),
        "status": WORD_OF_STATUS[message.status],
        "reason": message.reason,
        "segments": message.segment_count,
        "createdAt": write_time(message.accepted_at),
        "updatedAt": write_time(message.final_at or message.processed_at or message.accepted_at),
        "error": None
        if error is None
        else {"code": error.code, "message": error.detail, "at": write_time(error.at)},
        "provider": {
            "operatorId": message.operator,
            "routeId": message.route,
            "attempts": message.attempts,
            "processedAt": write_time_or_none(message.processed_at),
            "error": None if error is None else error.operator_error,
        },
    }
