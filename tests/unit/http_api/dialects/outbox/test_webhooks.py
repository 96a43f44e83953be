"""Webhook bodies, for every kind of event, in one line and in this dialect's words."""

from __future__ import annotations

from functools import partial

import orjson
import pytest

from gateway.domain import ids
from gateway.domain.event import EventKind
from gateway.domain.words import Status
from gateway.services.events import KIND_OF_STATUS
from http_api.dialects.outbox import webhooks
from tests.unit.http_api.events import MESSAGE_ID, event_of, inbound_snapshot, snapshot

FIRST_ID = bytes.fromhex("018e7c3a9b2f7d4ea5f13c2b1a0d0000")

render = webhooks.render

event = partial(event_of, "outbox")
of_message = partial(snapshot, metadata='{"purpose":{"a":1}}')


def test_a_delivered_message_is_sent() -> None:
    body = render(event(EventKind.DELIVERED, of_message(Status.DELIVERED, labels=["tag:OTP", "user:ann"])))
    assert b"\n" not in body
    assert orjson.loads(body) == {
        "id": "018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e01",
        "type": "message.delivered",
        "occurredAt": "2026-04-18T10:00:00.000Z",
        "data": {
            "outboxId": "obx_018e7c3a9b2f7d4ea5f13c2b1a0d9e00",
            "messageId": "018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e00",
            "status": "sent",
            "reason": None,
            "errorDetails": None,
            "to": "+447700900123",
            "from": "ACME",
            "segmentCount": 1,
            "operatorId": "alpha",
            "routeId": "uk",
            "attemptCount": 1,
            "operatorError": None,
            "tags": ["OTP"],
            "customData": {"purpose": {"a": 1}},
            "metadata": {"purpose": {"a": 1}},
        },
    }


@pytest.mark.parametrize(("status", "kind"), KIND_OF_STATUS.items())
def test_every_event_of_a_message(status: Status, kind: EventKind) -> None:
    told = orjson.loads(render(event(kind, of_message(status, metadata=None))))
    word = {Status.SENT: "pending", Status.DELIVERED: "sent"}.get(status, "failed")
    assert (told["type"], told["data"]["status"]) == (f"message.{kind.value}", word)
    assert (told["data"]["tags"], told["data"]["customData"]) == ([], {})
    assert (told["data"]["errorDetails"] is not None) == (word == "failed")


def test_what_a_carrier_without_receipts_has_taken_is_sent() -> None:
    told = orjson.loads(render(event(EventKind.SENT, of_message(Status.SENT, over=True))))
    assert told["data"]["status"] == "sent"


@pytest.mark.parametrize(
    ("changed", "details"),
    [
        ({"reason": "absent", "operator_error": "UNDELIV err:021"}, "absent: UNDELIV err:021"),
        ({"reason": "no_route"}, "no_route"),
        ({}, "unknown"),
        ({"status": "canceled"}, "canceled: it was canceled before it was sent"),
    ],
)
def test_why_it_failed(changed: dict[str, object], details: str) -> None:
    told = orjson.loads(render(event(EventKind.FAILED, {**of_message(Status.FAILED), **changed})))
    assert told["data"]["errorDetails"] == details


def test_a_message_that_was_sent_again_names_its_entry() -> None:
    labels = ["tag:OTP", f"resends:{FIRST_ID.hex()}"]
    told = orjson.loads(render(event(EventKind.FAILED, of_message(Status.FAILED, labels=labels))))
    assert told["data"]["outboxId"] == f"obx_{FIRST_ID.hex()}"
    assert told["data"]["messageId"] == ids.text(MESSAGE_ID)


def test_an_inbound_message() -> None:
    data = inbound_snapshot(recipient="+447700900999", body="STOP\nnow")
    body = render(event(EventKind.INBOUND, data))
    assert b"\n" not in body
    told = orjson.loads(body)
    assert told["type"] == "message.inbound"
    assert told["data"] == {
        "messageId": "018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e00",
        "to": "+447700900999",
        "from": "+447700900123",
        "body": "STOP\nnow",
        "keyword": "STOP",
        "action": "stop",
        "operatorId": "alpha",
        "replyTo": None,
        "customData": {},
        "metadata": {},
    }


def test_an_event_renders_to_the_same_bytes_each_time() -> None:
    one = event(EventKind.FAILED, of_message(Status.FAILED, reason="no_route"))
    assert render(one) == render(one)
