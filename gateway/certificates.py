"""How long a certificate is good for: of our own ones, which somebody has to renew in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

NOTICE = timedelta(days=30)
"""For how long before its end a certificate is told of, at most: some are bought, and that takes weeks."""


@dataclass(frozen=True, slots=True)
class Term:
    """When a certificate begins and ends to be good, aware UTC."""

    begins_at: datetime
    ends_at: datetime

    @property
    def due_at(self) -> datetime:
        """When it should have been renewed. Programs that renew by themselves do it when a third of a certificate's
        time is left: at a quarter they have failed, however short it is.
        """
        return self.ends_at - min(NOTICE, (self.ends_at - self.begins_at) / 4)


def term_of(pem: bytes) -> Term | None:
    """Of the first certificate of a PEM file, which is the holder's own: its issuers' come behind it (RFC 8446, 4.4.2).

    None where there is none, or none that can be read.
    """
    from cryptography import x509  # most configurations can do without it

    try:
        own = x509.load_pem_x509_certificates(pem)[0]
    except ValueError:  # OpenSSL, which serves it, is content with more than this reader
        return None
    return Term(own.not_valid_before_utc, own.not_valid_after_utc)
