"""Webhook bodies, for every kind of event, in one line and in this dialect's words."""

from __future__ import annotations

from functools import partial

import orjson
import pytest

from gateway.domain.event import CHOSEN, EventKind
from gateway.domain.words import Status
from http_api.dialects.orchestrator import webhooks
from tests.unit.http_api.events import event_of, inbound_snapshot, snapshot

event = partial(event_of, "orchestrator")
of_message = partial(snapshot, metadata='{"campaignId":"camp-001"}')


def test_a_delivered_message() -> None:
    body = webhooks.receipt(event(EventKind.DELIVERED, of_message(Status.DELIVERED)))
    assert b"\n" not in body
    assert orjson.loads(body) == {
        "id": "018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e01",
        "type": "message.delivered",
        "occurredAt": "2026-04-18T10:00:00.000Z",
        "data": {
            "messageId": "018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e00",
            "status": "DELIVERED",
            "reason": None,
            "to": "+447700900123",
            "from": "ACME",
            "segmentCount": 1,
            "operatorId": "alpha",
            "routeId": "uk",
            "attemptCount": 1,
            "operatorError": None,
            "metadata": {"campaignId": "camp-001"},
        },
    }


@pytest.mark.parametrize("kind", [kind for kind in CHOSEN if kind is not EventKind.INBOUND])
def test_every_event_of_a_message(kind: EventKind) -> None:
    body = orjson.loads(webhooks.render(event(kind, of_message(Status(kind.value), metadata=None))))
    assert body["type"] == f"message.{kind.value}"
    assert body["data"]["status"] == kind.value.upper()
    assert body["data"]["metadata"] == {}


def test_an_inbound_message() -> None:
    data = inbound_snapshot(recipient="+447700900999", body="STOP\nnow")
    body = webhooks.render(event(EventKind.INBOUND, data))
    assert b"\n" not in body
    decoded = orjson.loads(body)
    assert decoded["type"] == "message.inbound"
    assert decoded["data"] == {
        "messageId": "018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e00",
        "to": "+447700900999",
        "from": "+447700900123",
        "body": "STOP\nnow",
        "keyword": "STOP",
        "action": "stop",
        "operatorId": "alpha",
        "replyTo": None,
        "metadata": {},
    }


def test_an_event_renders_to_the_same_bytes_each_time() -> None:
    one = event(EventKind.FAILED, of_message(Status.FAILED, reason="no_route"))
    assert webhooks.render(one) == webhooks.render(one)
