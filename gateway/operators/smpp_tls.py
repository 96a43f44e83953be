"""The TLS of an SMPP operator: its files, read once, when its settings are made."""

from __future__ import annotations

import hashlib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from gateway.certificates import Term, term_of


@dataclass(frozen=True, slots=True)
class ClientTls:
    """What a bind trusts and shows. Two are equal when the files said the same: a reload compares them."""

    digest: bytes = b""  #: of what the files held
    context: ssl.SSLContext | None = field(default=None, compare=False, repr=False)  #: None: plain TCP
    fault: str = field(default="", compare=False)  #: why there is no context, though one is asked for
    term: Term | None = field(default=None, compare=False)  #: of our certificate; None: not known


def client_tls(
    ca_file: Path | None, cert_file: Path | None, minimum: ssl.TLSVersion, *, check_name: bool
) -> ClientTls:
    """Read the files of an operator. What is wrong with them is in `fault`: `check` tells it with its line."""
    # OpenSSL takes the client's chain from a file alone, so each file is opened twice here, for the digest first:
    # files renewed in between look changed at the next reload, which binds anew once too often, and never too seldom.
    authority, ours = _octets_of(ca_file), _octets_of(cert_file)
    digest = hashlib.sha256(hashlib.sha256(authority).digest() + hashlib.sha256(ours).digest()).digest()
    try:
        context = ssl.create_default_context(cafile=ca_file)
        context.minimum_version = minimum
        context.check_hostname = check_name
        if cert_file is not None:
            context.load_cert_chain(cert_file)
    except (OSError, ssl.SSLError) as error:
        return ClientTls(digest, fault=str(error))
    return ClientTls(digest, context, term=term_of(ours) if ours else None)


def _octets_of(file: Path | None) -> bytes:
    """What it holds now; one that can't be read counts as empty."""
    if file is not None:
        with suppress(OSError):
            return file.read_bytes()
    return b""
