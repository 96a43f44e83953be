"""Ids: UUIDv7 for everything that is stored, and the segment ids that follow from a message's id.

A message id is 16 bytes inside the gateway and text at its edges. Its last byte is zero: segment `n` (from
0) has the message's id with `n` in the last byte, so that each segment has an id of its own from acceptance
and either is found from the other without a look-up. Segment 0's id is the message's.
"""

from __future__ import annotations

import random
import struct
import uuid
import zlib
from binascii import hexlify
from datetime import UTC, datetime

MAX_SEGMENTS = 256

_pack = struct.Struct(">QQ").pack
_groups = struct.Struct("8s4s4s4s12s").unpack


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Latest:
    """The first half of the id that was made last: time, version and counter as one number."""

    half = 0


def new_id(now: datetime) -> bytes:
    """A new UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, a 12 bit counter, random bits, a zero byte.

    Ids made by one process sort in the order in which they were made, also within a millisecond and also
    when the clock steps back.
    """
    past = now - _EPOCH  # in whole numbers: half the cost of `timestamp`
    ms = past.days * 86_400_000 + past.seconds * 1000 + past.microseconds // 1000
    half = ms << 16 | 0x7000
    if half <= _Latest.half:
        half = _Latest.half + 1
        if half & 0x8000:  # 4,096 ids in one millisecond: borrow from the next one
            half += 0xF000
    _Latest.half = half
    # Unique is enough, for an id is no permission: the system's own source would cost a call into it each time.
    # The variant 0b10, 54 random bits, the zero byte.
    return _pack(half, 1 << 63 | random.getrandbits(54) << 8)


def first_id_at(when: datetime) -> bytes:
    """The smallest id that a message accepted at `when` can have: a bound for look-ups by time."""
    return int(when.timestamp() * 1000).to_bytes(6, "big") + b"\x70\x00\x80" + bytes(7)


def made_at(id_: bytes) -> datetime:
    """When the id was made, to the millisecond."""
    return datetime.fromtimestamp(int.from_bytes(id_[:6], "big") / 1000, UTC)


def text(id_: bytes) -> str:
    """The usual 36 characters: `018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e00`."""
    return b"-".join(_groups(hexlify(id_))).decode()


def parse(value: str) -> bytes | None:
    """The 16 bytes of a UUID in the 36 or 32 character form; None when `value` is no UUID."""
    if len(value) not in (32, 36):
        return None
    try:
        return uuid.UUID(value).bytes
    except ValueError:
        return None


def user_reference(message_id: bytes, part: int) -> int:
    """Our own 16 bit reference of a part, for protocols that bring it back with the receipt. Not unique."""
    return zlib.crc32(message_id + bytes((part & 0xFF,))) & 0xFFFF


def segment_id(message_id: bytes, index: int) -> bytes:
    """The id of segment `index`, from 0."""
    return message_id[:15] + bytes((index,))


def message_of(segment_id_: bytes) -> bytes:
    """The id of the message that a segment belongs to."""
    return segment_id_[:15] + b"\x00"
