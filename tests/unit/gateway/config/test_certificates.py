"""What is told of certificates that end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.certificates import term_of
from gateway.config import Config, certificates, ending, parse
from tests.certificates import make_certificate

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CARRIER = """
[[operators]]
id = "alpha"
kind = "smpp"
host = "smsc.example.net"
system_id = "esme"
tls = true
tls_cert_file = "client.pem"
"""
HTTPS = '[http]\ntls_cert_file = "cert.pem"\ntls_key_file = "key.pem"\n'


def config_of(folder: Path, ends_at: datetime, text: str = HTTPS + CARRIER) -> Config:
    """With a certificate of the API, and another of a carrier that ends a day later."""
    make_certificate(folder, ends_at=ends_at + timedelta(days=1))
    key, own = (folder / "key.pem").read_bytes(), (folder / "cert.pem").read_bytes()
    make_certificate(folder, ends_at=ends_at + timedelta(days=400))
    issuer = (folder / "cert.pem").read_bytes()
    (folder / "client.pem").write_bytes(key + own + issuer)
    make_certificate(folder, ends_at=ends_at)
    return parse(text, folder, "g", {})


def test_each_has_its_end(tmp_path: Path) -> None:
    """The holder's own, which is the first one, wherever the key stands."""
    ends_at = NOW + timedelta(days=90)
    api, carrier = certificates(config_of(tmp_path, ends_at))
    assert (api.listener, api.operator, api.term.ends_at) == ("api", "", ends_at)
    assert (carrier.listener, carrier.operator, carrier.term.ends_at) == (
        "",
        "alpha",
        ends_at + timedelta(days=1),
    )


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (timedelta(days=30, seconds=1), None),
        (timedelta(days=30), "ends in 30 day(s), at 2026-03-31T12:00+00:00"),
        (timedelta(seconds=1), "ends in 0 day(s), at 2026-03-01T12:00+00:00"),
        (timedelta(0), "has ended, at 2026-03-01T12:00+00:00"),
        (timedelta(days=-3), "has ended, at 2026-02-26T12:00+00:00"),
    ],
)
def test_what_ends_within_30_days_is_told(tmp_path: Path, left: timedelta, told: str | None) -> None:
    config = config_of(tmp_path, NOW + left, HTTPS)
    said = f"[http] tls_cert_file: the certificate in {tmp_path.resolve()}/cert.pem {told}: renew it, then reload"
    assert ending(config, NOW) == ([] if told is None else [said])


def test_one_of_few_weeks_is_due_later(tmp_path: Path) -> None:
    """Such are renewed each month: told of by the same 30 days they would be told of nearly always."""
    ends_at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    make_certificate(tmp_path, ends_at=ends_at, life=timedelta(days=44))
    config = parse(HTTPS, tmp_path, "g", {})
    assert ending(config, ends_at - timedelta(days=11, seconds=1)) == []
    assert len(ending(config, ends_at - timedelta(days=11))) == 1


def test_a_carrier_s_is_told_with_its_operator(tmp_path: Path) -> None:
    (said,) = ending(config_of(tmp_path, NOW, CARRIER), NOW)
    file = tmp_path.resolve() / "client.pem"
    assert said.startswith(
        f"operator 'alpha': tls_cert_file: the certificate in {file} ends in 1 day(s), at "
    )


@pytest.mark.parametrize(("role", "shown"), [("api", ["api"]), ("sender", ["alpha"]), ("webhooks", [])])
def test_a_process_tells_of_those_that_it_shows(tmp_path: Path, role: str, shown: list[str]) -> None:
    shared = f'[store]\nurl = "postgresql://h/d"\n[process]\nroles = ["{role}"]\njournal_folder = "."\n'
    config = config_of(tmp_path, NOW, HTTPS + shared + CARRIER)
    assert [each.listener or each.operator for each in certificates(config)] == shown


def test_none_where_none_is_shown(tmp_path: Path) -> None:
    text = CARRIER.replace('tls_cert_file = "client.pem"\n', "")
    assert list(certificates(config_of(tmp_path, NOW, text))) == []


@pytest.mark.parametrize(
    "octets", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_no_term_of_what_is_no_certificate(octets: bytes) -> None:
    assert term_of(octets) is None
