"""`webhooks` of the OpenAPI document against what the renderers make of every event, and the headers that come."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
import schemathesis
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from openapi_spec_validator import validate
from schemathesis.core.result import Ok

from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.alert import Alert, AlertKind
from gateway.domain.erasure import Erasure, erase_event
from gateway.domain.event import CHOSEN, Event, EventKind
from gateway.domain.words import Reason, Status
from gateway.outbound import client
from gateway.services.events import KIND_OF_STATUS
from gateway.services.webhooks import MAX_RETRY_AFTER_S, WebhookSettings
from http_api import alerts, event_samples, openapi
from http_api.dialects.contacts import webhooks as contacts
from http_api.dialects.orchestrator import webhooks as orchestrator
from http_api.dialects.outbox import webhooks as outbox
from routing.keywords import Action
from storage.open import open_store
from tests.architecture.sources import ROOT
from tests.contract.made import NOW
from tests.unit.gateway.http_sink import Sink
from tests.unit.gateway.services.test_alerts import World
from tests.unit.gateway.services.webhook_rig import KEYS, open_rig
from tests.unit.http_api.events import MESSAGE_ID, event_of, inbound_snapshot, snapshot
from tests.unit.http_api.memory import STARTED

DOCUMENT: Final = openapi.document()
WEBHOOKS: Final[dict[str, dict[str, Any]]] = {
    name: item["post"] for name, item in DOCUMENT["webhooks"].items()
}
SCHEMAS: Final[dict[str, Any]] = DOCUMENT["components"]["schemas"]
RENDERERS: Final[Mapping[str, Callable[[Event], bytes]]] = {
    "orchestrator": orchestrator.render,
    "outbox": outbox.render,
    "contacts": contacts.render,
}
BATCH: Final = "0123456789abcdef0123456789abcdef"
METADATA: Final = {  # what each dialect takes, of which one message has some and one has none
    "orchestrator": '{"campaignId":"camp-001"}',
    "outbox": '{"campaign":{"id":7,"of":[1,null]}}',
    "contacts": None,
}
LABELS: Final = {
    "orchestrator": [],
    "outbox": ["tag:OTP", f"resends:{BATCH}"],
    "contacts": [f"batch:{BATCH}"],
}


def closed() -> dict[str, Any]:
    """The document, with schemas that have no room for a field that they do not name."""
    document = deepcopy(DOCUMENT)
    for schema in document["components"]["schemas"].values():
        if "properties" in schema:
            schema["additionalProperties"] = False
    return document


CLOSED: Final = closed()


def told(name: str, body: object, document: Mapping[str, Any] = CLOSED) -> None:
    """Raises `ValidationError` where it is no body of this webhook."""
    schema = WEBHOOKS[name]["requestBody"]["content"]["application/json"]["schema"]
    Draft202012Validator({**document, **schema}, format_checker=FormatChecker()).validate(body)


def erased(event: Event) -> Event:
    """As an erasure of its phone leaves it."""
    name = "erased:0123456789abcdef"
    erase_event(Erasure("+447700900123", name, None, STARTED), event)
    return event


def messages(dialect: str) -> Iterator[Event]:
    """Events of messages with every status, reason, and thing that may be missing."""
    for status, kind in KIND_OF_STATUS.items():
        full = {"metadata": METADATA[dialect], "labels": LABELS[dialect], "operator_error": "err:021"}
        none = {"operator": None, "route": None, "attempts": 0}
        yield event_of(dialect, kind, snapshot(status))
        yield event_of(dialect, kind, snapshot(status, **none))
        yield erased(event_of(dialect, kind, snapshot(status, **full)))
        for reason in Reason:
            yield event_of(dialect, kind, snapshot(status, reason=reason.value, **full))
        if status is Status.SENT:
            yield event_of(dialect, kind, snapshot(status, over=True))


def inbounds(dialect: str) -> Iterator[Event]:
    """Events of inbound messages with every action, of a prior send and of none."""
    priors = ((None, None), (ids.text(MESSAGE_ID), METADATA[dialect]))
    for action, (reply_to, metadata) in product((None, *Action), priors):
        data = inbound_snapshot(
            body="Stop\nnow",
            keyword=None if action is None else action.name,
            action=None if action is None else action.value,
            reply_to=reply_to,
            metadata=metadata,
        )
        yield event_of(dialect, EventKind.INBOUND, data)
        yield erased(event_of(dialect, EventKind.INBOUND, {**data}))


def bodies() -> dict[str, list[dict[str, Any]]]:
    """What the renderers make of all events, by the name of the webhook."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for dialect, render in RENDERERS.items():
        for event in (*messages(dialect), *inbounds(dialect)):
            found[f"{dialect}.message.{event.kind.value}"].append(orjson.loads(render(event)))
    for env in Env:
        for kind in AlertKind:
            event = event_samples.of_alert(kind)
            event.env = env
            found[f"alert.{kind.value}"].append(orjson.loads(alerts.render(event)))
    return found


