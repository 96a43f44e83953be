"""From a host to the addresses that may be connected to: resolved, every one of them checked, kept for a
moment.

The client connects to an address that came from here and never to a name, so that a name can't resolve to
one thing when it is checked and to another when it is used.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Sequence

from gateway.domain.addresses import is_private_host, is_private_ip, literal
from gateway.outbound.errors import PrivateAddress, Unresolved

KEEP_S = 30.0  #: how long an answer is used again
MAX_NAMES = 10_000  #: kept at once; callback URLs are the tenants' to invent

Lookup = Callable[[str], Awaitable[Sequence[str]]]
"""All addresses of a name. Raises `OSError`."""


async def system_lookup(host: str) -> list[str]:
    """Ask the system's resolver, in a thread."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Resolver:
    """Resolves and checks. `allow_private`: any address will do (development, tests)."""

    def __init__(
        self,
        *,
        allow_private: bool = False,
        lookup: Lookup = system_lookup,
        monotonic: Callable[[], float] = time.monotonic,
        max_names: int = MAX_NAMES,
    ) -> None:
        self._allow_private = allow_private
        self._lookup = lookup
        self._monotonic = monotonic
        self._max_names = max_names
        self._known: dict[str, tuple[float, list[str]]] = {}
        self._asking: dict[str, asyncio.Task[list[str] | str]] = {}

    async def addresses(self, host: str) -> list[str]:
        """Where to connect for a host, at least one address. Raises `PrivateAddress` or `Unresolved`."""
        if not self._allow_private and is_private_host(host):
            raise PrivateAddress(f"{host} is a private address")
        ip = literal(host)
        if ip is not None:
            return [str(ip)]
        known = self._known.get(host)
        if known is not None and known[0] > self._monotonic():
            return known[1]
        found = await self._ask(host)
        self._check(host, found)
        if len(self._known) >= self._max_names:
            self._known.clear()
        self._known[host] = (self._monotonic() + KEEP_S, found)
        return found

    async def _ask(self, host: str) -> list[str]:
        """One look-up per name at a time, whoever waits: a slow name server must not fill the resolver's
        threads."""
        task = self._asking.get(host)
        if task is None:
            task = self._asking[host] = asyncio.create_task(self._look_up(host))
            task.add_done_callback(lambda _: self._asking.pop(host))
        found = await asyncio.shield(task)
        if isinstance(found, str):
            raise Unresolved(f"{host} has no address: {found}")
        return found

    async def _look_up(self, host: str) -> list[str] | str:
        """The addresses, or why there are none: as a value, because everybody who waits may be gone by
        then."""
        try:
            return list(await self._lookup(host)) or "the resolver knows none"
        except (OSError, UnicodeError) as error:
            return str(error)

    def _check(self, host: str, addresses: list[str]) -> None:
        """One private address spoils the name: whoever mixes them is not to be trusted with the others."""
        if self._allow_private:
            return
        private = [address for address in addresses if is_private_ip(address)]
        if private:
            raise PrivateAddress(f"{host} resolves to the private address {private[0]}")
