"""Request ids for callers who bring none: `req_` and a ULID (48 bits of milliseconds, 80 random bits)."""

from __future__ import annotations

import random
import time
from functools import lru_cache
from typing import Final

_CROCKFORD: Final = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS: Final = [f"{a:c}{b:c}" for a in _CROCKFORD for b in _CROCKFORD]
_LETTER_OF_BYTE: Final = _CROCKFORD * 8  # five random bits of each byte choose a letter, all alike


def new_request_id(now_ms: int | None = None) -> str:
    """A new id of 30 characters; ids sort by the millisecond in which they were made."""
    at_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    # Unique is enough: nobody gains by guessing the next one, and the system's own source costs a call into it.
    tail = random.randbytes(16).translate(_LETTER_OF_BYTE).decode()
    return f"{_prefix(at_ms >> 10)}{_PAIRS[at_ms & 1023]}{tail}"


@lru_cache(maxsize=2)  # the letters that stay for a second
def _prefix(kibi_ms: int) -> str:
    letters = bytes([_CROCKFORD[kibi_ms >> shift & 31] for shift in range(35, -1, -5)])
    return f"req_{letters.decode()}"
