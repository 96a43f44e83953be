"""Programs that a test runs to their end."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process


async def output_of(process: Process, within_s: float) -> tuple[str, str]:
    """What it has written to both of its pipes when it has ended; it is killed when its time is over."""
    try:
        async with asyncio.timeout(within_s):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return out.decode(), (err or b"").decode()
