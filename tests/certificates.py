"""Certificates for tests of TLS: each signed by itself, for `localhost`."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def make_certificate(
    folder: Path, serial: int = 1, ends_at: datetime | None = None, life: timedelta = timedelta(days=365)
) -> None:
    """`cert.pem` and its `key.pem`, in place of those that are there. It ends tomorrow, or when it is said to."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"certificate {serial}")])
    ends_at = ends_at or datetime.now(UTC) + timedelta(days=1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), serial)
        .not_valid_before(ends_at - life)
        .not_valid_after(ends_at)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(*form))


async def serial_shown(port: int) -> int:
    """Of the certificate that a listener of this machine shows to who connects now."""
    shown = await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", port), timeout=20)
    return x509.load_pem_x509_certificate(shown.encode()).serial_number
