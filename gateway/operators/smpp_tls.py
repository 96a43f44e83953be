"""The TLS of an SMPP operator: its files, read once, when its settings are made."""

from __future__ import annotations

import hashlib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ClientTls:
    """What a bind trusts and shows. Two are equal when the files said the same: a reload compares them."""

    digest: bytes = b""  #: of what the files held
    context: ssl.SSLContext | None = field(default=None, compare=False, repr=False)  #: None: plain TCP
    fault: str = field(default="", compare=False)  #: why there is no context, though one is asked for


def client_tls(
    ca_file: Path | None, cert_file: Path | None, minimum: ssl.TLSVersion, *, check_name: bool
) -> ClientTls:
    """Read the files of an operator. What is wrong with them is in `fault`: `check` tells it with its line."""
    # OpenSSL takes the client's chain from a file alone, so each file is opened twice here, for the digest first:
    # files renewed in between look changed at the next reload, which binds anew once too often, and never too seldom.
    digest = _digest_of(ca_file, cert_file)
    try:
        context = ssl.create_default_context(cafile=ca_file)
        context.minimum_version = minimum
        context.check_hostname = check_name
        if cert_file is not None:
            context.load_cert_chain(cert_file)
    except (OSError, ssl.SSLError) as error:
        return ClientTls(digest, fault=str(error))
    return ClientTls(digest, context)


def _digest_of(*files: Path | None) -> bytes:
    """Of what the files hold now; one that can't be read counts as empty."""
    digest = hashlib.sha256()
    for file in files:
        octets = b""
        if file is not None:
            with suppress(OSError):
                octets = file.read_bytes()
        digest.update(hashlib.sha256(octets).digest())
    return digest.digest()
