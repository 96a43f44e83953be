"""The configuration of an SMPP operator."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr

from gateway.domain.words import Reason
from gateway.operators.settings import OperatorSettings
from gateway.operators.smpp_words import StatusClass
from routing.payloads import DefaultAlphabet, SplitStyle
from smpp.constants import Status


def _status_number(value: object) -> object:
    """A command_status as people write it: 88, "0x58" or "ESME_RTHROTTLED"."""
    if isinstance(value, str):
        if value in Status.__members__:
            return int(Status[value])
        try:
            return int(value, 0)
        except ValueError as error:
            raise ValueError(f"{value!r} is no command_status: write 0x58 or ESME_RTHROTTLED") from error
    return value


StatusNumber = Annotated[int, BeforeValidator(_status_number)]


class Config(OperatorSettings):
    """An operator that is reached by SMPP 3.4."""

    kind: Literal["smpp"] = Field("smpp", description="SMPP 3.4 over TCP")
    host: str = Field(description="name or address of the SMSC")
    port: int = Field(2775, ge=1, le=65535, description="its port; 2775 is registered for SMPP")
    system_id: str = Field(max_length=15, description="the name that the carrier has given us")
    password: SecretStr = Field(
        SecretStr(""), description='as "${NAME}" from the environment, or password_file'
    )
    password_file: Path | None = Field(None, description="a file that holds the password, instead of it")
    system_type: str = Field("", max_length=12, description="only where the carrier asks for one")
    bind: Literal["transceiver"] = Field("transceiver", description="transmitter+receiver comes later")
    binds: int = Field(1, ge=1, le=64, description="binds to hold at the same time, as one pool")
    rate_per_s: float = Field(0.0, ge=0, description="parts per second over all binds; 0: no limit")
    tls: bool = Field(False, description="TLS 1.2 or newer")
    tls_ca_file: Path | None = Field(None, description="the carrier's own certificate authority, PEM")
    tls_cert_file: Path | None = Field(None, description="our client certificate and its key, PEM")
    enquire_link_s: float = Field(30.0, ge=1, description="idle seconds after which the link is asked")
    response_timeout_s: float = Field(30.0, ge=1, description="seconds to wait for an answer")
    connect_timeout_s: float = Field(10.0, gt=0, description="seconds to wait for a connection")
    session_init_s: float = Field(30.0, gt=0, description="seconds to wait for the answer to a bind")
    inactivity_s: float = Field(
        0.0, ge=0, description="seconds without any message before the bind ends; 0: never"
    )
    reconnect_max_s: float = Field(60.0, ge=1, description="longest pause between tries to connect")
    timeouts_in_a_row: int = Field(5, ge=1, description="unanswered parts in a row that end a bind")
    default_alphabet: DefaultAlphabet = Field(
        DefaultAlphabet.GSM7_UNPACKED,
        description="what data_coding 0 means there: gsm7, gsm7_packed, latin1, ascii, utf8",
    )
    split: SplitStyle = Field(
        SplitStyle.UDH8, description="how long texts are joined: udh8, udh16, sar or message_payload"
    )
    service_type: str = Field("", max_length=5, description="only where the carrier asks for one")
    source_ton: int | None = Field(
        None, ge=0, le=255, description="type of number of senders; left out: by the sender"
    )
    source_npi: int | None = Field(None, ge=0, le=255, description="numbering plan of senders")
    dest_ton: int | None = Field(None, ge=0, le=255, description="type of number of recipients; left out: 1")
    dest_npi: int | None = Field(None, ge=0, le=255, description="numbering plan of recipients; left out: 1")
    plus_sign: bool = Field(False, description="write numbers with their +")
    user_message_reference: bool = Field(
        False,
        description="send our own reference with each part, for carriers that return it with the receipt",
    )
    unknown_is_final: bool = Field(False, description="take receipts that say UNKNOWN as final")
    status_classes: dict[StatusNumber, StatusClass] = Field(
        default_factory=dict, description='what a command_status means here, as {"0x45" = "fail"}'
    )
    error_reasons: dict[str, Reason] = Field(
        default_factory=dict,
        description='what the `err` of a receipt means here, as {"011" = "invalid_number"}',
    )
