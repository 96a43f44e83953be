"""What only shows when a setting is used: certificates, key sets and secrets whose files say something else.

What `serve` would fail on fails here, with its line, so that `check` and a reload know it before.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from gateway.config.config import Config
from gateway.config.files import Document
from gateway.config.lines import Place
from gateway.domain.words import Role
from gateway.errors import OperatorError, StoreError
from gateway.operators import smpp
from http_api.errors import CertificateError
from http_api.settings import JwtSettings, host_and_port
from storage.open import open_store


def try_all(document: Document, config: Config) -> None:
    """Complain about what can't be used. Opens no store and no connection."""
    try:
        open_store(config.store.url, document.folder)
    except StoreError as error:
        document.complain(("store", "url"), str(error))
    if config.redis.url:
        _try_redis(document, config)
    _try_process(document, config)
    _try_certificate(document, config)
    if config.jwt is not None:
        _try_tokens(document, config, config.jwt)
    _try_operators(document, config)
    _try_listeners(document, config)


def _try_operators(document: Document, config: Config) -> None:
    """A carrier that is this gateway itself would get everything back that it sends (jasmin#376)."""
    listeners = {name: host_and_port(getattr(config.http, name)) for name in ("listen", "admin_listen")}
    for index, operator in enumerate(config.operators):
        host, port = getattr(operator, "host", None), getattr(operator, "port", None)
        if not isinstance(host, str):
            continue  # a transport without an address
        for name, (own_host, own_port) in listeners.items():
            if port == own_port and _is_same(host, own_host):
                what = f"operator '{operator.id}': {host}:{port} is this gateway's own [http] {name}"
                document.complain(("operators", index, "port"), what, "write the carrier's address")
        if isinstance(operator, smpp.Config):
            _try_files(document, index, operator)


def _try_files(document: Document, index: int, operator: smpp.Config) -> None:
    """The certificates of one carrier: only an operator that can be made can be bound."""
    try:
        smpp.pool_config(operator)
    except OperatorError as error:
        place = ("operators", index, "tls_ca_file" if operator.tls_ca_file else "tls_cert_file")
        document.complain(place, str(error), "they are PEM files, the client's with its key")


def _try_listeners(document: Document, config: Config) -> None:
    """Two listeners on one port: the second would not open."""
    named: list[tuple[Place, str, str, int]] = [
        (("http", name), f"[http] {name}", *host_and_port(getattr(config.http, name)))
        for name in ("listen", "admin_listen")
    ]
    for index, operator in enumerate(config.operators):
        if isinstance(operator, smpp.Config) and operator.outbind_listen:
            what = f"operator '{operator.id}': outbind_listen"
            named.append((("operators", index, "outbind_listen"), what, *operator.outbind_address()))
    for number, (place, what, host, port) in enumerate(named):
        at = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        for _, other, other_host, other_port in named[:number]:
            if port == other_port != 0 and share_ports(host, other_host):
                document.complain(place, f"{what}: {at} is taken by {other}", "write another port")


def share_ports(host: str, other: str) -> bool:
    """Whether of two listeners on these hosts only one can have a port."""
    return _is_same(host, other) or _is_same(other, host)


def _is_same(host: str, own: str) -> bool:
    """Whether who connects to `host` arrives at a listener of `own`. Names are not resolved but for this machine's."""
    own_address, address = _address(own), _address(host)
    if own_address is None or address is None:
        return host.lower() == own.lower()
    if own and own_address.version != address.version:
        return False  # each listener takes connections of its own kind alone, but for one without a host
    if own_address.is_unspecified:
        return _is_ours(str(address))
    return address == own_address or (address.is_unspecified and own_address.is_loopback)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """An address as it is written; of names those that are this machine by agreement."""
    if host.lower() == "localhost":
        return ip_address("127.0.0.1")
    try:
        return ip_address(host or "0.0.0.0")  # an empty host listens on all addresses
    except ValueError:
        return None


def _is_ours(address: str) -> bool:
    """Whether an address is one of this machine's: then a socket can be bound to it. Nothing is sent."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


def _try_redis(document: Document, config: Config) -> None:
    from storage.redis.address import check_url  # the driver, which most configurations can do without

    try:
        check_url(config.redis.url)
    except StoreError as error:
        document.complain(("redis", "url"), str(error))
    if config.store.embedded:
        document.complain(
            ("redis", "url"),
            "[redis]: an embedded store has one process, which has nothing to share",
            "leave out [redis], or share a store of postgresql://...",
        )


def _try_process(document: Document, config: Config) -> None:
    missing = [role.value for role in Role if role not in config.process.roles]
    if config.store.embedded and missing:
        document.complain(
            ("process", "roles"),
            f"[process]: an embedded store has one process, and this one would leave out {' and '.join(missing)}",
            "leave out `roles`, or share a store of postgresql://...",
        )
    folder = config.path_of(config.process.journal_folder)
    if not config.store.embedded and folder.exists() and not folder.is_dir():
        document.complain(("process", "journal_folder"), f"[process]: {folder} is no folder", "name a folder")


def _try_certificate(document: Document, config: Config) -> None:
    try:
        config.http.tls_context()
    except CertificateError as error:
        document.complain(("http", error.setting), f"`{error.setting}`: {error.what}", error.hint)


def _try_tokens(document: Document, config: Config, jwt: JwtSettings) -> None:
    from http_api.tokens import read_key_set  # cryptography, which most configurations can do without

    if jwt.hs256_secret_file is not None and not Path(jwt.hs256_secret_file).read_bytes().strip():
        document.complain(
            ("auth", "jwt", "hs256_secret_file"), "[auth.jwt]: the secret is empty", "write one"
        )
    if jwt.jwks is None or "://" in jwt.jwks:
        return
    place = ("auth", "jwt", "jwks")
    try:
        keys = read_key_set(config.path_of(jwt.jwks).read_bytes())
    except OSError as error:
        document.complain(place, f"[auth.jwt]: {config.path_of(jwt.jwks)} can't be read ({error.strerror})")
    except ValueError as error:
        document.complain(place, f"[auth.jwt]: {config.path_of(jwt.jwks)} is no key set", str(error))
    else:
        if not keys:
            document.complain(
                place, f"[auth.jwt]: {config.path_of(jwt.jwks)} has no RSA or EC key to verify with"
            )
