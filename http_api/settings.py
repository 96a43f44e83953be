"""Settings of the HTTP side. Every description stands in the generated `conf/gateway.example.toml`."""

from __future__ import annotations

import ipaddress
import ssl
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from gateway.certificates import Term
from http_api.tls import CERT, KEY, ServerTls, server_tls

_OF_CERTIFICATE: Final = (CERT, KEY)

KIB = 1024
MIB = 1024 * KIB


def host_and_port(listen: str) -> tuple[str, int]:
    """`127.0.0.1:8080`, `[::1]:8080` or `:8080` (all addresses) as host and port. Raises `ValueError`."""
    host, colon, port = listen.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise ValueError(f"'{listen}' is no address and port: write it like 127.0.0.1:8080 or [::1]:8080")
    if host.startswith("[") != host.endswith("]") or (":" in host and not host.startswith("[")):
        raise ValueError(f"'{listen}': an IPv6 address stands in brackets, like [::1]:8080")
    return host.strip("[]"), int(port)


def _listen(value: str) -> str:
    host_and_port(value)
    return value


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        raise ValueError(
            f"'{value}' is no address or network: write it like 10.0.0.1 or 10.0.0.0/8"
        ) from error
    return value


Listen = Annotated[str, AfterValidator(_listen)]
Network = Annotated[str, AfterValidator(_network)]
Seconds = Annotated[float, Field(gt=0, le=3600)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BodyLimits(_Settings):
    """[http.body_limits]: the largest body by kind of request, in bytes; more is answered 413."""

    send: int = Field(64 * KIB, ge=1 * KIB, description="POST /v1/sms/send, in bytes")
    bulk: int = Field(16 * MIB, ge=1 * KIB, description="POST /v1/sms/bulk, in bytes")
    outbox: int = Field(
        1 * MIB, ge=1 * KIB, description="POST /api/sms/send and /api/sms/outbox/resend, in bytes"
    )
    contacts: int = Field(1 * MIB, ge=1 * KIB, description="POST /api/messages/sms/contacts, in bytes")


class HttpSettings(_Settings):
    """[http]: the listeners."""

    listen: Listen = Field("127.0.0.1:8080", description="address and port of the API")
    admin_listen: Listen = Field(
        "127.0.0.1:8081",
        description="address and port of /health/live, /health/ready and /metrics; keep it inside your network",
    )
    trusted_proxies: tuple[Network, ...] = Field(
        (),
        description="addresses or networks of API gateways in front: only from them X-Forwarded-For is believed, "
        "and X-Tenant-Id with X-Api-Key-Id is identity enough",
    )
    tls_cert_file: str | None = Field(
        None,
        description="PEM certificate chain, the server's own first; with it `listen` speaks HTTPS. A reload takes what "
        "this file and the next hold then, or others; to begin or end with HTTPS needs a restart",
    )
    tls_key_file: str | None = Field(
        None, description="PEM private key of the certificate, without a passphrase"
    )
    body_limits: BodyLimits = Field(BodyLimits(), description="largest bodies, in bytes")
    header_limit: int = Field(
        8190,
        ge=1 * KIB,
        le=64 * KIB,
        description="longest request line and longest single header, in bytes (Apache: 8190, nginx: 8192)",
    )
    header_read_timeout_s: Seconds = Field(
        15.0, description="from a request's first byte to the end of its headers, in seconds"
    )
    body_read_timeout_s: Seconds = Field(
        60.0, description="from the headers to the end of the body, in seconds"
    )
    write_timeout_s: Seconds = Field(
        30.0, description="how long a caller may leave its answer unread, in seconds"
    )
    keepalive_timeout_s: Seconds = Field(
        75.0, description="how long an idle connection stays open, in seconds (nginx: 75)"
    )
    max_connections: int = Field(
        10_000, ge=1, description="open connections per listener; more get 503 and are closed"
    )
    error_type_base: str = Field(
        "https://errors.ghasi.io/sms/",
        pattern=r"^https?://[\x21-\x7e]+/$",
        description="what the `type` of a problem+json error begins with; the error's code follows",
    )

    _tls: ServerTls = PrivateAttr(ServerTls())
    """Of its files, which are read here and nowhere else: what `check` and a reload have tried is what is shown."""

    @model_validator(mode="after")
    def _certificate_and_key(self) -> Self:
        if (self.tls_cert_file is None) != (self.tls_key_file is None):
            raise ValueError("tls_cert_file and tls_key_file go together: set both or neither")
        if self.tls_cert_file is not None and self.tls_key_file is not None:
            self._tls = server_tls(Path(self.tls_cert_file), Path(self.tls_key_file))
        return self

    @property
    def speaks_tls(self) -> bool:
        """Whether `listen` is HTTPS."""
        return self.tls_cert_file is not None

    def tls_context(self) -> ssl.SSLContext | None:
        """The one that was made of the files when these settings were; None without a certificate.

        Raises `CertificateError` when the files can't be used.
        """
        if self._tls.fault is not None:
            raise self._tls.fault
        return self._tls.context

    @property
    def certificate_term(self) -> Term | None:
        """How long the certificate of `listen` is good for; None without one."""
        return self._tls.term

    def with_certificate_of(self, other: HttpSettings) -> HttpSettings:
        """These settings with the other's files, and what was read of them."""
        copy = self.model_copy(update={name: getattr(other, name) for name in _OF_CERTIFICATE})
        copy._tls = other._tls
        return copy


class JwtSettings(_Settings):
    """[auth.jwt]: tokens of your own identity provider, beside API keys. The account is a claim."""

    hs256_secret_file: str | None = Field(None, description="file with the shared secret of HS256 tokens")
    jwks: str | None = Field(None, description="file or URL of the key set of RS256 or ES256 tokens")
    algorithms: tuple[Literal["HS256", "RS256", "ES256"], ...] = Field(
        (),
        description="the only algorithms taken; left out: HS256 with a secret file, RS256 and ES256 with a key set",
    )
    issuer: str | None = Field(None, description="the only `iss` taken; left out: any")
    audience: str | None = Field(None, description="the `aud` that a token must have; left out: any")
    account_claim: str = Field("account", min_length=1, description="claim with the account's name; required")
    tenant_claim: str | None = Field(
        None, description="claim that X-Tenant-Id must equal; left out: X-Tenant-Id must equal the account"
    )
    env_claim: str = Field(
        "env", min_length=1, description="claim with `live` or `test`; absent in a token: live"
    )
    scope_claim: str = Field(
        "scope",
        min_length=1,
        description="claim with the scopes, a list or separated by spaces; absent in a token: all but admin",
    )
    leeway_s: float = Field(
        30.0, ge=0, le=600, description="clock difference forgiven in exp, nbf and iat, in seconds"
    )
    jwks_refresh_s: Seconds = Field(
        600.0, description="how old a key set from a URL may get before it is fetched again"
    )
    jwks_min_refresh_s: Seconds = Field(
        30.0, description="shortest time between two fetches, however many unknown key ids come"
    )

    @model_validator(mode="after")
    def _one_kind_of_key(self) -> Self:
        if (self.hs256_secret_file is None) == (self.jwks is None):
            raise ValueError("set exactly one of hs256_secret_file and jwks")
        shared = self.hs256_secret_file is not None
        if any((algorithm == "HS256") != shared for algorithm in self.algorithms):
            raise ValueError("algorithms: HS256 goes with hs256_secret_file, RS256 and ES256 go with jwks")
        return self

    @property
    def allowed_algorithms(self) -> tuple[str, ...]:
        """`algorithms`, or what fits the kind of key."""
        return self.algorithms or (("HS256",) if self.hs256_secret_file is not None else ("RS256", "ES256"))
