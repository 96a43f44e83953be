"""The example configuration, written from the models: every setting with its description and default.

What stands commented out (`#name = value`) is the default, or for a setting without one a sample.
"""

from __future__ import annotations

import inspect
import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from gateway.config.config import Config
from gateway.config.explain import fields, model_of
from gateway.config.routes import RouteSettings
from gateway.operators import wiring
from gateway.operators.settings import OperatorSettings

WIDTH = 110

_HEAD = """\
Trunkline's configuration, generated from its types by `python -m gateway.generated`.

What is commented out, as #name = value, is the default (or a sample, where there is none). `trunkline check --config
FILE` tells all that is wrong with a file; SIGHUP makes a running gateway take it whole or refuse it whole.
${NAME} stands for an environment variable; relative paths are relative to the main file."""

_SET: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "store": {"url": "sqlite:///../var/trunkline.db"},
        "log": {"format": "console"},
        "operators": {"id": "alpha", "kind": "smpp", "host": "127.0.0.1", "system_id": "esme"},
        "routes": {"id": "everywhere", "to": ("+",), "operators": ("alpha",)},
    }
)
"""What the example sets, by section."""

SAMPLES: Mapping[str, Any] = MappingProxyType(
    {
        "include": ("operators/*.toml", "routes/*.toml"),
        "http.trusted_proxies": ("10.0.0.0/8",),
        "http.tls_cert_file": "tls/chain.pem",
        "http.tls_key_file": "tls/key.pem",
        "auth.jwt.hs256_secret_file": "jwt.secret",
        "auth.jwt.jwks": "https://id.example.com/.well-known/jwks.json",
        "auth.jwt.algorithms": ("RS256",),
        "auth.jwt.issuer": "https://id.example.com/",
        "auth.jwt.audience": "sms",
        "auth.jwt.tenant_claim": "tenant",
        "secrets.key_file": "/etc/trunkline/trunkline.key",
        "operators.password": "${ALPHA_PASSWORD}",
        "operators.password_file": "alpha.password",
        "operators.system_type": "SMPP",
        "operators.tls_ca_file": "tls/carrier-ca.pem",
        "operators.tls_cert_file": "tls/client.pem",
        "operators.service_type": "CMT",
        "operators.profile": "hex-ids",
        "operators.profile_file": "carriers/alpha.toml",
        "operators.source_host": "192.0.2.10",
        "operators.tls_server_name": "smsc.example.com",
        "operators.data_codings": {"ucs2": 8},
        "operators.read_codings": {"0xF5": "binary"},
        "operators.source_numbering": {"alphanumeric": "5/0", "short_code": "3/0"},
        "operators.dest_numbering": {"international": "1/1"},
        "operators.receipt_pattern": "ref=(?P<id>\\w+) result=(?P<stat>\\w+)",
        "operators.receipt_states": {"OK": "delivered"},
        "operators.tlvs": {"entity_id": {"tag": "0x1400", "metadata": "entityId"}},
        "operators.rate_per_prefix": {"+44": 10.0},
        "operators.status_classes": {"0x45": "fail"},
        "operators.error_reasons": {"011": "invalid_number"},
        "routes.from": ("ACME",),
        "routes.account": ("acme",),
        "routes.class": ("otp",),
        "routes.regex": "^\\+447[0-9]{9}$",
        "routes.text": "(?i)\\b(code|pin)\\b",
        "routes.script": ("Arabic", "Cyrillic"),
        "routes.hours": ("mon-fri 08:00-20:00", "sat 10:00-14:00"),
        "routes.zone": "Europe/London",
        "routes.metadata": {"campaign": ("spring", "summer")},
        "routes.failover_on": ("rejected", "undeliverable"),
        "debug.capture": "trunkline.pcap",
        "inbound.keywords": "keywords/*.toml",
        "rates.operators": "rates/operators/*.csv",
        "rates.plans": "rates/*.csv",
        "rates.networks_file": "networks.csv",
    }
)
"""Values that show how to write a setting whose default shows nothing."""


def render() -> str:
    """The text of `conf/gateway.example.toml`."""
    text = "\n".join(_lines()) + "\n"
    return re.sub(r"\n{3,}", "\n\n", text)  # a table with nothing but tables inside leaves a gap


def _lines() -> Iterator[str]:
    yield from (f"# {line}".rstrip() for line in _HEAD.splitlines())
    for name, field in Config.model_fields.items():
        yield ""
        if name == "operators":
            yield from _list_entry(name, field, wiring.find("smpp").Config)
        elif name == "routes":
            yield from _list_entry(name, field, RouteSettings)
        elif (section := model_of(field.annotation)) is not None:
            yield from _section((name,), field, section)
        else:
            yield from _setting(name, field, (name,))


def _section(path: tuple[str, ...], field: FieldInfo, model: type[BaseModel]) -> Iterator[str]:
    """A table and those inside of it. One that is left out by default is commented out whole."""
    name = ".".join(path)
    inner = fields(model)
    own = [key for key in inner if model_of(inner[key].annotation) is None]
    if own or not inner:
        yield from _comment(field.description or "")
        yield f"#[{name}]" if field.default is None else f"[{name}]"
        for key in own:
            yield from _setting(key, inner[key], path)
    for key, value in inner.items():
        table = model_of(value.annotation)
        if table is not None:
            yield ""
            yield from _section((*path, key), value, table)


def _list_entry(name: str, field: FieldInfo, model: type[BaseModel]) -> Iterator[str]:
    yield from _comment(f"{field.description or ''}: one [[{name}]] for each")
    yield f"[[{name}]]"
    settings = fields(model)
    shared = OperatorSettings.model_fields if issubclass(model, OperatorSettings) else {}
    own = [key for key in settings if key in inspect.get_annotations(model)]
    # Whom to connect to, which every operator needs; then the habits of carriers; then what all transports share.
    habits = [key for key in settings if key not in own and key not in shared]
    order = ["id", *own, *habits, *shared] if shared else list(settings)
    for key in dict.fromkeys(order):
        yield from _setting(key, settings[key], (name,))


def _setting(key: str, field: FieldInfo, path: tuple[str, ...]) -> Iterator[str]:
    yield from _comment(field.description or "")
    chosen = _SET.get(path[0], {}) if len(path) == 1 else {}
    if key in chosen:
        yield f"{key} = {toml(chosen[key])}"
        return
    sample = SAMPLES.get(key if path == (key,) else ".".join((*path, key)))
    default = field.get_default(call_default_factory=True)
    shown = sample if sample is not None else default
    if shown is None or shown is PydanticUndefined:
        raise ValueError(f"{'.'.join((*path, key))} has no default: give it a sample in SAMPLES")
    yield f"#{key} = {toml(shown)}"


def _comment(text: str) -> Iterator[str]:
    for line in textwrap.wrap(text, WIDTH - 2, break_long_words=False):
        yield f"# {line}"


def toml(value: Any) -> str:
    """A value as TOML writes it."""
    match value:
        case SecretStr():
            return toml(value.get_secret_value())
        case bool():
            return "true" if value else "false"
        case Enum():
            return toml(value.value)
        case float():
            return f"{value:g}" if value < 1e6 and value != int(value) else str(int(value))
        case int():
            return str(value) if value < 1_000_000 else f"{value:_}"
        case dict():
            return "{ " + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + " }"
        case tuple() | list() | frozenset():
            return "[" + ", ".join(toml(item) for item in value) + "]"
    return json.dumps(str(value), ensure_ascii=False)
