"""Trusted proxies, and what X-Forwarded-For is worth behind them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from http_api.proxies import TrustedProxies

PROXIES = TrustedProxies(["10.0.0.0/8", "2001:db8::1"])


@pytest.mark.parametrize(
    ("address", "trusted"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("2001:db8::1", True),
        ("2001:db8::2", False),
        ("11.0.0.1", False),
        ("", False),
        ("unix", False),
    ],
)
def test_who_is_trusted(address: str, trusted: bool) -> None:
    assert PROXIES.trusts(address) is trusted
    assert PROXIES.trusts(address) is trusted, "and again, from memory"


def test_nobody_is_trusted_by_default() -> None:
    assert not TrustedProxies(()).trusts("127.0.0.1")


@pytest.mark.parametrize(
    ("remote", "forwarded", "caller"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "198.51.100.7:4711", "198.51.100.7"),
        ("10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("10.0.0.1", "198.51.100.7, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", ",,,", "10.0.0.1"),
    ],
)
def test_the_first_address_that_no_trusted_hop_has_vouched_for(
    remote: str, forwarded: str | None, caller: str
) -> None:
    assert PROXIES.caller_address(remote, forwarded) == caller


@given(st.text(max_size=200))
def test_any_header_gives_an_address_or_the_peer(header: str) -> None:
    assert PROXIES.caller_address("203.0.113.9", header) == "203.0.113.9"
    assert PROXIES.caller_address("10.0.0.1", header)


def test_invented_addresses_do_not_fill_the_memory() -> None:
    proxies = TrustedProxies(["10.0.0.0/8"])
    for number in range(10_001):
        proxies.trusts(f"192.0.2.{number}")
    assert len(proxies._known) <= 10_000
