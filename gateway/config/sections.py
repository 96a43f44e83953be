"""The sections of the configuration that belong to the gateway itself. Every description stands in the generated
`conf/gateway.example.toml`.
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from gateway.domain.agreement import FIRST_VERSION
from gateway.domain.words import Role
from http_api.settings import JwtSettings

HOUR_S = 3600.0
LEAST_HUNG_AFTER_S = 5.0


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def without_password(url: str) -> str:
    """For people and logs."""
    return re.sub(r"(?<=://)([^:@/?#]*):[^/?#]*@", r"\1:***@", url)


class StoreSettings(_Section):
    """[store]: where messages are kept."""

    url: str = Field(
        "sqlite:///trunkline.db",
        description="sqlite:////absolute/path.db, or sqlite:///path.db relative to this file",
    )

    @property
    def embedded(self) -> bool:
        """Whether one process has the store for itself; else many share it."""
        return self.url.startswith("sqlite:")

    @property
    def shown(self) -> str:
        """The URL for people and logs: without its password."""
        return without_password(self.url)


class RedisSettings(_Section):
    """[redis]: what processes of one store share and may lose. Left out: they look into the store more often, and each
    has an even part of every limit."""

    url: str = Field(
        "",
        description="redis://:password@host:6379/0, rediss:// for TLS, or unix:///path/redis.sock?db=0. Left out: no "
        "Redis. With a store of postgresql:// alone",
    )
    required: bool = Field(
        False,
        description="true: sends are answered 503 while Redis is away. false: they are taken as ever, and limits over "
        "processes are shared evenly meanwhile",
    )
    prefix: str = Field(
        "trunkline",
        pattern=r"^[A-Za-z0-9_.{}-]{1,64}$",
        description="how all keys begin: one for each store whose processes use the same Redis",
    )

    @property
    def shown(self) -> str:
        """The URL for people and logs: without its password."""
        return without_password(self.url)


class ProcessSettings(_Section):
    """[process]: what this process does. Many may share a store, on one machine or on many; an embedded store has one
    process, which does everything."""

    roles: tuple[Role, ...] = Field(
        tuple(Role),
        min_length=1,
        description="api: the listener of [http] listen. sender: holds binds and sends. webhooks: delivers events. "
        "Each role needs some process, and none needs a process of its own",
    )
    lease_s: float = Field(
        10.0,
        ge=1,
        le=120,
        description="how long a process may be out of touch with the store before the others take over what it "
        "holds, in seconds; past it, it writes nothing more to a carrier. The same for all processes",
    )
    journal_folder: str = Field(
        "",
        description="the folder of the flight journals, one file per process: a local disk that outlives the process. "
        "Of one store alone; processes of a machine that share the folder can tell what each other had written, and "
        "that one lives no more. Left out: this file's folder. A journal of an embedded store stands beside it",
    )

    hung_after_s: float = Field(
        60.0,
        ge=0,
        le=HOUR_S,
        description="with `serve --workers`: a worker whose event loop has not turned for so long writes to the log "
        "where it stands, is killed and replaced, in seconds; 5 or more. In its start it has five minutes. 0: none is",
    )

    one_cpu: bool = Field(
        True,
        description="with an embedded store: keep the threads, which take turns anyhow, together on one CPU, and move "
        "them together when others want it (Linux)",
    )

    @field_validator("roles")
    @classmethod
    def _each_once(cls, roles: tuple[Role, ...]) -> tuple[Role, ...]:
        if len(set(roles)) < len(roles):
            raise ValueError("each role once")
        return roles

    @field_validator("hung_after_s")
    @classmethod
    def _no_moment(cls, seconds: float) -> float:
        if 0 < seconds < LEAST_HUNG_AFTER_S:
            raise ValueError(
                f"0, or {LEAST_HUNG_AFTER_S:g} and more: a worker that is only busy is silent for seconds"
            )
        return seconds


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
        1_000_000,
        ge=1,
        le=1_000_000_000,
        description="messages that may wait; more are answered 503 with Retry-After",
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


class TermsSettings(_Section):
    """[terms]: of use. The contacts dialect sends for members that have accepted the current version alone."""

    version: str = Field(
        FIRST_VERSION,
        pattern=r"^[!-~]{1,64}$",
        description="the current version; another one asks every member again, from the moment it is loaded",
    )


class DebugSettings(_Section):
    """[debug]: to look closer for a while."""

    capture: str = Field(
        "",
        description="a file of all SMPP PDUs, to be opened with Wireshark: written anew at each start, until it has "
        "256 MiB. With many processes the number of each stands in its name. Left out: none",
    )
    capture_bodies: bool = Field(
        False,
        description="true: with texts and whole numbers, which are * otherwise. Passwords are never in it",
    )


class LogSettings(_Section):
    """[log]: to standard error, a line per event that a person would look for; none per message."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="the least that is logged"
    )
    format: Literal["console", "json"] = Field("json", description="json for machines, console for people")
