"""What the OpenAPI document says about the outbox's alerts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from apispec import APISpec
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from gateway.domain.account import Scope
from gateway.domain.alert import AlertKind
from gateway.services.policies import MAX_THRESHOLDS, MAX_URL_CHARS
from http_api.describing import READING_A_BODY, TIME, header, query, schemas
from http_api.dialects.outbox.alerts import DEFAULT_LIMIT, MAX_LIMIT, MAX_RESENDS
from http_api.errors import Fault

_AMOUNT: Final = {
    "anyOf": [
        {"type": "number", "exclusiveMinimum": -1e12, "exclusiveMaximum": 1e12, "multipleOf": 0.000001},
        {"type": "string", "pattern": "^-?[0-9]{1,12}(\\.[0-9]{1,6})?$"},
    ],
    "examples": [20, "5.50"],
}
_WINDOW: Final = "seconds that are looked back, from the beginning of a minute"


class _Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")  # type: ignore[pydantic-alias]  # a function, known


class AlertFailures(_Shape):
    """How many messages may fail in which time."""

    count: int = Field(ge=1, le=999_999_999, description="failed messages, from which on it is told")
    window_seconds: int | None = Field(
        default=None, ge=60, le=86_400, description=f"{_WINDOW}; left out, it stays as it is"
    )


class AlertSettings(_Shape):
    """What is to change. What is left out stays as it is; null switches it off."""

    low_balance: Annotated[list[Any], Field(json_schema_extra={"items": _AMOUNT})] | None = Field(
        default=None,
        max_length=MAX_THRESHOLDS,
        description="told once when the balance of a currency falls below one",
    )
    failures: AlertFailures | None = None
    webhook_url: (
        Annotated[str, Field(max_length=MAX_URL_CHARS, json_schema_extra={"format": "uri"})] | None
    ) = Field(
        default=None,
        description="http or https, no private address; null: alerts stand in the list alone",
        examples=["https://example.com/alerts"],
    )
    resend_limit: int | None = Field(
        default=None, ge=0, le=MAX_RESENDS, description="how often a failed entry may be sent again"
    )


class AlertFailuresAnswer(_Shape):
    """How many messages may fail in which time."""

    count: int
    window_seconds: int = Field(description=_WINDOW)


class AlertSettingsAnswer(_Shape):
    """The settings in force."""

    low_balance: list[float] = Field(description="exact decimals, rising")
    failures: AlertFailuresAnswer | None
    webhook_url: str | None
    resend_limit: int


class AlertData(_Shape):
    """What an alert tells; which fields there are depends on its type."""

    environment: Literal["live", "test"]
    balance: float = Field(default=0, description="low_balance: an exact decimal")
    threshold: float = Field(
        default=0, description="low_balance: the one it is below; failures: the count set"
    )
    currency: str = Field(default="", description="low_balance: ISO 4217")
    count: int = Field(default=0, description="failures: how many")
    window_seconds: int = Field(default=0, description="failures: in how many seconds")
    limit: str = Field(default="", description="limit: the setting that has refused something")
    about: str = Field(default="", description="limit: what it refused first, for people; numbers are masked")


class AlertAnswer(_Shape):
    """An alert, as its webhook told it."""

    id: str = Field(json_schema_extra={"format": "uuid"})
    type: str = Field(json_schema_extra={"enum": [f"alert.{kind}" for kind in AlertKind]})
    occurred_at: str = Field(json_schema_extra=dict(TIME))
    data: AlertData


class AlertList(_Shape):
    """A page of alerts, newest first."""

    items: list[AlertAnswer]
    next_cursor: str | None = Field(description="for the next page; null on the last one")
    limit: int


def describe(spec: APISpec, operation: Callable[..., dict[str, Any]]) -> None:
    """Add the schemas and paths. `operation`: how the dialect describes one."""
    for name, schema in schemas(AlertSettings, AlertSettingsAnswer, AlertList).items():
        spec.components.schema(name, schema)
    spec.path("/api/sms/alerts", operations={"get": _list(operation)})
    settings = {"get": _settings(operation), "put": _set(operation)}
    spec.path("/api/sms/alerts/settings", operations=settings)


def _list(operation: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    return operation(
        "listAlerts",
        "Alerts, newest first",
        "What the account was told of its balance, its failures and its limits, in the key's environment.",
        Scope.READ_MESSAGES,
        parameters=[
            query("cursor", {"type": "string", "maxLength": 4096}, "of the page before"),
            query("limit", limit, "alerts on a page"),
        ],
        answers={200: ("a page of alerts", "AlertList")},
        answer_headers={
            "Link": header('the next page: `<...>; rel="next"` (RFC 8288); absent on the last one')
        },
        problems=(Fault.INVALID,),
    )


def _settings(operation: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return operation(
        "getAlertSettings",
        "Of what the account is told, and where",
        "Those of the key's environment.",
        Scope.READ_MESSAGES,
        parameters=[],
        answers={200: ("the settings", "AlertSettingsAnswer")},
        problems=(),
    )


def _set(operation: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return operation(
        "setAlertSettings",
        "Decide of what the account is told, and where",
        "All or nothing of it is changed; the answer has all settings.",
        Scope.MANAGE_ACCOUNT,
        parameters=[],
        body="AlertSettings",
        answers={200: ("the settings", "AlertSettingsAnswer")},
        problems=READING_A_BODY,
    )