BODIES: Final = bodies()


def inner_of(name: str) -> dict[str, Any]:
    """What the schema of a webhook's body says of `data`: a reference, and what the type narrows."""
    reference = WEBHOOKS[name]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    inner: dict[str, Any] = SCHEMAS[reference.rpartition("/")[2]]["properties"]["data"]
    return inner


def referred(reference: Mapping[str, str]) -> dict[str, Any]:
    """The component that a reference names."""
    kind, name = reference["$ref"].removeprefix("#/components/").split("/")
    component: dict[str, Any] = DOCUMENT["components"][kind][name]
    return component


def reference_of(name: str) -> str:
    """The name of the schema of a webhook's data."""
    return str(inner_of(name)["$ref"]).rpartition("/")[2]


def data_of(name: str) -> dict[str, Any]:
    """The schema of the data of a webhook, with what its type narrows."""
    data: dict[str, Any] = deepcopy(SCHEMAS[reference_of(name)])
    for field, narrowed in inner_of(name).get("properties", {}).items():
        data["properties"][field] |= narrowed
    return data


def test_the_document_is_valid() -> None:
    validate(DOCUMENT)


def test_each_dialect_has_each_type_and_there_are_the_alerts() -> None:
    named = {f"{dialect}.message.{kind.value}" for dialect in RENDERERS for kind in CHOSEN}
    assert WEBHOOKS.keys() == named | {f"alert.{kind.value}" for kind in AlertKind}
    assert BODIES.keys() == WEBHOOKS.keys()
    assert {operation["tags"][0] for operation in WEBHOOKS.values()} == {
        tag["name"] for tag in DOCUMENT["tags"]
    }


def test_no_two_operations_have_one_id() -> None:
    asked = [each["operationId"] for item in DOCUMENT["paths"].values() for each in item.values()]
    every = asked + [each["operationId"] for each in WEBHOOKS.values()]
    assert len(set(every)) == len(every)


@pytest.mark.parametrize("name", WEBHOOKS)
def test_every_body_is_what_the_schema_says_and_no_more(name: str) -> None:
    for body in BODIES[name]:
        told(name, body)


@pytest.mark.parametrize("name", WEBHOOKS)
def test_all_that_the_schema_says_comes(name: str) -> None:
    """Each field always, each word of a closed set, null where it is allowed, and something where it is.

    Types of one dialect share the schema of their data, but for the words that each narrows: so each of these comes
    with its type, and the rest with one of them.
    """
    data = data_of(name)
    assert data["required"] == list(data["properties"])
    sharing = [other for other in WEBHOOKS if reference_of(other) == reference_of(name)]
    for field, schema in data["properties"].items():
        seen = [body["data"][field] for other in sharing for body in BODIES[other]]
        forms = schema.get("anyOf", [schema])
        assert (None in seen) == ({"type": "null"} in forms), field
        assert any(value is not None for value in seen), field
        for words in (form["enum"] for form in forms if "enum" in form):
            assert {body["data"][field] for body in BODIES[name]} - {None} == set(words), field


@pytest.mark.parametrize("name", WEBHOOKS)
def test_drift_fails(name: str) -> None:
    """A body with a field more, a field less or another type is none, and so the tests above tell of it."""
    body = BODIES[name][0]
    others = [{**body, "type": "message.other"}, {**body, "extra": 1}, {**body, "occurredAt": "yesterday"}]
    others += [{**body, "data": {**body["data"], "extra": 1}}]
    for field in body["data"]:
        others.append({**body, "data": {key: body["data"][key] for key in body["data"] if key != field}})
        others.append({**body, "data": {**body["data"], field: [[]]}})
    for other in others:
        with pytest.raises(ValidationError):
            told(name, other)


@pytest.mark.parametrize("name", WEBHOOKS)
def test_a_receiver_of_today_takes_what_may_come(name: str) -> None:
    body = BODIES[name][0]
    told(name, {**body, "extra": 1, "data": {**body["data"], "extra": 1}}, DOCUMENT)


@pytest.mark.parametrize("name", WEBHOOKS)
def test_the_example_is_a_body(name: str) -> None:
    told(name, WEBHOOKS[name]["requestBody"]["content"]["application/json"]["example"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("orchestrator.message.sent", ["SENT"]),
        ("orchestrator.message.undeliverable", ["UNDELIVERABLE"]),
        ("contacts.message.undeliverable", ["undelivered"]),
        ("contacts.message.canceled", ["canceled"]),
        ("outbox.message.sent", ["pending", "sent"]),
        ("outbox.message.delivered", ["sent"]),
        ("outbox.message.canceled", ["failed"]),
    ],
)
def test_a_type_has_its_statuses_alone(name: str, words: list[str]) -> None:
    assert data_of(name)["properties"]["status"]["enum"] == words


