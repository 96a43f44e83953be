"""Answers: their fields are those of the schema, and the same result is the same bytes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import jsonschema
import orjson
import pytest

from gateway.domain import ids
from gateway.domain.message import LastError, PartRow
from gateway.domain.money import Charge
from gateway.domain.send import Accepted, FieldError, KeyConflict, Refusal, Taken, Why
from gateway.domain.words import PartState, Reason, Status
from gateway.ports import MessageView
from http_api import openapi
from http_api.dialects.orchestrator import render
from http_api.dialects.orchestrator.schema import MessageAnswer, MessageList, MessageWithAttempts
from http_api.errors import Fault, RequestFault
from http_api.exchange import Request
from http_api.problem import ProblemWriter
from tests.unit.http_api.memory import STARTED, message

PROBLEMS = ProblemWriter("https://errors.example/")
REQUEST = Request("POST", "/v1/sms/send", "", {"X-Request-Id": "r"}, "")
ID = bytes.fromhex("018e7c3a9b2f7d4ea5f13c2b1a0d9e00")
TAKEN = Taken(ID, Status.QUEUED, 2, STARTED)
SCHEMAS = openapi.document()["components"]


def conforms(name: str, body: bytes) -> Any:
    """The decoded body, held to the schema of the OpenAPI document."""
    document = orjson.loads(body)
    schema = {"$ref": f"#/components/schemas/{name}", "components": SCHEMAS}
    jsonschema.Draft202012Validator(schema).validate(document)
    return document


def names_of(model: Any) -> set[str]:
    """The names of a model's fields as they stand in an answer."""
    return {field.alias or name for name, field in model.model_fields.items()}


def test_an_accepted_send_is_the_documents_answer() -> None:
    response = render.accepted(REQUEST, Accepted([TAKEN]), PROBLEMS)
    assert response.status == 202
    assert response.body == (
        b'{"messageId":"018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e00","status":"QUEUED","segmentCount":2,'
        b'"enqueuedAt":"2026-04-18T10:00:00.000Z"}'
    )
    conforms("AcceptedAnswer", response.body)


def test_a_replay_renders_the_same_bytes() -> None:
    replayed = Accepted([Taken(ID, Status.QUEUED, 2, STARTED)], replayed=True)
    first = render.accepted(REQUEST, Accepted([TAKEN]), PROBLEMS)
    assert render.accepted(REQUEST, replayed, PROBLEMS).body == first.body


@pytest.mark.parametrize("status", Status)
def test_every_status_can_be_accepted(status: Status) -> None:
    taken = Taken(ID, status, 1, STARTED)
    assert conforms("AcceptedAnswer", render.accepted(REQUEST, Accepted([taken]), PROBLEMS).body)


@pytest.mark.parametrize("why", Why)
def test_every_refusal_is_a_problem_and_a_rejected_item(why: Why) -> None:
    refusal = Refusal(why, "because")
    problem = conforms("ProblemAnswer", render.accepted(REQUEST, Accepted([refusal]), PROBLEMS).body)
    assert ("errors" in problem) == (problem["code"] == "INVALID_PAYLOAD")
    bulk = conforms("BulkAnswer", render.bulk(Accepted([TAKEN, refusal])).body)
    assert bulk["rejected"][0]["code"] == problem["code"]
    assert bulk["rejected"][0]["errors"][0]["pointer"].startswith("/messages/1")


def test_fields_of_a_refusal_are_kept() -> None:
    refusal = Refusal(Why.INVALID, "because", (FieldError("/messages/0/metadata/k", "no"),))
    assert orjson.loads(render.bulk(Accepted([refusal])).body) == {
        "accepted": [],
        "rejected": [
            {
                "index": 0,
                "code": "INVALID_PAYLOAD",
                "detail": "because",
                "errors": [{"pointer": "/messages/0/metadata/k", "detail": "no"}],
            }
        ],
    }


def test_a_conflict_is_a_fault() -> None:
    with pytest.raises(RequestFault) as caught:
        render.accepted(REQUEST, KeyConflict(), PROBLEMS)
    assert caught.value.fault is Fault.KEY_CONFLICT
    with pytest.raises(RequestFault):
        render.bulk(KeyConflict())


