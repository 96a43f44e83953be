"""Alerts as JSON tells them, whatever dialect their account speaks: in a webhook's body and in a list. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import orjson

from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.alert import Alert
from gateway.domain.event import Event
from http_api.times import write_time

_KIND: Final = "kind"
_NAMES: Final = {"window_s": "windowSeconds"}
"""Names of `Alert.data` that JSON writes otherwise."""
_AMOUNTS: Final = frozenset({"balance", "threshold"})
"""Decimals as text in `Alert.data`, and exact JSON numbers here."""


def render(event: Event) -> bytes:
    """The webhook body (SURFACE "Webhooks") of an alert's event, whose id is the alert's; one line."""
    told = {name: value for name, value in event.data.items() if name != _KIND}
    return orjson.dumps(_told(event.id, str(event.data[_KIND]), event.env, event.at, told))


def in_list(alert: Alert) -> dict[str, object]:
    """An alert in a list: as its webhook told it."""
    return _told(alert.id, alert.kind.value, alert.env, alert.at, alert.data)


def _told(id_: bytes, kind: str, env: Env, at: datetime, data: Mapping[str, object]) -> dict[str, object]:
    told = {
        _NAMES.get(name, name): orjson.Fragment(value)
        if name in _AMOUNTS and isinstance(value, str)
        else value
        for name, value in data.items()
    }
    return {
        "id": ids.text(id_),
        "type": f"alert.{kind}",
        "occurredAt": write_time(at),
        "data": {"environment": env.value, **told},
    }
