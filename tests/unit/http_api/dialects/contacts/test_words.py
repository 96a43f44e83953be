"""Every member of the core's closed sets has a word in the contacts dialect, and every error its shape."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from gateway.domain.send import FieldError, Refusal, Why
from gateway.domain.words import Priority, Status
from http_api.dialects.contacts import render
from http_api.dialects.contacts.schema import QueueCounts, SmsContactsMessagePayload
from http_api.dialects.contacts.words import (
    OF_FAULT,
    OF_WHY,
    PHRASES,
    PRIORITY_OF_TYPE,
    STATUS_OF_WORD,
    WORD_OF_PRIORITY,
    WORD_OF_STATUS,
    message_type,
)
from http_api.errors import Fault, RequestFault
from http_api.exchange import Request
from tests.unit.http_api.memory import message

REQUEST = Request("POST", "/api/messages/sms/contacts", "", {}, "")


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_word_and_back(status: Status) -> None:
    assert STATUS_OF_WORD[WORD_OF_STATUS[status]] is status


def test_the_words_are_those_of_the_contract() -> None:
    """CONTRACTS.md "Statuses", column "contacts"."""
    words = ["scheduled", "queued", "sent", "delivered", "undelivered", "failed", "canceled"]
    assert list(WORD_OF_STATUS.values()) == list(QueueCounts.model_fields) == words


@pytest.mark.parametrize("priority", Priority)
def test_every_class_has_a_type_and_back(priority: Priority) -> None:
    word = message_type(message(priority=priority))
    assert word == WORD_OF_PRIORITY[priority]
    assert PRIORITY_OF_TYPE[word] is priority


def test_the_schema_has_all_types() -> None:
    literal, _ = get_args(SmsContactsMessagePayload.model_fields["type"].annotation)
    assert set(get_args(literal)) == set(PRIORITY_OF_TYPE)


@pytest.mark.parametrize("why", Why)
def test_every_refusal_is_an_error_of_the_framework_s_shape(why: Why) -> None:
    answer = render.enqueued(Refusal(why, "So it is."))
    document = json.loads(answer.body)
    problem = OF_WHY[why]
    assert (answer.status, answer.code) == problem
    assert document == {
        "statusCode": problem.status,
        "message": "So it is.",
        "error": PHRASES[problem.status],
        "code": problem.code,
    }
    assert list(document)[:3] == ["statusCode", "message", "error"]


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_is_one(fault: Fault) -> None:
    headers = (("Retry-After", "1"),)
    answer = render.fault(REQUEST, RequestFault(fault, "So it is.", headers=headers))
    problem = OF_FAULT[fault]
    assert (answer.status, answer.code, answer.headers) == (problem.status, problem.code, headers)
    assert json.loads(answer.body)["message"] == "So it is."


def test_what_is_wrong_with_a_request_is_a_list() -> None:
    fields = (FieldError("", "message must be a string"), FieldError("Idempotency-Key", "It is too long."))
    answer = render.fault(REQUEST, RequestFault(Fault.INVALID, "Two things.", fields=fields))
    assert json.loads(answer.body)["message"] == [
        "message must be a string",
        "Idempotency-Key: It is too long.",
    ]
