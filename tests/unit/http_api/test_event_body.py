"""The fields that webhook bodies of all dialects share, with one event worded by each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import orjson
import pytest

from gateway.domain.event import CHOSEN, Event, EventKind
from gateway.domain.words import Status
from gateway.services.events import KIND_OF_STATUS
from http_api import event_body
from http_api.dialects.contacts import webhooks as contacts
from http_api.dialects.orchestrator import webhooks as orchestrator
from http_api.dialects.outbox import webhooks as outbox
from tests.unit.http_api.events import event_of, inbound_snapshot, snapshot

MESSAGE = snapshot(Status.DELIVERED, metadata='{"a":"b"}')
INBOUND = inbound_snapshot()
DIALECTS: tuple[Callable[[Event], bytes], ...] = (
    orchestrator.render,
    contacts.render,
    outbox.render,
)


def event(kind: EventKind, data: dict[str, object]) -> Event:
    return event_of("any", kind, data)


@pytest.mark.parametrize("render", DIALECTS)
@pytest.mark.parametrize("status", KIND_OF_STATUS)
def test_one_receiver_serves_all(render: Callable[[Event], bytes], status: Status) -> None:
    """SURFACE "Webhooks": the type and these fields say the same in each dialect; the status is its own word."""
    told = event(KIND_OF_STATUS[status], MESSAGE | {"status": status.value})
    body = orjson.loads(render(told))
    same = orjson.loads(event_body.write(told, event_body.of_message(told, "", {"a": "b"})))
    assert {name: body[name] for name in ("id", "type", "occurredAt")} == {
        name: same[name] for name in ("id", "type", "occurredAt")
    }
    assert {**body["data"], "status": ""}.items() >= same["data"].items()
    assert body["data"]["status"]


@pytest.mark.parametrize("render", DIALECTS)
def test_and_all_inbound_messages(render: Callable[[Event], bytes]) -> None:
    told = event(EventKind.INBOUND, INBOUND)
    body, same = render(told), event_body.write(told, event_body.of_inbound(told, {}))
    assert b"\n" not in body
    assert orjson.loads(body)["data"].items() >= orjson.loads(same)["data"].items()


def test_every_kind_that_an_account_can_choose_has_a_type() -> None:
    for kind in CHOSEN:
        assert orjson.loads(event_body.write(event(kind, {}), {}))["type"] == f"message.{kind.value}"


def test_what_a_message_has_none_of() -> None:
    bare = event(EventKind.SENT, MESSAGE | {"metadata": None})
    assert (event_body.labels(bare), event_body.metadata_of(bare)) == ([], None)
    labelled = replace(bare, data=MESSAGE | {"labels": ["tag:a"]})
    assert (event_body.labels(labelled), event_body.metadata_of(labelled)) == (["tag:a"], '{"a":"b"}')
