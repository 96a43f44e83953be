"""The core's answers in the orchestrator's words. Pure: the same result renders to the same bytes, so a replay does."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import orjson

from gateway.domain import ids
from gateway.domain.message import LastError, Message, PartRow
from gateway.domain.money import Charge, plain
from gateway.domain.send import Accepted, AcceptResult, FieldError, KeyConflict, Refusal, Taken
from gateway.ports import MessageView
from http_api.dialects.orchestrator.words import (
    POINTER_OF_WHY,
    WORD_OF_PART_STATE,
    WORD_OF_STATUS,
    message_type,
)
from http_api.errors import Fault, RequestFault
from http_api.exchange import Request, Response
from http_api.page import next_link
from http_api.problem import INVALID_PAYLOAD, OF_WHY, ProblemWriter, field_errors
from http_api.times import write_time, write_time_or_none

# What a message is changes from one look to the next, and is nobody else's business.
NO_STORE: Final = ("Cache-Control", "no-store")


def accepted(request: Request, result: AcceptResult, problems: ProblemWriter) -> Response:
    """The answer to one send."""
    outcome = _kept(result).items[0]
    if isinstance(outcome, Refusal):
        return refused(request, outcome, problems)
    return Response(202, _taken(outcome))


def refused(request: Request, refusal: Refusal, problems: ProblemWriter) -> Response:
    """The answer to a message that was refused."""
    if OF_WHY[refusal.why] is INVALID_PAYLOAD and not refusal.fields:
        place = FieldError(POINTER_OF_WHY[refusal.why], refusal.detail)
        refusal = replace(refusal, fields=(place,))
    return problems.refusal(request, refusal)


def bulk(result: AcceptResult) -> Response:
    """The answer to a bulk: 202 also when nothing of it was taken."""
    taken: list[bytes] = []
    rejected: list[dict[str, object]] = []
    for index, outcome in enumerate(_kept(result).items):
        if isinstance(outcome, Taken):
            taken.append(b'{"index":%d,%b' % (index, _taken(outcome)[1:]))
        else:
            rejected.append(_rejected(index, outcome))
    return Response(202, b'{"accepted":[%b],"rejected":%b}' % (b",".join(taken), orjson.dumps(rejected)))


def message(view: MessageView) -> Response:
    """One message with its attempts."""
    document = _message(view.message)
    document["attempts"] = _attempts(view.rows)
    return Response(200, orjson.dumps(document), headers=(NO_STORE,))


def page(request: Request, messages: list[Message], limit: int, cursor: str | None) -> Response:
    """A page of messages, and where the next one is."""
    document = {"messages": [_message(each) for each in messages], "nextCursor": cursor}
    headers = (NO_STORE,)
    if cursor is None:
        return Response(200, orjson.dumps(document), headers=headers)
    link = next_link(request.path, (("cursor", cursor), ("limit", str(limit))))
    return Response(200, orjson.dumps(document), headers=(*headers, link))


def _kept(result: AcceptResult) -> Accepted:
    if isinstance(result, KeyConflict):
        raise RequestFault(
            Fault.KEY_CONFLICT,
            "The Idempotency-Key was used for another body or path within the last 48 hours.",
        )
    return result


def _taken(taken: Taken) -> bytes:
    """By hand, for it stands in every answer: nothing in it needs escaping."""
    return (
        f'{{"messageId":"{ids.text(taken.message_id)}","status":"{WORD_OF_STATUS[taken.status]}",'
        f'"segmentCount":{taken.segment_count},"enqueuedAt":"{write_time(taken.accepted_at)}"}}'
    ).encode()


def _rejected(index: int, refusal: Refusal) -> dict[str, object]:
    fields = refusal.fields or (
        FieldError(f"/messages/{index}{POINTER_OF_WHY[refusal.why]}", refusal.detail),
    )
    return {
        "index": index,
        "code": OF_WHY[refusal.why].code,
        "detail": refusal.detail,
        "errors": field_errors(fields),
    }


def _message(message: Message) -> dict[str, object]:
    return {
        "messageId": ids.text(message.id),
        "status": WORD_OF_STATUS[message.status],
        "attemptCount": message.attempts,
        "operatorId": message.operator,
        "routeId": message.route,
        "enqueuedAt": write_time(message.accepted_at),
        "processedAt": write_time_or_none(message.processed_at),
        "finalAt": write_time_or_none(message.final_at),
        "expiresAt": write_time(message.expires_at),
        "reason": message.reason,
        "lastError": None if message.error is None else _last_error(message.error),
        "to": message.recipient,
        "from": message.sender,
        "segmentCount": message.segment_count,
        "messageType": message_type(message),
        "price": None if message.charge is None else _price(message.charge),
        "metadata": _texts(message.metadata),
    }


def _price(charge: Charge) -> dict[str, str]:
    return {"amount": plain(charge.amount), "currency": charge.currency}


def metadata(text: str | None) -> orjson.Fragment:
    """The tenant's own map, as it is kept; an empty one when there was none."""
    return orjson.Fragment(text or "{}")


def _texts(text: str | None) -> orjson.Fragment | dict[str, str]:
    """Metadata for a look-up, which may be another dialect's: what is no text there is its JSON as text here."""
    kept: dict[str, object] = orjson.loads(text) if text else {}
    if all(isinstance(value, str) for value in kept.values()):
        return metadata(text)
    return {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in kept.items()
    }


def _last_error(error: LastError) -> dict[str, object]:
    return {
        "code": error.code,
        "detail": error.detail,
        "operatorError": error.operator_error,
        "at": write_time(error.at),
    }


def _attempts(rows: list[PartRow]) -> list[dict[str, object]]:
    """Part rows by attempt. A split that was left behind is a row of attempts before it, and stays in the list."""
    attempts: dict[int, dict[str, object]] = {}
    parts: dict[int, list[dict[str, object]]] = {}
    for row in sorted(rows, key=lambda row: (row.attempt, row.part)):
        if row.attempt not in attempts:
            parts[row.attempt] = []
            attempts[row.attempt] = {
                "attempt": row.attempt,
                "operatorId": row.operator,
                "parts": parts[row.attempt],
            }
        parts[row.attempt].append(
            {
                "part": row.part,
                "state": WORD_OF_PART_STATE[row.state],
                "operatorMessageId": row.ref,
                "error": row.error,
                "at": write_time(row.at),
                "receiptAt": write_time_or_none(row.receipt_at),
            }
        )
    return list(attempts.values())
