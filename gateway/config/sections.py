"""The sections of the configuration that belong to the gateway itself. Every description stands in the generated
`conf/gateway.example.toml`.
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from http_api.settings import JwtSettings

HOUR_S = 3600.0


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class StoreSettings(_Section):
    """[store]: where messages are kept."""

    url: str = Field(
        "sqlite:///trunkline.db",
        description="sqlite:////absolute/path.db, or sqlite:///path.db relative to this file",
    )

    @property
    def shown(self) -> str:
        """The URL for people and logs: without its password."""
        return re.sub(r"(?<=://)([^:@/?#]*):[^/?#]*@", r"\1:***@", self.url)


class SecretSettings(_Section):
    """[secrets]: the gateway's own key."""

    key_file: str | None = Field(
        None,
        description="the key that seals the accounts' webhook secrets, made on first use (mode 0600); left out: "
        "trunkline.key beside the store. A backup of the store is worth little without it",
    )


class AuthSettings(_Section):
    """[auth]: who may ask, besides the holders of API keys."""

    jwt: JwtSettings | None = Field(None, description="tokens of your own identity provider")


class Limits(_Section):
    """[limits]: of the gateway as a whole."""

    backlog: int = Field(
        1_000_000, ge=1, description="messages that may wait; more are answered 503 with Retry-After"
    )
    default_validity_s: float = Field(
        72 * HOUR_S, gt=0, le=30 * 24 * HOUR_S, description="how long a message is tried, in seconds (72 h)"
    )
    drain_timeout_s: float = Field(
        30.0,
        gt=0,
        le=600,
        description="how long requests, in-flight parts and webhooks may take to end after SIGTERM, in seconds",
    )
    retention_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="days that final messages, inbound messages and settled webhooks are kept",
    )


class LogSettings(_Section):
    """[log]: to standard error, a line per event that a person would look for; none per message."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="the least that is logged"
    )
    format: Literal["console", "json"] = Field("json", description="json for machines, console for people")
