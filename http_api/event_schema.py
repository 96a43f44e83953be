"""What the OpenAPI document says about webhooks: for each type of event its body, its headers and how to answer.

The models say of each field what it may be; a type and its words of the status are what the renderers make of
`event_samples`, and so are the examples. Tests hold the bodies of all events to what comes out. The schemas are open,
for more fields may come (docs/webhooks.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, NamedTuple

import orjson
from apispec import APISpec
from pydantic import Field
from pydantic.json_schema import WithJsonSchema

from gateway.domain.alert import AlertKind
from gateway.domain.event import Event
from gateway.domain.words import Reason
from http_api import alerts, event_samples
from http_api.describing import TIME, Schema, schemas
from http_api.exchange import JSON
from http_api.shapes import Outgoing, one_of
from routing.keywords import Action

ALERTS_TAG: Final = "alerts"
ALERTS_ABOUT: Final = (
    "What an account asked to be told of its money, its failures and its limits, to its `alert_url`: the same in every "
    "dialect."
)

Id = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]


_ReasonWord = Annotated[str, one_of((each.value for each in Reason), "why it was not delivered")]
_ActionWord = Annotated[str, one_of((each.value for each in Action), "what the keyword did")]
# What an erasure leaves of a number begins with `erased:`; an event that has not been taken by then tells that.
_Number = Annotated[str, WithJsonSchema({"type": "string", "pattern": r"^(\+[1-9][0-9]{6,14}|erased:.+)$"})]


class MessageData(Outgoing):
    """What became of a message, in any dialect. A dialect adds its fields, and says what its metadata is."""

    message_id: Id = Field(description="the id that the send was answered with")
    status: str = Field(description="where it stands, in the words of the dialect that sent it")
    reason: _ReasonWord | None = Field(
        description="null where it was delivered, may be yet, or was taken back"
    )
    to: _Number = Field(description="the recipient, E.164; `erased:` and a name where it was erased since")
    sender: str = Field(alias="from", description="the sender, as the phone shows it")
    segment_count: int = Field(ge=1, description="segments of its text")
    operator_id: str | None = Field(description="the carrier of the last attempt; null where there was none")
    route_id: str | None = Field(description="the route that chose it; null where there was none")
    attempt_count: int = Field(ge=0, description="how often it was handed to a carrier")
    operator_error: str | None = Field(description="the carrier's own words for what went wrong")
    metadata: dict[str, Any] = Field(description="as it was sent; empty where there was none")


class InboundData(Outgoing):
    """A message that a phone has sent to a number of the account, in any dialect."""

    message_id: Id = Field(description="the inbound message's id")
    to: str = Field(description="the number that was written to")
    sender: str = Field(alias="from", description="who wrote")
    body: str = Field(description="the text, its parts joined; `[...]` stands for one that never came")
    keyword: str | None = Field(description="the word that was understood; null for any other text")
    action: _ActionWord | None = Field(description="null where the text asked for nothing")
    operator_id: str = Field(description="the carrier that it came by")
    reply_to: Id | None = Field(description="the `messageId` of the latest message to that phone; null: none")
    metadata: dict[str, Any] = Field(description="that message's metadata; empty where there is none")


class _AlertData(Outgoing):
    environment: Literal["live", "test"]


class LowBalanceData(_AlertData):
    """The balance of a currency fell below a threshold."""

    balance: float = Field(description="an exact decimal; what may be spent")
    threshold: float = Field(description="an exact decimal; the setting that it fell below")
    currency: str = Field(description="ISO 4217", examples=["EUR"])


class FailuresData(_AlertData):
    """So many messages have failed within the window."""

    count: int = Field(ge=1)
    threshold: int = Field(ge=1, description="from which count on it is told")
    window_seconds: int = Field(ge=60)


class LimitData(_AlertData):
    """A limit against fraud and mistakes has refused something."""

    limit: str = Field(description="the setting")
    about: str = Field(description="the first refusal's own words, with phone numbers masked")


class Envelope(Outgoing):
    """What is around the data of each event."""

    id: Id = Field(description="the event's, as in `webhook-id`")
    type: str = Field(description="what happened")
    occurred_at: Annotated[str, WithJsonSchema(TIME)] = Field(description="when it happened")
    data: dict[str, Any]


_HEADERS: Final[Mapping[str, tuple[str, Schema]]] = {
    "webhook-id": (
        "the event's id, the same at each try: by it one that comes twice is known",
        {"type": "string", "format": "uuid"},
    ),
    "webhook-timestamp": (
        "when this try was made, in seconds since 1970",
        {"type": "integer", "minimum": 0},
    ),
    "webhook-signature": (
        "one for each valid secret of the account (Standard Webhooks), with spaces between; one that fits is enough",
        {"type": "string", "pattern": "^v1,[A-Za-z0-9+/]{43}=( v1,[A-Za-z0-9+/]{43}=)*$"},
    ),
}


class _Answer(NamedTuple):
    statuses: tuple[str, ...]
    meaning: str
    header: str | None = None  #: of the answer, which is looked at


_ANSWERS: Final[Mapping[str, _Answer]] = {
    "WebhookTaken": _Answer(("2XX",), "it is delivered; the body of the answer does not matter"),
    "WebhookMoved": _Answer(
        ("301", "302", "307", "308"), "followed, up to three times, with the same POST", "Location"
    ),
    "WebhookGone": _Answer(("410",), "no more of it is wanted: it is dead at once"),
    "WebhookLater": _Answer(
        ("429", "503"),
        "tried again, not before that many seconds or that date, an hour at most",
        "Retry-After",
    ),
    "WebhookFailed": _Answer(
        ("default",), "any other, and none in time: tried again, until the event is a day old"
    ),
}


class Told(NamedTuple):
    """One type of event."""

    summary: str
    data: type[Outgoing]
    samples: Sequence[Event]  #: the first is shown as the example


def of_dialect(
    dialect: str, message: type[MessageData], inbound: type[InboundData], metadata: str | None
) -> list[Told]:
    """All types of event that a dialect tells. `metadata`: of the examples."""
    told = [
        Told(f"A message: {kind.value}", message, samples)
        for kind, samples in event_samples.of_messages(dialect, metadata).items()
    ]
    return [*told, Told("A phone has written", inbound, [event_samples.of_inbound(dialect, metadata)])]


def describe(spec: APISpec, tag: str, types: Sequence[Told], render: Callable[[Event], bytes]) -> None:
    """Add the webhooks of a dialect, named `<tag>.<type>`, and their schemas."""
    models = dict.fromkeys(told.data for told in types)
    for name, schema in schemas(*models).items():
        spec.components.schema(name, schema)
    for told in types:
        _describe(spec, tag, f"{tag}.", told, render)


def describe_alerts(spec: APISpec) -> None:
    """Add the webhooks of alerts, which have the same form in every dialect."""
    models: dict[AlertKind, type[_AlertData]] = {
        AlertKind.LOW_BALANCE: LowBalanceData,
        AlertKind.FAILURES: FailuresData,
        AlertKind.LIMIT: LimitData,
    }
    for name, schema in schemas(*models.values()).items():
        spec.components.schema(name, schema)
    for kind, model in models.items():
        about = (model.__doc__ or "").rstrip(".")
        _describe(spec, ALERTS_TAG, "", Told(about, model, [event_samples.of_alert(kind)]), alerts.render)


def any_alert() -> Schema:
    """The schema of an alert of whatever kind: in a list it is what the body of its webhook is."""
    names = {f"alert.{kind.value}": f"{_pascal(f'alert.{kind.value}')}Event" for kind in AlertKind}
    refs = {word: f"#/components/schemas/{name}" for word, name in names.items()}
    return {
        "description": "Something that the account asked to be told of, as its webhook told it.",
        "oneOf": [{"$ref": ref} for ref in refs.values()],
        "discriminator": {"propertyName": "type", "mapping": refs},
    }


def describe_headers_and_answers(spec: APISpec) -> None:
    """Add what all webhooks refer to."""
    for name, (text, schema) in _HEADERS.items():
        component = {"name": name, "required": True, "schema": schema, "description": text}
        spec.components.parameter(name, "header", component)
    for name, answer in _ANSWERS.items():
        headers = (
            {} if answer.header is None else {"headers": {answer.header: {"schema": {"type": "string"}}}}
        )
        spec.components.response(name, {"description": answer.meaning, **headers})


def _describe(spec: APISpec, tag: str, prefix: str, told: Told, render: Callable[[Event], bytes]) -> None:
    bodies = [orjson.loads(render(event)) for event in told.samples]
    name = f"{prefix}{bodies[0]['type']}"
    pascal = _pascal(name)
    spec.components.schema(f"{pascal}Event", _envelope(told.data, bodies))
    webhooks = spec.options.setdefault("webhooks", {})
    webhooks[name] = {"post": _operation(tag, pascal, told.summary, bodies[0])}


def _pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.replace(".", "_").split("_"))


def _envelope(data: type[Outgoing], bodies: Sequence[Schema]) -> Schema:
    """The schema of a type's bodies. What it narrows stands beside `$ref`: who does not look there reads the rest."""
    schema: Schema = schemas(Envelope)[Envelope.__name__]
    inner: Schema = {"$ref": f"#/components/schemas/{data.__name__}"}
    words = list(dict.fromkeys(body["data"]["status"] for body in bodies if "status" in body["data"]))
    if words:
        inner["properties"] = {"status": {"enum": words}}
    schema["properties"]["type"]["const"] = bodies[0]["type"]
    schema["properties"]["data"] = inner
    del schema["description"]  # it is of the model
    return schema


def _operation(tag: str, pascal: str, summary: str, example: Schema) -> Schema:
    content = {"schema": {"$ref": f"#/components/schemas/{pascal}Event"}, "example": example}
    return {
        "operationId": f"on{pascal}",
        "tags": [tag],
        "summary": summary,
        "description": "Comes at least once, signed with the account's secret; the gateway is who asks here.",
        "security": [],  # the signature speaks for it
        "parameters": [{"$ref": f"#/components/parameters/{header}"} for header in _HEADERS],
        "requestBody": {"required": True, "content": {JSON: content}},
        "responses": {
            status: {"$ref": f"#/components/responses/{name}"}
            for name, answer in _ANSWERS.items()
            for status in answer.statuses
        },
    }
