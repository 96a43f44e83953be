"""Too few file descriptors: connections are not taken for a while, and nothing else happens."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.acceptance.harness.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

MORE = 8


@contextmanager
def few_descriptors(pid: int) -> Iterator[None]:
    """Let a process open a few more files than it has open."""
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    most = 1 + max(int(each.name) for each in Path(f"/proc/{pid}/fd").iterdir())
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (most + MORE, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


async def test_no_descriptor_left(fresh: World) -> None:
    """More callers than there is room for, a bind to be made anew, a webhook to be delivered."""
    callers: list[asyncio.StreamWriter] = []
    await fresh.status(await fresh.api.sent(to="+447700971101"), "DELIVERED")  # its connections are open
    with few_descriptors(fresh.gateway.pid):
        for _ in range(4 * MORE):
            _, writer = await asyncio.open_connection("127.0.0.1", fresh.gateway.port)
            callers.append(writer)
        await fresh.smsc.order("drop")
        waiting = await fresh.api.sent(to="+447700971102")
        assert fresh.gateway.running
    for writer in callers:
        writer.close()
    await fresh.status(waiting, "DELIVERED")
    await fresh.hook(waiting, "message.delivered")
    await fresh.status(await fresh.api.sent(to="+447700971103"), "DELIVERED")
    assert len(fresh.gateway.events("serving")) == 1, "it is the same process"
