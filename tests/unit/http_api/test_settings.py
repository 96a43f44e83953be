"""Settings: the defaults are whole, every field is documented, and what can't work is refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from http_api.settings import BodyLimits, HttpSettings, JwtSettings, host_and_port


@pytest.mark.parametrize("model", [HttpSettings, JwtSettings, BodyLimits])
def test_every_field_says_what_it_is_for(model: type[BaseModel]) -> None:
    assert [name for name, field in model.model_fields.items() if not field.description] == []


def test_the_defaults_are_those_of_the_contract() -> None:
    settings = HttpSettings()
    assert (settings.listen, settings.admin_listen) == ("127.0.0.1:8080", "127.0.0.1:8081")
    assert (settings.body_limits.send, settings.body_limits.bulk) == (64 * 1024, 16 * 1024 * 1024)
    assert settings.error_type_base == "https://errors.ghasi.io/sms/"


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("[::1]:80", ("::1", 80)),
        (":0", ("", 0)),
        ("localhost:65535", ("localhost", 65535)),
    ],
)
def test_addresses(listen: str, expected: tuple[str, int]) -> None:
    assert host_and_port(listen) == expected


@pytest.mark.parametrize(
    "listen",
    ["", "8080", "host", "host:", "host:port", "::1:80", "[::1:80", "host:65536", "host:-1", "host:٣"],
)
def test_addresses_that_are_none(listen: str) -> None:
    with pytest.raises(ValueError, match="address"):
        host_and_port(listen)
    with pytest.raises(ValidationError):
        HttpSettings(listen=listen)


@pytest.mark.parametrize(
    "changed",
    [
        {"trusted_proxies": ("10.0.0.1/8",)},
        {"trusted_proxies": ("proxy.example",)},
        {"tls_cert_file": "cert.pem"},
        {"tls_key_file": "key.pem"},
        {"error_type_base": "ftp://x/"},
        {"error_type_base": "https://x"},
        {"header_read_timeout_s": 0},
        {"max_connections": 0},
        {"unknown": 1},
    ],
)
def test_http_settings_that_can_not_work(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        HttpSettings(**changed)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"hs256_secret_file": "a", "jwks": "b"},
        {"hs256_secret_file": "a", "algorithms": ("RS256",)},
        {"jwks": "b", "algorithms": ("HS256",)},
        {"jwks": "b", "algorithms": ("RS256", "HS256")},
        {"jwks": "b", "algorithms": ("none",)},
    ],
)
def test_jwt_settings_that_can_not_work(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        JwtSettings(**changed)


def test_algorithms_follow_from_the_kind_of_key() -> None:
    assert JwtSettings(hs256_secret_file="a").allowed_algorithms == ("HS256",)
    assert JwtSettings(jwks="b").allowed_algorithms == ("RS256", "ES256")
    assert JwtSettings(jwks="b", algorithms=("ES256",)).allowed_algorithms == ("ES256",)
