"""When a certificate ends: of our own ones, which somebody has to renew in time."""

from __future__ import annotations

from datetime import datetime


def end_of(pem: bytes) -> datetime | None:
    """When the first certificate of a PEM file ends, which is the holder's own: its issuers' come behind it (RFC 8446,
    4.4.2). Aware UTC; None where there is none, or none that can be read.
    """
    from cryptography import x509  # most configurations can do without it

    try:
        return x509.load_pem_x509_certificates(pem)[0].not_valid_after_utc
    except ValueError:  # OpenSSL, which serves it, is content with more than this reader
        return None
