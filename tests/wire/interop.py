"""The interop matrix: what is tried between ours and each SMPP that is not ours, and what each of those can do.

`MATRIX` is the table. A peer of which it says "no" is asked all the same, and has to raise `Cannot` with that reason:
so no cell is left out unseen, and a peer that learns something makes its test fail.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from smpplib.gsm import GSM_CHARACTER_TABLE

SHORT = "Your code is 493817 @ 5\u20ac [ok]."
LONG = "It is a truth universally acknowledged, that a single man in possession of a good fortune. " * 2
EMOJI = "Ready \U0001f44d\U0001f3fd \u2764\ufe0f na\u00efve?"
PORTS = bytes.fromhex("0605040b8423f0")  #: a user data header: to port 2948 of the phone
DATA = bytes([0x01, 0x06, 0x00, 0xAE, 0x02, 0x05, 0xFF, 0x1B, 0x7F, 0x80])
PATIENCE_S = 60.0


class Feature(enum.StrEnum):
    """What is tried, in this order."""

    BIND = "bind"
    SHORT = "short text"
    LONG = "long text"
    EMOJI = "emoji"
    FLASH = "flash"
    BINARY = "binary with UDH"
    RECEIPT = "receipt"
    INBOUND = "inbound long text"
    JOINED = "inbound, joined"
    UNBIND = "unbind"


class Peer(enum.StrEnum):
    """Who is met: SMSCs by our gateway, ESMEs by our simulated carrier."""

    NODE = "npm smpp"
    TWISTED = "smpp.twisted3"
    SMPPLIB = "smpplib"
    AIOSMPPLIB = "aiosmpplib"
    KANNEL = "Kannel"


ALL: dict[Feature, str] = dict.fromkeys(Feature, "")
"""A peer that can do everything. Otherwise the reason why it can't."""

MATRIX: dict[Peer, dict[Feature, str]] = {
    Peer.NODE: ALL,
    Peer.TWISTED: ALL,
    Peer.SMPPLIB: ALL | {Feature.JOINED: "hands each part to the application"},
    Peer.AIOSMPPLIB: ALL
    | {
        Feature.FLASH: "its table of data_coding has no message class",
        Feature.BINARY: "takes text alone, and makes every header itself",
    },
    Peer.KANNEL: ALL,
}


class Cannot(Exception):
    """The peer has no way to do this; the text is its reason in the table."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """One submit_sm as the SMSC has got it."""

    octets: bytes
    data_coding: int
    udhi: bool

    @property
    def message_class(self) -> int | None:
        """3GPP TS 23.038, 4."""
        has_class = self.data_coding & 0xF0 == 0xF0 or self.data_coding & 0xD0 == 0x10
        return self.data_coding & 0x03 if has_class else None

    def text(self) -> str:
        """Read without our own code: the table is smpplib's."""
        octets = self.octets[1 + self.octets[0] :] if self.udhi else self.octets
        alphabet = self.data_coding & 0x0C if self.data_coding < 0xF0 else 0
        return octets.decode("utf-16-be") if alphabet == 0x08 else _gsm(octets)


def _gsm(octets: bytes) -> str:
    """GSM 03.38, a septet in each octet; the second half of the table is the extension."""
    signs, escaped = [], False
    for octet in octets:
        if not escaped and octet == 0x1B:
            escaped = True
            continue
        signs.append(GSM_CHARACTER_TABLE[octet + 0x80 * escaped])
        escaped = False
    return "".join(signs)


def joined(parts: list[Submitted]) -> str:
    """The text of parts with a header that joins them by an 8-bit reference. 3GPP TS 23.040, 9.2.3.24.1."""
    assert {part.udhi for part in parts} == {True}
    references = {part.octets[:4] for part in parts}
    assert len(references) == 1
    assert references.pop()[:3] == b"\x05\x00\x03"
    assert [part.octets[4:6] for part in parts] == [bytes([len(parts), n + 1]) for n in range(len(parts))]
    return "".join(part.text() for part in parts)


class Pair(Protocol):
    """One of ours and one that is not, bound to each other. Each method waits until it has happened."""

    def bound_as(self) -> str:
        """The kind of bind that the SMSC has seen."""

    async def text(self, text: str, flash: bool = False) -> list[Submitted]:
        """The ESME sends a text; what the SMSC has got, in order."""

    async def binary(self, header: bytes, data: bytes) -> list[Submitted]:
        """The ESME sends octets that are no text, with a user data header."""

    async def receipt(self, text: str) -> str:
        """The ESME sends a text and hears its end, which the SMSC sees acknowledged: the state in the ESME's words."""

    async def inbound(self, text: str) -> list[str]:
        """The SMSC delivers a text of a person in parts and sees them acknowledged: what the application behind the
        ESME was given, one by one."""

    async def leave(self) -> bool:
        """The ESME ends the session: whether the SMSC has seen an unbind."""


async def until(condition: Callable[[], object]) -> None:
    """Wait for a state of another process or thread; 20 seconds without it fail the test."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - no event of ours tells it
            await asyncio.sleep(0.005)