def part(attempt: int, number: int, operator: str, state: PartState, **changed: Any) -> PartRow:
    """A part of one attempt."""
    values = {"ref": None, "error": None, "at": STARTED, **changed}
    return PartRow(ID, attempt, number, operator, state, **values)


def test_a_message_with_two_attempts() -> None:
    stored = message(
        status=Status.UNDELIVERABLE,
        reason=Reason.INVALID_NUMBER,
        operator="beta",
        route="uk",
        attempts=2,
        metadata='{"campaignId":"camp-001"}',
        processed_at=STARTED + timedelta(seconds=1),
        final_at=STARTED + timedelta(seconds=9),
        error=LastError("invalid_number", "receipt: 001", "001", STARTED + timedelta(seconds=9)),
    )
    rows = [
        part(2, 2, "beta", PartState.ACCEPTED, ref="b2"),
        part(1, 1, "alpha", PartState.REFUSED, error="ESME_RINVDSTADR"),
        part(2, 1, "beta", PartState.UNDELIVERABLE, ref="b1", receipt_at=STARTED + timedelta(seconds=9)),
    ]
    body = conforms("MessageWithAttempts", render.message(MessageView(stored, rows)).body)
    assert set(body) == names_of(MessageWithAttempts)
    assert (body["status"], body["reason"], body["attemptCount"]) == ("UNDELIVERABLE", "invalid_number", 2)
    assert (body["operatorId"], body["routeId"]) == ("beta", "uk")
    assert body["processedAt"] == "2026-04-18T10:00:01.000Z"
    assert body["lastError"] == {
        "code": "invalid_number",
        "detail": "receipt: 001",
        "operatorError": "001",
        "at": "2026-04-18T10:00:09.000Z",
    }
    assert [
        (
            attempt["attempt"],
            attempt["operatorId"],
            [(each["part"], each["state"]) for each in attempt["parts"]],
        )
        for attempt in body["attempts"]
    ] == [(1, "alpha", [(1, "REFUSED")]), (2, "beta", [(1, "UNDELIVERABLE"), (2, "ACCEPTED")])]
    assert body["attempts"][1]["parts"][0]["operatorMessageId"] == "b1"
    assert body["metadata"] == {"campaignId": "camp-001"}


def test_a_page_of_messages() -> None:
    request = Request("GET", "/v1/sms", "", {}, "")
    last = render.page(request, [message(2), message(1)], 5, None)
    body = conforms("MessageList", last.body)
    assert set(body) == names_of(MessageList)
    assert set(body["messages"][0]) == names_of(MessageAnswer)
    assert [name for name, _ in last.headers] == ["Cache-Control"]
    more = render.page(request, [message(2)], 1, "abc")
    assert dict(more.headers)["Link"] == '</v1/sms?cursor=abc&limit=1>; rel="next"'
    assert conforms("MessageList", more.body)["nextCursor"] == "abc"


def test_the_message_id_is_the_uuid() -> None:
    body = orjson.loads(render.message(MessageView(message(), [])).body)
    assert ids.parse(body["messageId"]) == message().id


def test_another_dialects_metadata_is_shown_as_texts() -> None:
    """Document 002's `customData` holds any JSON; here metadata is a map of texts."""
    kept = message(metadata='{"a":"b","order":{"id":7},"n":1.5}')
    document = conforms("MessageWithAttempts", render.message(MessageView(kept, [])).body)
    assert document["metadata"] == {"a": "b", "order": '{"id":7}', "n": "1.5"}


def test_a_message_says_what_it_costs() -> None:
    charged = message(charge=Charge(Decimal("0.0750"), Decimal("0.0375"), "EUR"))
    found = conforms("MessageWithAttempts", render.message(MessageView(charged, [])).body)
    assert found["price"] == {"amount": "0.075", "currency": "EUR"}
    free = conforms("MessageWithAttempts", render.message(MessageView(message(), [])).body)
    assert free["price"] is None, "its account was not metered"
