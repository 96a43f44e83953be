"""Names to checked addresses: every address counts, answers are kept for a moment, a name is asked for
once."""

from __future__ import annotations

import asyncio
import socket

import pytest

from gateway.outbound import PrivateAddress, Resolver, Unresolved
from gateway.outbound.resolver import KEEP_S

PUBLIC = "93.184.215.14"


class Names:
    """A name server with a table; counts what it is asked."""

    def __init__(self, **names: list[str]) -> None:
        self.names = {name.replace("_", "."): addresses for name, addresses in names.items()}
        self.asked: list[str] = []
        self.come = asyncio.Event()
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self, host: str) -> list[str]:
        self.asked.append(host)
        self.come.set()
        await self.go.wait()
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return self.names[host]


class Now:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


async def test_every_address_is_checked() -> None:
    names = Names(good_example=[PUBLIC, "2606:4700::1111"], bad_example=[PUBLIC, "10.0.0.1"])
    resolver = Resolver(lookup=names)
    assert await resolver.addresses("good.example") == [PUBLIC, "2606:4700::1111"]
    for address in ("10.0.0.1", "::1", "::ffff:127.0.0.1", "fe80::1%eth0", "100.64.0.1"):
        names.names["bad.example"] = [PUBLIC, address]
        with pytest.raises(PrivateAddress, match="resolves to the private address"):
            await resolver.addresses("bad.example")


async def test_private_literals_are_not_even_asked_for() -> None:
    names = Names()
    for host in ("127.0.0.1", "localhost", "api.localhost", "0177.1", "::1"):
        with pytest.raises(PrivateAddress):
            await Resolver(lookup=names).addresses(host)
    assert names.asked == []


async def test_literals_are_their_own_address() -> None:
    names = Names()
    resolver = Resolver(lookup=names)
    assert await resolver.addresses(PUBLIC) == [PUBLIC]
    assert await resolver.addresses("0x5db8d70e") == [PUBLIC]
    assert await Resolver(allow_private=True, lookup=names).addresses("127.1") == ["127.0.0.1"]
    assert names.asked == []


async def test_answers_are_kept_for_a_moment() -> None:
    names, now = Names(a_example=[PUBLIC]), Now()
    resolver = Resolver(lookup=names, monotonic=now)
    await resolver.addresses("a.example")
    now.at += KEEP_S - 1
    await resolver.addresses("a.example")
    assert names.asked == ["a.example"]
    now.at += 2
    names.names["a.example"] = ["127.0.0.1"]
    with pytest.raises(PrivateAddress):
        await resolver.addresses("a.example")
    assert names.asked == ["a.example"] * 2


async def test_failures_are_not_kept() -> None:
    names = Names()
    resolver = Resolver(lookup=names)
    with pytest.raises(Unresolved, match=r"a\.example has no address: .*Name or service not known"):
        await resolver.addresses("a.example")
    names.names["a.example"] = []
    with pytest.raises(Unresolved, match="knows none"):
        await resolver.addresses("a.example")
    names.names["a.example"] = [PUBLIC]
    assert await resolver.addresses("a.example") == [PUBLIC]


async def test_a_name_is_asked_for_once_at_a_time() -> None:
    names = Names(a_example=[PUBLIC])
    names.go.clear()
    resolver = Resolver(lookup=names)
    waiting = [asyncio.create_task(resolver.addresses("a.example")) for _ in range(5)]
    await names.come.wait()
    waiting.pop().cancel()  # the others still get their answer
    names.go.set()
    assert await asyncio.gather(*waiting) == [[PUBLIC]] * 4
    assert names.asked == ["a.example"]


async def test_memory_is_bounded() -> None:
    names = Names()
    names.names = {f"{n}.example": [PUBLIC] for n in range(12)}
    resolver = Resolver(lookup=names, max_names=10)
    for host in names.names:
        await resolver.addresses(host)
    await resolver.addresses("0.example")
    assert names.asked.count("0.example") == 2


async def test_the_systems_resolver() -> None:
    assert "127.0.0.1" in await Resolver(allow_private=True).addresses("localhost")
    with pytest.raises(Unresolved, match="has no address"):
        await Resolver(allow_private=True).addresses("a" * 64 + ".invalid")
