"""The interop matrix: our gateway at SMSCs that are not ours, ESMEs that are not ours at our simulated carrier.

Each peer is started once for all its features, and once more for the end of the session.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from tests.wire.interop import (
    DATA,
    EMOJI,
    LONG,
    MATRIX,
    PORTS,
    SHORT,
    Cannot,
    Feature,
    Pair,
    Peer,
    joined,
)
from tests.wire.interop_ours import gateway_at
from tests.wire.interop_theirs import aiosmpplib_at_carrier, kannel_at_carrier, smpplib_at_carrier

pytestmark = pytest.mark.asyncio(loop_scope="module")

# SMPP 3.4, 5.2.19 has two numbers for octets; 0xF4 to 0xF7 are octets with a message class: 3GPP TS 23.038, 4.
EIGHT_BITS = {0x02, 0x04, 0xF4, 0xF5, 0xF6, 0xF7}

Opener = Callable[[Path], AbstractAsyncContextManager[Pair]]
OPENERS: dict[Peer, Opener] = {
    Peer.NODE: partial(gateway_at, Peer.NODE),
    Peer.TWISTED: partial(gateway_at, Peer.TWISTED),
    Peer.SMPPLIB: smpplib_at_carrier,
    Peer.AIOSMPPLIB: aiosmpplib_at_carrier,
    Peer.KANNEL: kannel_at_carrier,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=list(Peer))
async def met(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Peer, Pair]]:
    """A peer that is bound to one of ours."""
    peer: Peer = request.param
    async with OPENERS[peer](tmp_path_factory.mktemp(peer.name.lower())) as pair:
        yield peer, pair


async def bind(pair: Pair) -> None:
    assert pair.bound_as() == "transceiver"


async def short_text(pair: Pair) -> None:
    (part,) = await pair.text(SHORT)
    assert (part.text(), part.udhi) == (SHORT, False)


async def long_text(pair: Pair) -> None:
    parts = await pair.text(LONG)
    assert (len(parts), joined(parts)) == (2, LONG)


async def emoji(pair: Pair) -> None:
    (part,) = await pair.text(EMOJI)
    assert (part.text(), part.data_coding) == (EMOJI, 8)


async def flash(pair: Pair) -> None:
    (part,) = await pair.text(SHORT, flash=True)
    assert (part.text(), part.message_class) == (SHORT, 0)


async def binary(pair: Pair) -> None:
    (part,) = await pair.binary(PORTS, DATA)
    assert (part.octets, part.udhi) == (PORTS + DATA, True)
    assert part.data_coding in EIGHT_BITS


async def receipt(pair: Pair) -> None:
    assert await pair.receipt(SHORT) == "DELIVRD"


async def inbound(pair: Pair) -> None:
    assert "".join(await pair.inbound(LONG)) == LONG


async def inbound_joined(pair: Pair) -> None:
    given = await pair.inbound(LONG[::-1])
    if len(given) > 1:
        raise Cannot("hands each part to the application")
    assert given == [LONG[::-1]]


async def unbind(pair: Pair) -> None:
    await pair.text(SHORT)  # the session stands at both ends
    assert await pair.leave()


TRIALS: dict[Feature, Callable[[Pair], Awaitable[None]]] = {
    Feature.BIND: bind,
    Feature.SHORT: short_text,
    Feature.LONG: long_text,
    Feature.EMOJI: emoji,
    Feature.FLASH: flash,
    Feature.BINARY: binary,
    Feature.RECEIPT: receipt,
    Feature.INBOUND: inbound,
    Feature.JOINED: inbound_joined,
    Feature.UNBIND: unbind,
}


async def tried(peer: Peer, feature: Feature, pair: Pair) -> None:
    """Try it, and hold what happens against the table."""
    reason = ""
    async with asyncio.timeout(30):
        try:
            await TRIALS[feature](pair)
        except Cannot as cannot:
            reason = str(cannot)
    assert reason == MATRIX[peer][feature]


@pytest.mark.parametrize("feature", [feature for feature in Feature if feature is not Feature.UNBIND])
async def test_while_bound(met: tuple[Peer, Pair], feature: Feature) -> None:
    peer, pair = met
    await tried(peer, feature, pair)


@pytest.mark.parametrize("peer", list(Peer))
async def test_unbind(peer: Peer, tmp_path: Path) -> None:
    async with OPENERS[peer](tmp_path) as pair:
        await tried(peer, Feature.UNBIND, pair)


async def test_the_table_has_a_word_for_each() -> None:
    assert {peer: list(cells) for peer, cells in MATRIX.items()} == {peer: list(Feature) for peer in Peer}
    assert set(TRIALS) == set(Feature)
