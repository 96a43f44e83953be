"""Webhook bodies of the contacts dialect, for every kind of event, in one line."""

from __future__ import annotations

from functools import partial

import orjson
import pytest

from gateway.domain import ids
from gateway.domain.event import CHOSEN, EventKind
from gateway.domain.words import Status
from gateway.services.events import KIND_OF_STATUS
from http_api.dialects.contacts import webhooks
from http_api.dialects.contacts.words import WORD_OF_STATUS
from tests.unit.gateway.services.rig import a_rig
from tests.unit.http_api.events import MESSAGE_ID, event_of, inbound_snapshot, snapshot

BATCH = "0123456789abcdef0123456789abcdef"


event = partial(event_of, "contacts")
of_message = partial(snapshot, recipient="+573001234567", route="co", labels=[f"batch:{BATCH}", "user:ann"])


def test_an_undelivered_message() -> None:
    data = of_message(Status.UNDELIVERABLE, reason="blocked", operator_error="err:012")
    body = webhooks.render(event(EventKind.UNDELIVERABLE, data))
    assert b"\n" not in body
    assert orjson.loads(body) == {
        "id": "018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e01",
        "type": "message.undeliverable",
        "occurredAt": "2026-04-18T10:00:00.000Z",
        "data": {
            "messageId": "018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e00",
            "queueId": f"sms-queue-{BATCH}",
            "channel": "sms",
            "status": "undelivered",
            "reason": "blocked",
            "to": "+573001234567",
            "from": "ACME",
            "segmentCount": 1,
            "operatorId": "alpha",
            "routeId": "co",
            "attemptCount": 1,
            "operatorError": "err:012",
            "metadata": {},
        },
    }


@pytest.mark.parametrize(("status", "kind"), KIND_OF_STATUS.items())
def test_every_status_in_this_dialect_s_words(status: Status, kind: EventKind) -> None:
    body = orjson.loads(webhooks.render(event(kind, of_message(status))))
    assert (body["type"], body["data"]["status"]) == (f"message.{kind}", WORD_OF_STATUS[status])


def test_a_message_of_no_batch() -> None:
    data = of_message(Status.SENT, labels=["user:ann"], metadata='{"a":"b"}')
    found = orjson.loads(webhooks.render(event(EventKind.SENT, data)))["data"]
    assert (found["queueId"], found["metadata"]) == (None, {"a": "b"})
    del data["labels"]
    assert orjson.loads(webhooks.render(event(EventKind.SENT, data)))["data"]["queueId"] is None


def test_an_inbound_message() -> None:
    data = inbound_snapshot(sender="+573001234567")
    body = orjson.loads(webhooks.render(event(EventKind.INBOUND, data)))
    assert body["type"] == "message.inbound"
    assert body["data"] == {
        "messageId": ids.text(MESSAGE_ID),
        "channel": "sms",
        "to": "85432",
        "from": "+573001234567",
        "body": "STOP",
        "keyword": "STOP",
        "action": "stop",
        "operatorId": "alpha",
        "replyTo": None,
        "metadata": {},
    }


def test_no_kind_that_an_account_can_choose_is_forgotten() -> None:
    assert {*KIND_OF_STATUS.values(), EventKind.INBOUND} == set(CHOSEN)


async def test_the_core_tells_of_labels() -> None:
    """What an event of a labelled message brings, and that others are as they were."""
    async with a_rig() as rig:
        for labels in ((), (f"batch:{BATCH}",)):
            message_id = await rig.send(labels=labels)
            made = rig.announcer._of_message(
                await rig.message(message_id),
                EventKind.SENT,
                Status.SENT,
                False,
                "https://a.example",
                "https://a.example",
                None,
                rig.now,
            )
            assert made.data.get("labels", []) == list(labels)
            assert ("labels" in made.data) == bool(labels)
