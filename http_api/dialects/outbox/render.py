"""The core's answers in the outbox's words. Pure: the same result renders to the same bytes, so a replay does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final

import orjson

from gateway.domain import ids
from gateway.domain.labels import TAG, values_of
from gateway.domain.message import Message
from gateway.domain.money import ZERO, plain
from gateway.domain.send import FieldError, Refusal
from gateway.domain.words import Status
from gateway.services.outbox import Attempt, NotResent, OutboxEntry, OutboxPage, user_of
from http_api.codes import Problem
from http_api.dialects.outbox.words import (
    CANCELED,
    DETAIL_OF_NOT_RESENT,
    FAILED,
    FIELD_OF_WHY,
    OF_FAULT,
    OF_NOT_RESENT,
    OF_WHY,
    PENDING,
    SENT,
    outbox_id,
    word_of,
)
from http_api.errors import RequestFault, retry_after
from http_api.exchange import Request, Response
from http_api.page import next_link
from http_api.times import write_time, write_time_or_none

# What a message is changes from one look to the next, and is nobody else's business.
NO_STORE: Final = ("Cache-Control", "no-store")

Resent = OutboxEntry | Refusal | NotResent | RequestFault
"""What became of one entry that was to be sent again."""


def accepted(result: Message | Refusal) -> Response:
    """The answer to one send: the entry as it was when it was accepted, so that a replay is the same."""
    if isinstance(result, Refusal):
        return refused(result)
    message = result
    price = message.charge.amount if message.charge is not None else ZERO
    document = _document(message, message.id, message.segment_count, price, 0)
    document["status"] = PENDING
    document["timestamps"] = _timestamps(message.accepted_at, None, None)
    return Response(201, orjson.dumps(document))


def entry(found: OutboxEntry) -> Response:
    """One entry with its attempts."""
    document = _entry(found)
    document["attempts"] = [_attempt(each) for each in found.attempts]
    return Response(200, orjson.dumps(document), headers=(NO_STORE,))


def page(request: Request, found: OutboxPage, limit: int, cursor: str | None) -> Response:
    """A page of entries, and where the next one is."""
    items = [_entry(each) for each in found.entries]
    body = orjson.dumps({"items": items, "nextCursor": cursor, "limit": limit})
    return Response(200, body, headers=(NO_STORE, *more(request, limit, cursor)))


def more(request: Request, limit: int, cursor: str | None) -> tuple[tuple[str, str], ...]:
    """The header that leads to the next page, where there is one."""
    if cursor is None:
        return ()
    return (next_link(request.path, (("cursor", cursor), ("limit", str(limit)))),)


def resent(result: Resent) -> Response:
    """The answer to one entry that was to be sent again: made anew, as a send is."""
    if isinstance(result, OutboxEntry):
        return Response(201, orjson.dumps(_entry(result)), headers=(NO_STORE,))
    problem, error, headers = _why_not(result)
    return Response(problem.status, orjson.dumps({"error": error}), headers=headers, code=problem.code)


def all_resent(results: Iterable[tuple[str, Resent]]) -> Response:
    """The answer to a list: each for itself, in the order of the request."""
    shown: list[dict[str, object]] = []
    for name, result in results:
        if isinstance(result, OutboxEntry):
            shown.append({"outboxId": name, "entry": _entry(result)})
        else:
            shown.append({"outboxId": name, "error": _why_not(result)[1]})
    return Response(200, orjson.dumps({"results": shown}), headers=(NO_STORE,))


# --- errors


def fault(_request: Request, fault: RequestFault) -> Response:
    """The answer to a fault."""
    problem, error, headers = _why_not(fault)
    return Response(problem.status, orjson.dumps({"error": error}), headers=headers, code=problem.code)


def refused(refusal: Refusal) -> Response:
    """The answer to an SMS that was refused."""
    problem, error, headers = _why_not(refusal)
    return Response(problem.status, orjson.dumps({"error": error}), headers=headers, code=problem.code)


def _why_not(
    cause: Refusal | NotResent | RequestFault,
) -> tuple[Problem, dict[str, object], tuple[tuple[str, str], ...]]:
    if isinstance(cause, NotResent):
        problem, detail, fields, headers = OF_NOT_RESENT[cause], DETAIL_OF_NOT_RESENT[cause], (), ()
        return problem, _error(problem, detail, fields), headers
    if isinstance(cause, RequestFault):
        problem = OF_FAULT[cause.fault]
        return problem, _error(problem, cause.detail, cause.fields), cause.headers
    problem = OF_WHY[cause.why]
    place = FIELD_OF_WHY[cause.why]
    named = cause.fields or ((FieldError(place, cause.detail),) if place else ())
    return problem, _error(problem, cause.detail, named), retry_after(cause.retry_after_s)


def _error(problem: Problem, detail: str, fields: Iterable[FieldError]) -> dict[str, object]:
    details = [{"field": each.pointer.removeprefix("/"), "message": each.detail} for each in fields]
    return {"code": problem.code, "message": detail, "details": details}


# --- entries


def _entry(found: OutboxEntry) -> dict[str, object]:
    newest = found.attempts[-1]
    document = _document(newest.message, found.first, found.units, found.cost, found.retries)
    document["status"] = word_of(newest.message.status, over=newest.message.over)
    tried = [each.tried_at for each in found.attempts if each.tried_at is not None]
    document["timestamps"] = _timestamps(found.created_at, sent_at(newest.message), max(tried, default=None))
    if document["status"] == FAILED:
        document["errorDetails"] = error_details(newest.message)
    return document


def _document(message: Message, first: bytes, units: int, cost: Decimal, retries: int) -> dict[str, object]:
    """The fields of document 002's table in its order; status and timestamps keep their places."""
    document: dict[str, object] = {
        "outboxId": outbox_id(first),
        "userId": user_of(message),
        "recipientPhoneNumber": message.recipient,
        "message": message.body,
        "senderId": message.sender,
        "messageId": ids.text(message.id),
        "smsUnitsUsed": units,
        "costPerUnit": number(message.charge.rate if message.charge is not None else ZERO),
        "totalCost": number(cost),
        "status": None,
        "timestamps": None,
        "retryCount": retries,
        "tags": values_of(message.labels, TAG),
        "customData": orjson.Fragment(message.metadata or "{}"),
    }
    if message.scheduled_at is not None:
        document["scheduledAt"] = write_time(message.scheduled_at)
    return document


