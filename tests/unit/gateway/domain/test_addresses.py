"""Private addresses: every range, every disguise, and public ones left alone."""

from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.addresses import is_private_host, is_private_ip, literal


def _words(text: str) -> list[str]:
    return text.split()


PRIVATE = _words("""
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.255.0.1 169.254.169.254
172.16.0.1 172.31.255.255 192.0.0.8 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.7
203.0.113.9 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.1.2.3 64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::1 100::1
2001::1 2001:db8::1 2002:7f00:1:: 2002:c0a8:101::1 3fff::1 5f00::1 fc00::1 fd12::1 fe80::1 fe80::1%eth0
fec0::1 ff02::1
""")

PUBLIC = _words("""
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 128.0.0.1 172.15.255.255 172.32.0.0
192.0.1.1 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255
2606:4700::1111 2a00:1450:4001::1 ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1
""")


@pytest.mark.parametrize("address", PRIVATE)
def test_private(address: str) -> None:
    assert is_private_ip(address)
    assert is_private_host(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert not is_private_ip(address)
    assert not is_private_host(address)


@pytest.mark.parametrize(
    "host",
    _words("""localhost LOCALHOST localhost. api.localhost [::1] [::ffff:7f00:1] 127.1 127.0.1 2130706433
    0x7f.1 0x7f000001 0177.0.0.1 017700000001 127.0.0.1. 0 10.1 3232235777"""),
)
def test_disguises_of_private_hosts(host: str) -> None:
    assert is_private_host(host)


@pytest.mark.parametrize(
    "host", _words("example.com 127.example.com 8.8.2056 134744072 0x08.8.8.8 1.2.3.4.5 256.1 0x1g 089.1")
)
def test_other_hosts_are_public_or_names(host: str) -> None:
    assert not is_private_host(host)


def test_an_empty_host_is_private() -> None:
    assert is_private_host("")


def test_what_is_no_address_is_an_error() -> None:
    with pytest.raises(ValueError, match="example"):
        is_private_ip("example.com")


@given(st.ip_addresses(v=4))
def test_disguise_changes_nothing(ip: IPv4Address) -> None:
    number = int(ip)
    for host in (str(number), hex(number), f"0{number:o}", f"{number >> 24}.{number & 0xFFFFFF}"):
        assert literal(host) == ip
        assert is_private_host(host) is is_private_ip(ip)
    assert is_private_ip(ip_address(f"::ffff:{ip}")) is is_private_ip(ip)


@given(st.text())
def test_any_text_is_judged(host: str) -> None:
    assert is_private_host(host) in (True, False)
