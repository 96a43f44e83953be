"""Each process does what its roles say, and together they are one gateway."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from tests.processes.fleet import Prepared, fleet, posts

pytestmark = pytest.mark.asyncio(loop_scope="module")

APART = {"api": ["api"], "sender": ["sender"], "hooks": ["webhooks"]}


async def test_accepted_by_one_sent_by_another_told_by_a_third(prepared: Prepared, tmp_path: Path) -> None:
    async with fleet(prepared, tmp_path, APART) as at:
        await at.start()
        await at.hold(sender=2, api=0, hooks=0)
        await at.load(posts(200), "api")
        await at.posted()
        await at.all_delivered("api")
        assert await at.sent_twice() == 0
        for name in ("sender", "hooks"):
            with pytest.raises(aiohttp.ClientConnectorError):
                await at.api(name).list()
        assert (await at.gateways["hooks"].metrics()).value("webhook_tries_total", outcome="delivered") == 200
        for gateway in at.gateways.values():
            assert await gateway.terminate() == 0


async def test_binds_are_spread_and_move_when_their_owner_dies(prepared: Prepared, tmp_path: Path) -> None:
    roles = {name: ["api", "sender", "webhooks"] for name in ("a", "b")}
    async with fleet(prepared, tmp_path, roles, binds=2) as at:
        await at.start("a")
        await at.hold(a=2)
        await at.start("b")
        await at.hold(a=1, b=1)
        await at.load(posts(1500), "b", "a")
        await at.answered(300)
        await at.gateways["a"].kill9()
        await at.hold(b=2)
        await at.posted()
        await at.repeat_cut("b")
        await at.all_delivered("b")
        assert await at.sent_twice() <= 3 * 20
