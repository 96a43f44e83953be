"""Which addresses a tenant's URL must not reach: this machine, this network, what is no host out there.

Pure: literals and addresses only. A name says nothing until it is resolved; whoever connects resolves it,
asks `is_private_ip` for every address and connects to the address that was asked about (gateway.outbound).
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# The special-purpose registries of IANA (RFC 6890 and later), where they are not globally reachable, and
# multicast and reserved space. Written out because Python's own `is_global` changes with its version.
_PRIVATE_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network, RFC 791
        "10.0.0.0/8",  # RFC 1918
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, where clouds keep their metadata
        "172.16.0.0/12",  # RFC 1918
        "192.0.0.0/24",  # IETF protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "192.168.0.0/16",  # RFC 1918
        "198.18.0.0/15",  # benchmarks, RFC 2544
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and the broadcast address
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")  # all that IANA has given out for unicast; everything else is refused
_PRIVATE_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # IETF protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation, RFC 9637
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_LOCAL_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")
# What inet_aton takes for an address, and so some resolvers: 127.1, 2130706433, 0x7f.0.0.1, 0177.0.0.1.
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")


def is_private_ip(address: str | IPv4Address | IPv6Address) -> bool:
    """Whether an address is not a single host on the public internet.

    An IPv6 address that carries an IPv4 one (mapped, 6to4, NAT64) is judged by that one. Raises `ValueError`
    when `address` is no address.
    """
    ip = ip_address(address.partition("%")[0]) if isinstance(address, str) else address
    if isinstance(ip, IPv4Address):
        return any(ip in network for network in _PRIVATE_V4)
    inner = ip.ipv4_mapped or ip.sixtofour
    if inner is None and ip in _NAT64:
        inner = IPv4Address(int(ip) & 0xFFFF_FFFF)
    if inner is not None:
        return is_private_ip(inner)
    return ip not in _GLOBAL_V6 or any(ip in network for network in _PRIVATE_V6)


def is_private_host(host: str) -> bool:
    """Whether the host of a URL names a private address by itself, in any of the forms that resolvers take.

    False for a name that must be resolved first. `host` may have the brackets of an IPv6 literal.
    """
    name = host.strip("[]").rstrip(".").lower()
    if not name or name in _LOCAL_NAMES or name.endswith(".localhost"):
        return True
    ip = literal(name)
    return ip is not None and is_private_ip(ip)


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host is written as, odd IPv4 forms included; None for a name."""
    try:
        return ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return _loose_v4(host)


def _loose_v4(host: str) -> IPv4Address | None:
    """What inet_aton reads: one to four numbers, decimal, octal or hexadecimal; the last fills the rest."""
    words = host.split(".")
    if len(words) > 4 or not all(_NUMBER.fullmatch(word) for word in words):
        return None
    try:
        numbers = [_number(word) for word in words]
    except ValueError:
        return None
    *leading, last = numbers
    if any(number > 0xFF for number in leading) or last >= 1 << (8 * (4 - len(leading))):
        return None
    value = last
    for place, number in enumerate(leading):
        value |= number << (8 * (3 - place))
    return IPv4Address(value)


def _number(word: str) -> int:
    if word[:2] in ("0x", "0X"):
        return int(word[2:] or "0", 16)
    return int(word, 8 if word.startswith("0") else 10)
