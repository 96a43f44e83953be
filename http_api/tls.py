"""The certificate of an HTTPS listener: read whole or refused, and exchanged while connections are open."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateway.certificates import Term, term_of
from http_api.errors import CertificateError

CERT: Final = "tls_cert_file"
KEY: Final = "tls_key_file"


class Handshakes(ssl.SSLContext):
    """What a listener is opened with: each handshake is made by the context that was put in last, whole.

    A context that is loaded anew in its place could be left with a new certificate and the old key, and it would go on
    with the sessions of the old certificate, whose callers are never shown the new one.
    """

    present: ssl.SSLContext

    @classmethod
    def by(cls, present: ssl.SSLContext) -> Handshakes:
        """With `present` until another is put in."""
        handshakes = cls(ssl.PROTOCOL_TLS_SERVER)
        handshakes.present = present
        return handshakes

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """What asyncio and uvloop ask for at the beginning of each connection."""
        return self.present.wrap_bio(incoming, outgoing, server_side, server_hostname, session)


@dataclass(frozen=True, slots=True)
class ServerTls:
    """What a listener shows. Any two are equal: a reload exchanges it without a restart."""

    context: ssl.SSLContext | None = field(default=None, compare=False, repr=False)  #: None: no TLS
    term: Term | None = field(default=None, compare=False)  #: of the certificate; None: not known
    fault: CertificateError | None = field(default=None, compare=False)  #: why there is no context


def server_tls(cert: Path, key: Path) -> ServerTls:
    """Read the files of a listener, as they are now. What is wrong with them is in `fault`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2

    def no_passphrase() -> str:
        # Without this OpenSSL would ask for it at the terminal, and wait.
        raise CertificateError(KEY, f"{key} is encrypted", "write the key without a passphrase")

    try:
        # OpenSSL takes both from files alone, so the certificate's is opened twice: renewed in between, it is told
        # of by its earlier end until the next reload, which its renewal asks for anyhow.
        term = term_of(cert.read_bytes())
        context.load_cert_chain(cert, key, no_passphrase)
    except CertificateError as error:
        return ServerTls(fault=error)
    except (OSError, ssl.SSLError) as error:
        return ServerTls(fault=_explained(error, cert, key))
    return ServerTls(context, term)


def _explained(error: OSError, cert: Path, key: Path) -> CertificateError:
    """Which of both files is wrong: OpenSSL itself says `PEM lib` of either."""
    for setting, path, mark, kind in (
        (CERT, cert, b"CERTIFICATE-----", "certificate"),
        (KEY, key, b"PRIVATE KEY-----", "private key"),
    ):
        try:
            found = mark in path.read_bytes()
        except OSError as unreadable:
            what = f"{path} can't be read ({unreadable.strerror})"
            return CertificateError(setting, what, "both files must be there, and readable for the gateway")
        if not found:
            return CertificateError(setting, f"{path} holds no {kind}", "both are PEM files")
    reason = getattr(error, "reason", None) or error.strerror or str(error)
    if reason == "KEY_VALUES_MISMATCH":
        hint = "is the first certificate of the chain the server's own, and are both files of one renewal?"
        return CertificateError(KEY, f"{key} is not the key of {cert}", hint)
    return CertificateError(CERT, f"{cert} and {key} can't be used ({reason})", "is one of them cut off?")