def _attempt(attempt: Attempt) -> dict[str, object]:
    message = attempt.message
    word = word_of(message.status, over=message.over)
    charge = message.charge
    document: dict[str, object] = {
        "messageId": ids.text(message.id),
        "status": word,
        **_timestamps(message.accepted_at, sent_at(message), attempt.tried_at),
        "smsUnitsUsed": attempt.units,
        "costPerUnit": number(charge.rate if charge is not None else ZERO),
        "cost": number(attempt.cost),
        "currency": charge.currency if charge is not None else None,
    }
    if word == FAILED:
        document["errorDetails"] = error_details(message)
    return document


def _timestamps(created_at: datetime, sent: datetime | None, tried_at: datetime | None) -> dict[str, object]:
    return {
        "createdAt": write_time(created_at),
        "sentAt": write_time_or_none(sent),
        "lastAttemptAt": write_time_or_none(tried_at),
    }


def sent_at(message: Message) -> datetime | None:
    """When a message became `sent`: with its receipt, or, where none is asked for, with the carrier's answer."""
    return message.final_at if word_of(message.status, over=message.over) == SENT else None


def error_details(message: Message) -> str:
    """Why a message failed: the reason, a word of a closed set, and what stands behind it."""
    if message.status is Status.CANCELED:
        return CANCELED
    reason = message.reason.value if message.reason is not None else "unknown"
    return f"{reason}: {message.error.detail}" if message.error is not None else reason


def number(amount: Decimal) -> orjson.Fragment:
    """A decimal as a JSON number, exactly: a float would write 0.07500000000000001 for 3 times 0.025."""
    return orjson.Fragment(plain(amount))
