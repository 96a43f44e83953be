"""URLs as the client uses them: where to connect, and how a request to them begins."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

from gateway.outbound.errors import BadUrl

DEFAULT_PORTS = {"http": 80, "https": 443}

# RFC 3986: what may stand in a path or a query as it is; "%" because what is escaped stays so.
_PATH_SAFE = "/%:@!$&'()*+,;=-._~"
_QUERY_SAFE = _PATH_SAFE + "?"


class Origin(NamedTuple):
    """What a connection leads to."""

    scheme: str
    host: str  #: lower case, ASCII, without the brackets of an IPv6 literal
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart once. `head`: the first lines of a POST to it, up to where other headers follow."""

    url: str
    origin: Origin
    head: str


@lru_cache(maxsize=10_000)  # callback URLs are the tenants' to invent
def target_of(url: str) -> Target:
    """Take a URL apart. Raises `BadUrl`."""
    try:
        return _taken_apart(url)
    except ValueError as error:  # among them UnicodeError: half a surrogate pair
        raise BadUrl(f"the URL can't be read: {error}") from error


def _taken_apart(url: str) -> Target:
    parts = urlsplit(url)
    default_port = DEFAULT_PORTS.get(parts.scheme)
    if default_port is None:
        raise BadUrl("the URL must begin with http:// or https://")
    if parts.port == 0:
        raise BadUrl("the URL's port must be from 1 to 65535")
    host = _ascii_host(parts.hostname or "")
    origin = Origin(parts.scheme, host, parts.port or default_port)
    path = quote(parts.path or "/", safe=_PATH_SAFE)
    if parts.query:
        path += "?" + quote(parts.query, safe=_QUERY_SAFE)
    name = f"[{host}]" if ":" in host else host
    if origin.port != default_port:
        name += f":{origin.port}"
    head = f"POST {path} HTTP/1.1\r\nhost: {name}\r\n"
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        head += f"authorization: Basic {b64encode(pair.encode()).decode()}\r\n"
    return Target(url, origin, head)


def redirected(source: Target, location: str) -> Target:
    """The target that a redirect names. Raises `BadUrl`, also where it would leave TLS behind."""
    target = target_of(urljoin(source.url, location))
    if source.origin.scheme == "https" and target.origin.scheme != "https":
        raise BadUrl("it redirects from https to http, which would send the event in the clear")
    return target


def _ascii_host(host: str) -> str:
    """A host as DNS and the host header want it. Raises `BadUrl`, or `UnicodeError` for what is no name."""
    name = host if host.isascii() else host.encode("idna").decode()
    if not name or len(name) > 253 or not all(sign.isalnum() or sign in "-._:%" for sign in name):
        raise BadUrl("the URL needs a host name or an address")
    return name.lower()