async def test_the_alerts_of_the_core_are_what_the_schema_says(tmp_path: Path) -> None:
    store = open_store("sqlite:///trunkline.db", tmp_path)
    await store.open()
    await store.register(NOW, "boot-1")
    world = World(store)
    await world.one.accounts.start()
    await world.one.accounts.create("acme")
    await world.set(alert_balance="5", alert_failures="2", alert_url="https://a.example/")
    await world.book("4.5")
    await world.lose(2)
    world.one.alerts.limit_hit("acme", Env.LIVE, "recipient_per_h", "more than 5 an hour")
    await world.look()
    await store.close()
    came = {body["type"]: body for body in map(orjson.loads, map(alerts.render, world.one.events))}
    assert came.keys() == {f"alert.{kind.value}" for kind in AlertKind}
    for name, body in came.items():
        told(name, body)


def listed(alert: object) -> None:
    """Raises `ValidationError` where it is no alert of a list."""
    reference = {"$ref": "#/components/schemas/OutboxAlert"}
    Draft202012Validator({**CLOSED, **reference}, format_checker=FormatChecker()).validate(alert)


@pytest.mark.parametrize("kind", AlertKind)
def test_an_alert_in_the_list_is_what_its_webhook_told(kind: AlertKind) -> None:
    event = event_samples.of_alert(kind)
    data = {name: value for name, value in event.data.items() if name != "kind"}
    shown = orjson.loads(
        orjson.dumps(alerts.in_list(Alert(event.id, "acme", event.env, kind, event.at, data)))
    )
    assert shown == orjson.loads(alerts.render(event))
    listed(shown)
    for other in AlertKind:
        if other is not kind:
            with pytest.raises(ValidationError):
                listed({**shown, "type": f"alert.{other.value}"})
    assert SCHEMAS["OutboxAlertList"]["properties"]["items"]["items"] == {
        "$ref": "#/components/schemas/OutboxAlert"
    }


@pytest.mark.parametrize("secrets", [1, 2])
async def test_the_headers_are_those_that_come(secrets: int) -> None:
    async with Sink().serving() as sink, open_rig() as rig:
        rig.keys = [b"newest", *KEYS][-secrets:]
        await rig.commit(rig.event(sink.url()))
        await rig.until_settled(1)
        headers = sink.received[0].headers
    came = {name: value for name, value in headers.items() if name.startswith("webhook-")}
    for operation in WEBHOOKS.values():
        described = {each["name"]: each for each in map(referred, operation["parameters"])}
        assert described.keys() == came.keys()
        for name, each in described.items():
            assert (each["in"], each["required"]) == ("header", True)
            value = int(came[name]) if each["schema"]["type"] == "integer" else came[name]
            Draft202012Validator(each["schema"], format_checker=FormatChecker()).validate(value)


def test_the_answers_are_the_page_s_and_the_code_s() -> None:
    page = (ROOT / "docs" / "webhooks.md").read_text()
    table = page.partition("<!-- answers -->\n")[2].partition("<!-- end: answers -->")[0]
    first = [line.split("|")[1] for line in table.splitlines()[2:]]
    numbers = {number for cell in first[:-1] for number in re.findall(r"\b\dxx\b|\b\d{3}\b", cell)}
    for operation in WEBHOOKS.values():
        told_of = operation["responses"]
        assert {status.lower() for status in told_of} == numbers | {"default"}
        assert {int(status) for status in told_of if status.startswith("3")} == client._FOLLOWED
        headers = {status: list(referred(each).get("headers", ())) for status, each in told_of.items()}
        assert {status for status, names in headers.items() if names == ["Retry-After"]} == {"429", "503"}
    assert client.MAX_REDIRECTS == 3, "followed, up to three times"
    assert timedelta(seconds=MAX_RETRY_AFTER_S) == timedelta(hours=1), "an hour at most"
    assert timedelta(seconds=WebhookSettings().give_up_after_s) == timedelta(days=1), "until it is a day old"


def test_schemathesis_does_not_try_them() -> None:
    """It would call a receiver's paths at the gateway: what it finds in the document is the paths alone."""
    results = schemathesis.openapi.from_dict(DOCUMENT).get_all_operations()
    described = {f"{method.upper()} {path}" for path, item in DOCUMENT["paths"].items() for method in item}
    assert {result.ok().label if isinstance(result, Ok) else repr(result) for result in results} == described
