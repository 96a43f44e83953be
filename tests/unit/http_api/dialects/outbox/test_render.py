"""Answers: their fields are those of the schema, numbers are exact, and the same result is the same bytes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import jsonschema
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.message import LastError, Message
from gateway.domain.money import ZERO, Charge
from gateway.domain.send import FieldError, Refusal, Why
from gateway.domain.words import Reason, Status
from gateway.services.outbox import Attempt, NotResent, OutboxEntry, OutboxPage
from http_api import openapi
from http_api.dialects.outbox import render
from http_api.dialects.outbox.schema import OutboxAttempt, OutboxEntryAnswer, OutboxEntryWithAttempts
from http_api.dialects.outbox.words import OF_WHY
from http_api.errors import Fault, RequestFault
from http_api.exchange import Request
from tests.unit.http_api.memory import STARTED, message

REQUEST = Request("GET", "/api/sms/outbox", "", {}, "")
SCHEMAS = openapi.document()["components"]
CHARGE = Charge(Decimal("0.075"), Decimal("0.025"), "EUR")


def conforms(name: str, body: bytes) -> Any:
    """The decoded body, held to the schema of the OpenAPI document."""
    document = orjson.loads(body)
    schema = {"$ref": f"#/components/schemas/{name}", "components": SCHEMAS}
    jsonschema.Draft202012Validator(schema).validate(document)
    return document


def names_of(model: Any) -> list[str]:
    """The names of a model's fields as they stand in an answer."""
    return [field.alias or name for name, field in model.model_fields.items()]


def a_message(number: int = 0, **changed: Any) -> Message:
    """One that cost something and was failed by its carrier."""
    given: dict[str, Any] = {
        "segment_count": 3,
        "charge": CHARGE,
        "labels": ("tag:b", "tag:a", "user:ann"),
        "metadata": '{"a":{"b":1}}',
        "status": Status.FAILED,
        "reason": Reason.ABSENT,
        "operator": "alpha",
        "processed_at": STARTED + timedelta(seconds=number + 1),
        "final_at": STARTED + timedelta(seconds=number + 2),
        "error": LastError("absent", "receipt: UNDELIV err:021", "UNDELIV err:021", STARTED),
        **changed,
    }
    return message(number, dialect="outbox", **given)


def an_entry(*attempts: Attempt) -> OutboxEntry:
    return OutboxEntry(attempts[0].message.id, len(attempts) - 1, attempts)


def test_an_entry_has_the_fields_of_the_schema_in_its_order() -> None:
    when = STARTED + timedelta(hours=1)
    first = Attempt(a_message(), Decimal("0.075"), STARTED + timedelta(seconds=1))
    second = Attempt(a_message(60, scheduled_at=when), ZERO, None)
    document = conforms("OutboxEntryWithAttempts", render.entry(an_entry(first, second)).body)
    optional = {"errorDetails", "scheduledAt"}
    wanted = [name for name in names_of(OutboxEntryAnswer) if name not in optional]
    assert [name for name in document if name not in {*optional, "attempts"}] == wanted
    assert set(document) == set(names_of(OutboxEntryWithAttempts))
    assert set(document["attempts"][0]) == set(names_of(OutboxAttempt))
    assert (document["smsUnitsUsed"], document["totalCost"], document["retryCount"]) == (3, 0.075, 1)
    assert document["timestamps"] == {
        "createdAt": "2026-04-18T10:00:00.000Z",
        "sentAt": None,
        "lastAttemptAt": "2026-04-18T10:00:01.000Z",
    }
    assert (document["tags"], document["userId"]) == (["b", "a"], "ann")
    assert document["errorDetails"] == "absent: receipt: UNDELIV err:021"


@pytest.mark.parametrize("status", Status)
def test_every_status_can_be_shown(status: Status) -> None:
    shown = Attempt(a_message(status=status, reason=None, error=None), ZERO, None)
    document = conforms("OutboxEntryWithAttempts", render.entry(an_entry(shown)).body)
    assert ("errorDetails" in document) == (document["status"] == "failed")
    assert (document["timestamps"]["sentAt"] is not None) == (document["status"] == "sent")


def test_a_canceled_one_says_so() -> None:
    shown = Attempt(a_message(status=Status.CANCELED, reason=None, error=None), ZERO, None)
    document = orjson.loads(render.entry(an_entry(shown)).body)
    assert document["errorDetails"] == "canceled: it was canceled before it was sent"


def test_what_was_accepted_is_told_as_it_was_then() -> None:
    queued = a_message(status=Status.QUEUED, reason=None, error=None, processed_at=None, final_at=None)
    first = render.accepted(queued)
    assert first.status == 201
    document = conforms("OutboxEntryAnswer", first.body)
    assert (document["status"], document["smsUnitsUsed"], document["totalCost"]) == ("pending", 3, 0.075)
    assert render.accepted(a_message()).body == first.body, "whatever became of it since"


def test_pages() -> None:
    page = OutboxPage([an_entry(Attempt(a_message(n), ZERO, None)) for n in range(2)], b"x")
    answer = render.page(REQUEST, page, 2, "cursor")
    assert conforms("OutboxList", answer.body)["limit"] == 2
    assert ("Link", '</api/sms/outbox?cursor=cursor&limit=2>; rel="next"') in answer.headers
    last = render.page(REQUEST, OutboxPage([], None), 2, None)
    assert conforms("OutboxList", last.body) == {"items": [], "nextCursor": None, "limit": 2}
    assert [name for name, _ in last.headers] == ["Cache-Control"]


def test_resends() -> None:
    entry = an_entry(Attempt(a_message(), ZERO, None))
    conforms("OutboxEntryAnswer", render.resent(entry).body)
    results: list[tuple[str, render.Resent]] = [
        ("a", entry),
        ("b", NotResent.NOT_FAILED),
        ("c", Refusal(Why.SUPPRESSED, "It has opted out.")),
        ("d", RequestFault(Fault.UNAVAILABLE, "Try again.")),
    ]
    document = conforms("ResendResults", render.all_resent(results).body)
    assert [each["outboxId"] for each in document["results"]] == ["a", "b", "c", "d"]
    for (_, result), shown in zip(results[1:], document["results"][1:], strict=True):
        answer = render.resent(result)
        assert orjson.loads(answer.body)["error"] == shown["error"]


@pytest.mark.parametrize("why", Why)
def test_every_refusal(why: Why) -> None:
    answer = render.refused(Refusal(why, "This is why."))
    document = conforms("OutboxError", answer.body)
    assert (answer.status, document["error"]["code"]) == OF_WHY[why]
    assert answer.code == OF_WHY[why].code, "for the metrics"


@pytest.mark.parametrize("fault", Fault)
def test_every_fault(fault: Fault) -> None:
    fields = (FieldError("/tags/0", "It is empty."), FieldError("limit", "It is too large."))
    raised = RequestFault(fault, "This is why.", fields=fields, headers=(("Retry-After", "1"),))
    answer = render.fault(REQUEST, raised)
    document = conforms("OutboxError", answer.body)
    assert document["error"]["message"] == "This is why."
    assert [each["field"] for each in document["error"]["details"]] == ["tags/0", "limit"]
    assert answer.headers == (("Retry-After", "1"),)


@given(st.decimals(min_value=0, max_value=10**9, places=6))
def test_an_amount_is_the_very_number(amount: Decimal) -> None:
    body = orjson.dumps(render.number(amount))
    assert Decimal(body.decode()) == amount
    assert b"e" not in body.lower()
    assert not (b"." in body and body.endswith(b"0")), "no zeros that say nothing"
    assert isinstance(orjson.loads(body), int | float), "a JSON number"
