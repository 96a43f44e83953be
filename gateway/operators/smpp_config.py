"""The configuration of an SMPP operator."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, PrivateAttr, SecretStr, model_validator

from gateway.certificates import Term
from gateway.errors import OperatorError
from gateway.operators.settings import DAY_S, MONTH_S, OperatorSettings
from gateway.operators.smpp_profile import InterfaceVersion, Profile, contradictions, with_profile
from gateway.operators.smpp_tls import ClientTls, client_tls
from smpp.message_ids import IdRule, answered_as, rule_of

Prefix = Annotated[str, Field(pattern=r"^\+[0-9]{1,14}$")]
MIN_PER_S, MAX_PER_S = 0.001, 1_000_000.0
HOUR_S = 3600.0

_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62}|[A-Za-z0-9_.-]*[A-Za-z0-9_]\.?)")
_LABEL_OCTETS = 63
_MINIMUM = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
_IN_BINDS = ("system_id", "password", "system_type", "outbind_system_id", "outbind_password")


def _host(text: str) -> str:
    """A host as the resolver takes it: what is anything else would only show as a carrier that is away."""
    try:
        ip_address(text)
    except ValueError:
        if not _NAME.fullmatch(text) or any(
            not 0 < len(label) <= _LABEL_OCTETS for label in text.rstrip(".").split(".")
        ):
            raise ValueError(
                "write a name or an address alone, without scheme, port, brackets and spaces"
            ) from None
    return text


def _source(text: str) -> str:
    return _host(text) if text else text


def _rate(per_s: float) -> float:
    if 0 < per_s < MIN_PER_S:
        raise ValueError(f"it should be 0, or at least {MIN_PER_S}")
    return per_s


RatePerS = Annotated[float, Field(ge=MIN_PER_S, le=MAX_PER_S)]
Rate = Annotated[float, AfterValidator(_rate), Field(ge=0, le=MAX_PER_S)]


class Config(Profile, OperatorSettings):
    """An operator that is reached by SMPP."""

    kind: Literal["smpp"] = Field("smpp", description="SMPP over TCP")
    profile: str = Field(
        "",
        description="a ready set of a carrier's habits, the settings from interface_version on: see conf/operators",
    )
    profile_file: Path | None = Field(
        None, description="a file that sets them; what stands here goes before it"
    )
    host: Annotated[str, AfterValidator(_host)] = Field(description="name or address of the SMSC")
    port: int = Field(2775, ge=1, le=65535, description="its port; 2775 is registered for SMPP")
    system_id: str = Field(max_length=15, description="the name that the carrier has given us")
    password: SecretStr = Field(
        SecretStr(""), description='as "${NAME}" from the environment, or password_file'
    )
    password_file: Path | None = Field(None, description="a file that holds the password, instead of it")
    system_type: str = Field("", max_length=12, description="only where the carrier asks for one")
    bind: Literal["transceiver", "transmitter+receiver"] = Field(
        "transceiver",
        description="transceiver, or transmitter+receiver: each bind is then two connections, one for each way",
    )
    binds: int = Field(1, ge=1, le=64, description="binds (or pairs) to hold at the same time, as one pool")
    rate_per_s: Rate = Field(0.0, description="parts per second over all binds; 0: no limit")
    rate_per_bind_per_s: Rate = Field(0.0, description="parts per second of each bind; 0: no limit")
    rate_per_sender_per_s: Rate = Field(
        0.0,
        description="parts per second of each sender, as carriers limit long numbers; 0: no limit",
    )
    rate_per_prefix: dict[Prefix, RatePerS] = Field(
        default_factory=dict,
        description='parts per second to numbers that begin so, the longest counts, as {"+44" = 10}',
    )
    outbind_listen: str = Field(
        "",
        description="host:port to listen on for a carrier that calls (outbind): we bind as receiver on its connection; "
        "the process that holds the operator's first bind listens. Left out: nobody listens",
    )
    outbind_system_id: str = Field("", max_length=15, description="what the carrier says in its outbind")
    outbind_password: SecretStr = Field(SecretStr(""), description="the same")
    source_host: Annotated[str, AfterValidator(_source)] = Field(
        "", description="our own address to connect from; left out: the system's choice"
    )
    tls: bool = Field(False, description="encrypt the connection")
    tls_minimum: Literal["1.2", "1.3"] = Field("1.2", description="the oldest TLS that is spoken")
    tls_server_name: str = Field(
        "", description="the name that the carrier's certificate must have; left out: `host`"
    )
    tls_check_name: bool = Field(
        True, description="false: any name will do, of a certificate that tls_ca_file has signed"
    )
    tls_ca_file: Path | None = Field(None, description="the carrier's own certificate authority, PEM")
    tls_cert_file: Path | None = Field(None, description="our client certificate and its key, PEM")
    enquire_link_s: float = Field(
        30.0, ge=1, le=DAY_S, description="idle seconds after which the link is asked"
    )
    response_timeout_s: float = Field(30.0, ge=1, le=DAY_S, description="seconds to wait for an answer")
    connect_timeout_s: float = Field(10.0, gt=0, le=HOUR_S, description="seconds to wait for a connection")
    session_init_s: float = Field(
        30.0, gt=0, le=HOUR_S, description="seconds to wait for the answer to a bind"
    )
    inactivity_s: float = Field(
        0.0, ge=0, le=MONTH_S, description="seconds without any message before the bind ends; 0: never"
    )
    reconnect_max_s: float = Field(
        60.0, ge=1, le=HOUR_S, description="longest pause between tries to connect"
    )
    timeouts_in_a_row: int = Field(
        5, ge=1, le=100_000, description="unanswered parts in a row that end a bind"
    )

    _tls: ClientTls = PrivateAttr(ClientTls())
    """Counts where settings are compared, as at a reload: a certificate that was renewed is a change."""

    @model_validator(mode="before")
    @classmethod
    def _over_its_profile(cls, values: Any) -> Any:
        return with_profile(values) if isinstance(values, Mapping) else values

    @model_validator(mode="after")
    def _without_contradiction(self) -> Self:
        found = [*contradictions(self), *_what_no_bind_holds(self)]
        if self.interface_version is InterfaceVersion.V33 and self.bind == "transceiver":
            found.append(
                'SMPP 3.3 has no transceiver: say bind = "transmitter+receiver", or interface_version 3.4'
            )
        if self.outbind_listen:
            found += _why_not_outbind(self.outbind_listen, self.outbind_system_id)
        elif self.outbind_system_id or self.outbind_password.get_secret_value():
            found.append("outbind_system_id and outbind_password mean nothing without outbind_listen")
        if not self.tls and (self.tls_ca_file or self.tls_cert_file):
            found.append("tls is false, so its files mean nothing: say tls = true or leave them out")
        if self.password_file is not None and "password" not in self.model_fields_set:
            found.append(
                "password_file is read by who reads the configuration: give its text as `password` too"
            )
        if found:
            raise ValueError("; ".join(found))
        if self.tls:
            self._tls = client_tls(
                self.tls_ca_file,
                self.tls_cert_file,
                _MINIMUM[self.tls_minimum],
                check_name=self.tls_check_name,
            )
        return self

    def tls_context(self) -> ssl.SSLContext | None:
        """The one that was made of the files when these settings were; None for plain TCP.

        Raises OperatorError when the files can't be used.
        """
        if self._tls.fault:
            raise OperatorError(f"operator {self.id}: {self._tls.fault}")
        return self._tls.context

    @property
    def certificate_term(self) -> Term | None:
        """How long the client certificate that its binds show is good for; None without one."""
        return self._tls.term

    def carrier(self) -> tuple[str, ...]:
        """SMSC and account there; a host's name as the DNS compares it (RFC 4343)."""
        return (*super().carrier(), self.host.lower().removesuffix("."), str(self.port), self.system_id)

    def refs_like(self, ref: str) -> tuple[str, ...]:
        """As `message_ids` says."""
        return answered_as(ref, self.message_ids)

    def outbind_address(self) -> tuple[str, int]:
        """The host and port of `outbind_listen`."""
        host, _, port = self.outbind_listen.rpartition(":")
        return host.strip("[]"), int(port)


def message_ids_of(answered: str, receipted: str) -> IdRule:
    """The `message_ids` by which a receipt with the one id is found to be that of the answer with the other."""
    return rule_of(answered, receipted) or IdRule.ANY


def _what_no_bind_holds(config: Config) -> Iterator[str]:
    """Of the texts that a bind or outbind carries, those that can't be written (SMPP 3.4, 3.1: C-octet strings)."""
    for key in _IN_BINDS:
        value = getattr(config, key)
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if any(sign == "\0" or sign > "\xff" for sign in text):
            yield f"`{key}` has a character that SMPP can't carry there: write letters, digits and signs of ASCII"


def _why_not_outbind(listen: str, system_id: str) -> list[str]:
    """What is wrong with the settings of outbind."""
    found = []
    host, _, port = listen.rpartition(":")
    if not (host and port.isascii() and port.isdecimal() and int(port) < 65536):
        found.append(f'outbind_listen = "{listen}": write host:port, as "0.0.0.0:2776"')
    if not system_id:
        found.append("outbind_listen needs outbind_system_id: anybody could deliver messages otherwise")
    return found
