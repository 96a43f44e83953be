"""Which peers are API gateways of our own, and the caller's address behind them."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence


class TrustedProxies:
    """The networks of `http.trusted_proxies`. Only what stands in them may speak for others."""

    def __init__(self, networks: Sequence[str]) -> None:
        self._networks = tuple(ipaddress.ip_network(network) for network in networks)
        self._known: dict[str, bool] = {}

    def trusts(self, address: str) -> bool:
        """Whether the peer at this address is one of them."""
        if not self._networks:
            return False
        known = self._known.get(address)
        if known is None:
            if len(self._known) >= 10_000:  # addresses are the callers' to choose
                self._known.clear()
            known = self._known[address] = self._contains(address)
        return known

    def caller_address(self, remote: str, forwarded_for: str | None) -> str:
        """The address that a key's `allow_from` is held against.

        X-Forwarded-For is read from its end, as long as each hop is trusted: what stands before the first untrusted
        hop is that hop's invention.
        """
        if forwarded_for is None or not self.trusts(remote):
            return remote
        address = remote
        for hop in reversed(forwarded_for[-4096:].split(",")):
            candidate = _address(hop)
            if candidate is None:
                break
            address = candidate
            if not self.trusts(address):
                break
        return address

    def _contains(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
        return any((mapped or ip) in network for network in self._networks)


def _address(hop: str) -> str | None:
    """An entry of X-Forwarded-For as an address; None when it is none. Some proxies add a port."""
    text = hop.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
