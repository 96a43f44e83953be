"""The certificate of a listener: what files can't be used, and how it is exchanged."""

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from http_api.errors import CertificateError
from http_api.server import HttpServer
from http_api.settings import HttpSettings
from http_api.tls import CERT, KEY
from tests.certificates import make_certificate
from tests.unit.http_api.test_server import StartServer, post, start_server

__all__ = ["start_server"]


@pytest.fixture
def files(tmp_path: Path) -> HttpSettings:
    """With a certificate and its key."""
    make_certificate(tmp_path)
    return settings_of(tmp_path)


def settings_of(folder: Path) -> HttpSettings:
    """What its certificate and key are now."""
    return HttpSettings(tls_cert_file=str(folder / "cert.pem"), tls_key_file=str(folder / "key.pem"))


def context_of(settings: HttpSettings) -> ssl.SSLContext:
    """What a listener is opened with."""
    context = settings.tls_context()
    assert context is not None
    return context


def test_no_tls_without_a_certificate() -> None:
    assert HttpSettings().tls_context() is None
    assert HttpSettings().certificate_term is None


def test_the_files_are_read_when_the_settings_are_made(files: HttpSettings, tmp_path: Path) -> None:
    """And not again: what was tried is what is shown, whatever has become of them."""
    made, term = context_of(files), files.certificate_term
    assert term is not None
    renewed = tmp_path / "renewed"
    renewed.mkdir()
    make_certificate(renewed, ends_at=term.ends_at + timedelta(days=90))
    other = settings_of(renewed)
    for file in ("cert.pem", "key.pem"):
        (tmp_path / file).unlink()
        (renewed / file).write_text("cut off")
    assert context_of(files) is made
    taken = files.with_certificate_of(other)
    assert taken.certificate_term is not None
    assert taken.certificate_term.ends_at == term.ends_at + timedelta(days=90)
    assert context_of(taken) is context_of(other)
    assert taken.tls_cert_file == other.tls_cert_file
    assert taken == files.model_copy(update={name: getattr(other, name) for name in (CERT, KEY)})


def test_what_can_t_be_used_is_told_with_its_file_and_setting(files: HttpSettings, tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    whole, private = cert.read_bytes(), key.read_bytes()
    make_certificate(tmp_path)
    other = key.read_bytes()
    encrypted = load_pem_private_key(private, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    wrong = [
        (b"nonsense", private, f"[http] tls_cert_file: {cert} holds no certificate: both are PEM files"),
        (whole, b"", f"[http] tls_key_file: {key} holds no private key: both are PEM files"),
        (whole, whole, f"[http] tls_key_file: {key} holds no private key: both are PEM files"),
        (whole, other, f"[http] tls_key_file: {key} is not the key of {cert}: "),
        (whole, encrypted, f"[http] tls_key_file: {key} is encrypted: write the key without a passphrase"),
        (whole[:-40], private, f"[http] tls_cert_file: {cert} and {key} can't be used ("),
        (whole, private[:-40], f"[http] tls_cert_file: {cert} and {key} can't be used ("),
        (None, private, f"[http] tls_cert_file: {cert} can't be read (No such file or directory): "),
        (whole, None, f"[http] tls_key_file: {key} can't be read (No such file or directory): "),
    ]
    for first, second, said in wrong:
        for path, octets in ((cert, first), (key, second)):
            path.unlink(missing_ok=True)
            if octets is not None:
                path.write_bytes(octets)
        with pytest.raises(CertificateError) as caught:
            settings_of(tmp_path).tls_context()
        assert str(caught.value).startswith(said)


def handshake(port: int, trust: ssl.SSLContext, session: ssl.SSLSession | None = None) -> ssl.SSLSocket:
    """A caller's connection, with one request answered on it."""
    bare = socket.create_connection(("127.0.0.1", port), timeout=20)
    caller = trust.wrap_socket(bare, server_hostname="localhost", session=session)
    ask(caller)
    return caller


def ask(caller: ssl.SSLSocket) -> None:
    """One more request on a connection."""
    caller.sendall(post(b"hello", close=False))
    answer = b""
    while not answer.endswith(b"hello"):
        got = caller.recv(4096)
        assert got, answer
        answer += got


def serial_of(caller: ssl.SSLSocket) -> int:
    """Of the certificate that the server has shown."""
    shown = caller.getpeercert()
    assert shown is not None
    return int(str(shown["serialNumber"]), 16)


def trusting(folder: Path, *, tls: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
    """Of a caller that knows the certificate in this folder."""
    trust = ssl.create_default_context(cafile=str(folder / "cert.pem"))
    trust.maximum_version = tls
    return trust


async def test_a_new_certificate_is_for_new_connections_and_the_open_ones_go_on(
    start_server: StartServer, files: HttpSettings, tmp_path: Path
) -> None:
    server: HttpServer = await start_server(settings=files, tls=context_of(files))
    before = await asyncio.to_thread(handshake, server.port, trusting(tmp_path))
    make_certificate(tmp_path, serial=2)
    between = await asyncio.to_thread(handshake, server.port, before.context)
    server.take_certificate(context_of(settings_of(tmp_path)))
    after = await asyncio.to_thread(handshake, server.port, trusting(tmp_path))
    assert [serial_of(caller) for caller in (before, between, after)] == [1, 1, 2]
    for caller in (before, between, after):
        await asyncio.to_thread(ask, caller)
        caller.close()


async def test_a_session_of_the_old_certificate_is_not_taken_up_again(
    start_server: StartServer, files: HttpSettings, tmp_path: Path
) -> None:
    """Or its caller would never be shown the new one. Before, a session is: it spares both sides work."""
    server: HttpServer = await start_server(settings=files, tls=context_of(files))
    trust = trusting(tmp_path, tls=ssl.TLSVersion.TLSv1_2)
    first = await asyncio.to_thread(handshake, server.port, trust)
    second = await asyncio.to_thread(handshake, server.port, trust, first.session)
    make_certificate(tmp_path, serial=2)
    trust.load_verify_locations(tmp_path / "cert.pem")
    server.take_certificate(context_of(settings_of(tmp_path)))
    third = await asyncio.to_thread(handshake, server.port, trust, first.session)
    assert [caller.session_reused for caller in (first, second, third)] == [False, True, False]
    assert serial_of(third) == 2
    for caller in (first, second, third):
        caller.close()
