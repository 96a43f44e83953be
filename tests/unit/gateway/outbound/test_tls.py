"""TLS: certificates are checked, names are sent and checked, although the connection goes to a pinned
address."""

from __future__ import annotations

import datetime
import ssl
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.outbound import Limits, PooledClient, Resolver
from tests.unit.gateway.http_sink import HEADERS, Sink


@dataclass
class Authority:
    """A certificate authority of its own, and one certificate for tenant.example."""

    trusting: ssl.SSLContext
    serving: ssl.SSLContext
    names_asked_for: list[str | None]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    folder: Path = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tenant.example")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("tenant.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "cert.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    asked: list[str | None] = []
    serving.sni_callback = lambda _socket, server_name, _context: asked.append(server_name)
    return Authority(ssl.create_default_context(cadata=pem.decode()), serving, asked)


async def _loopback(host: str) -> list[str]:
    return ["127.0.0.1"]


def client_of(tls: ssl.SSLContext | None, limits: Limits | None = None) -> PooledClient:
    resolver = Resolver(allow_private=True, lookup=_loopback)
    return PooledClient(resolver=resolver, tls=tls, limits=limits)


async def test_post_over_tls(authority: Authority) -> None:
    client = client_of(authority.trusting)
    async with Sink().serving(authority.serving) as sink:
        for _ in range(3):
            assert (await client.post(sink.url(host="tenant.example"), HEADERS, b"{}")).status == 200
        assert sink.connections == 1
        assert authority.names_asked_for[-1] == "tenant.example"
        await client.close()


async def test_an_unknown_authority_is_refused(authority: Authority) -> None:
    client = client_of(None)
    async with Sink().serving(authority.serving) as sink:
        answer = await client.post(sink.url(host="tenant.example"), HEADERS, b"{}")
        assert answer.status == 0
        assert answer.error is not None
        assert answer.error.startswith(f"the certificate of https://tenant.example:{sink.port} is not valid")
        assert sink.received == []
        await client.close()


async def test_another_name_is_refused(authority: Authority) -> None:
    client = client_of(authority.trusting)
    async with Sink().serving(authority.serving) as sink:
        answer = await client.post(sink.url(host="other.example"), HEADERS, b"{}")
        assert answer.error is not None
        assert "is not valid" in answer.error
        assert "other.example" in answer.error
        assert sink.received == []
        await client.close()


async def test_a_server_without_tls(authority: Authority) -> None:
    # It waits for the end of a request while we wait for its hello.
    client = client_of(authority.trusting, Limits(connect_timeout_s=0.2))
    async with Sink().serving() as sink:
        url = sink.url(host="tenant.example").replace("http:", "https:")
        answer = await client.post(url, HEADERS, b"{}")
        assert answer.status == 0
        assert answer.error == f"no connection to https://tenant.example:{sink.port} within 0.2 s"
        await client.close()
