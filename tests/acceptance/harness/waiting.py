"""Waiting for a condition, with a picture of everything when it does not come."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any

PATIENCE_S = 60.0
_PAUSE_S = 0.02


async def eventually(
    look: Callable[[], Any], what: str, picture: Callable[[], str] = str, timeout_s: float = PATIENCE_S
) -> Any:
    """What `look`, a function or a coroutine function, gives as soon as it is true.

    Raises AssertionError with `what` and the picture after `timeout_s`.
    """
    end = time.monotonic() + timeout_s
    while True:
        seen = look()
        found = await seen if inspect.isawaitable(seen) else seen
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout_s:g} s for: {what}\nlast seen: {found!r}\n{picture()}")
        await asyncio.sleep(_PAUSE_S)
